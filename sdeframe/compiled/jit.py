"""How functions are compiled: those that Python calls, and those that only other compiled functions call.

From Python the latter are the plain functions that they are written as, which fail there where they take a machine
instruction. Without wrappers for Python each is compiled once instead of three times.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from numba import config, njit
from numba.extending import register_jitable

from sdeframe.compiled.cache import cache_folder
from sdeframe.compiled.kept_code import KeptCode

_numba: Final[Any] = config
_only_outer: Final[Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_only_inner: Final = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

inner: Final[Any] = register_jitable(**_only_inner)
inlined: Final[Any] = register_jitable(**_only_inner, forceinline=True)
"""Inlined into the caller's loop over lanes: a call would keep it from being vectorised."""


def check_compiler() -> None:
    """Raise ValueError where numba is told not to compile: kernels are machine code, with no other form."""
    if _numba.DISABLE_JIT:
        raise ValueError("NUMBA_DISABLE_JIT is set, and trajectories run as compiled code only: unset it, start anew")


def outer(types: str | None = None) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator for functions that Python calls, compiled at once where the types of arguments are given.

    Machine code is kept beside generated source in the private folder, whose name tells all that it depends on.
    """

    def compiled(function: Callable[..., Any]) -> Any:
        dispatcher = njit(**_only_outer)(function)
        if Path(function.__code__.co_filename).parent == cache_folder():
            dispatcher._cache = KeptCode(function)
        if types is not None:
            dispatcher.compile(types)
            dispatcher.disable_compile()
        return dispatcher

    return compiled
