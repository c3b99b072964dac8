"""What a result depends on as text, the same in every process: two results of one text are the same bits."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from sdeframe.interfaces.model import Model
from sdeframe.kernels.lane_count import lane_count
from sdeframe.kernels.time_loop import kernel_source
from sdeframe.running.problem import Problem

PACKAGE: Final = "sdeframe"
LIBRARIES: Final = ("sdeframe", "numba", "numpy", "scipy", "sympy")
NO_PART: Final = ("block", "origin")
"""Fields of a run on which no bit of its result depends."""
COMMON: Final = (
    "symbolic", "time_dependence", "interfaces", "compiled", "sampling", "kernels", "sums", "derivation", "running",
)  # fmt: skip
RUN: Final = (*COMMON, "observers")
"""Rooms that a run depends on. What models, gauges and integrators say is in the source of its kernel."""
EXACT: Final = (*COMMON, "models")
"""Rooms that an exact solution depends on."""
HELD: Final = (*RUN, "models", "gauges", "integrators")
"""Rooms whose classes need no hash of their own in the key of a run."""


def run_key(problem: Problem) -> str:
    """Return everything that the bits of a run depend on, as text.

    That is the specification, symbols written out; the source of its kernel, in which model, gauge and integrator are;
    the layout of random numbers; the versions of libraries and the sources of sdeframe that the kernel's does not
    hold.

    Raises
    ------
    TypeError, ValueError
        If something in the specification cannot be written as text; see `described`.
    """
    specification = {f.name: getattr(problem, f.name) for f in attrs.fields(Problem) if f.name not in NO_PART}
    return described({
        "run": specification,
        "kernel": kernel_source(problem.layout, *problem.programs, lane_count(problem.layout.rows)),
        "random_numbers": problem.random_numbers,
        "code": code_key(*RUN),
    })  # fmt: skip


def exact_key(model: Model, times: ArrayLike, quantity: str = "exact") -> str:
    """Return everything that an exact solution depends on, as text.

    Parameters
    ----------
    model
        What is solved.
    times
        Where.
    quantity
        What is computed of it: the name of the method.

    Raises
    ------
    TypeError, ValueError
        If the model cannot be written as text; see `described`.
    """
    return described({
        "quantity": quantity, "model": model, "times": np.asarray(times, dtype=float),
        "code": code_key(*EXACT),
    })  # fmt: skip


@cache
def code_key(*rooms: str) -> str:
    """Return a hash of the sources of some rooms of sdeframe, and of libraries.

    Raises
    ------
    FileNotFoundError
        If a room holds no source: a result under such a key would outlive every change of its code.
    """
    sources = [source for room in (*rooms, "validators") for source in _sources(room)]
    return hashlib.sha256("\0".join([*sources, *(version(name) for name in LIBRARIES)]).encode()).hexdigest()


def _sources(room: str) -> list[str]:
    """Return the name and the text of every source file of a room, those of the rooms within it too."""
    spec = find_spec(f"{PACKAGE}.{room}")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    files = {f"{room}/{file.relative_to(folder)}": file for folder in folders for file in sorted(folder.rglob("*.py"))}
    if spec is not None and not folders and spec.origin:
        files[room] = Path(spec.origin)
    if not files:
        raise FileNotFoundError(f"{PACKAGE}.{room}: holds no source, so nothing can be kept that depends on it")
    return [f"{name}\0{file.read_text(encoding='utf-8')}" for name, file in files.items()]


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
        return sp.srepr(value)
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
        f"(@attrs.frozen), or call simulate"
    )


def _listed(values: Iterable[Any]) -> str:
    return f"[{', '.join(map(described, values))}]"


@cache
def _foreign_source(kind: type) -> str:
    """Return a hash of the source of a class that no room holds on which every run depends."""
    package, _, rest = kind.__module__.partition(".")
    if package == PACKAGE and rest.partition(".")[0] in HELD:
        return ""
    try:
        source = inspect.getsource(sys.modules[kind.__module__])
    except (KeyError, OSError, TypeError):
        raise ValueError(
            f"{kind.__module__}.{kind.__qualname__} has no source file, so its results cannot be kept: a change of it "
            f"would not be seen; put it into a module, or call simulate"
        ) from None
    return f"#{hashlib.sha256(source.encode()).hexdigest()}"
