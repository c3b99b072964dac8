"""How functions are compiled that only other compiled functions call.

From Python they are the plain functions that they are written as, which fail there where they take a machine
instruction. Without wrappers for Python each is compiled once instead of three times.
"""

from typing import Any, Final

from numba.extending import register_jitable

_only_inner: Final = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

inner: Final[Any] = register_jitable(**_only_inner)
inlined: Final[Any] = register_jitable(**_only_inner, forceinline=True)
"""Inlined into the caller's loop over lanes: a call would keep it from being vectorised."""
