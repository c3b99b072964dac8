"""Values as text that is the same in every process."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import attrs
import numpy as np
import sympy as sp
from sympy.printing.repr import ReprPrinter

from sdeframe.sources import HELD, PACKAGE


def described(value: Any) -> str:
    """Return a value as text that is the same in every process, and another one for another value.

    Known are text, numbers, None, arrays, symbolic expressions, objects of attrs classes (their fields, and the source
    of their module where it is not part of sdeframe), and lists, tuples and mappings of these; a mapping's order does
    not count.

    Raises
    ------
    TypeError
        If a value is of another kind, or is an object that is no attrs class.
    ValueError
        If the source of a class cannot be found.
    """
    if isinstance(value, (sp.Basic, sp.MatrixBase)):
        return str(_Printer().doprint(value))
    if isinstance(value, np.generic):
        return described(value.item())
    if value is None or isinstance(value, (bool, int, float, complex, str)):
        return repr(value)
    if isinstance(value, (np.ndarray, range)):
        array = np.ascontiguousarray(value)
        if array.dtype.hasobject:
            return f"array{array.shape}{described(array.ravel().tolist())}"
        return f"array({array.dtype.str}, {array.shape}, {hashlib.sha256(array.tobytes()).hexdigest()})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{described(k)}: {described(v)}' for k, v in value.items()))}}}"
    if isinstance(value, (tuple, list)):
        return _listed(value)
    if attrs.has(type(value)):
        kind: type = type(value)
        fields = (f"{f.name}={described(getattr(value, f.name))}" for f in attrs.fields(kind))
        return f"{kind.__module__}.{kind.__qualname__}({', '.join(fields)}){_foreign_source(kind)}"
    raise TypeError(
        f"{value!r}: what it depends on is not known, so its results cannot be kept; make its class an attrs class "
        f"(@attrs.frozen), or run without store and checkpoint"
    )


class _Printer(ReprPrinter):
    """What `sympy.srepr` writes, with the law of a random symbol that has one of its own, which it would leave out."""

    def _print_RandomMap(self, symbol: Any) -> str:
        return f"RandomMap({symbol.name!r}, {described(symbol.law)})"


def _listed(values: Iterable[Any]) -> str:
    return f"[{', '.join(map(described, values))}]"


@cache
def _foreign_source(kind: type) -> str:
    """Return hashes of the sources of a class and its bases, but of rooms that every run depends on, and of Python."""
    modules = sorted({base.__module__ for base in kind.__mro__ if not _is_known(base.__module__)})
    try:
        sources = [inspect.getsource(sys.modules[module]) for module in modules]
    except (KeyError, OSError, TypeError):
        raise ValueError(
            f"{kind.__module__}.{kind.__qualname__} has no source file, so its results cannot be kept: a change of it "
            f"would not be seen; put it into a module, or run without store and checkpoint"
        ) from None
    return "".join(f"#{hashlib.sha256(source.encode()).hexdigest()}" for source in sources)


def _is_known(module: str) -> bool:
    package, _, rest = module.partition(".")
    return package in sys.stdlib_module_names or (package == PACKAGE and rest.partition(".")[0] in HELD)
