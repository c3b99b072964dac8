"""Expressions that observers are given by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

Named = tuple[tuple[str, sp.Expr], ...]

COORDINATES = ("time", "step", "bound", "trajectory")
"""Names that a dataset's coordinates have."""


def distinct_names(owner: str, named: Iterable[str], suffixes: Sequence[str], once: Sequence[str] = ()) -> None:
    """Raise ValueError where a name is one that is written for another name, or `once` for all of them."""
    known = tuple(named)
    if not known:
        raise ValueError(f"{owner}() has no expression: give at least one, such as {owner}(excited=model.excited)")
    for name in known:
        if name in once:
            raise ValueError(f"{owner}({name}=...): {name!r} is written for all names; choose another name")
        clash = next((n for n in known for suffix in suffixes if n == name + suffix), None)
        if clash:
            raise ValueError(
                f"{owner}({name}=..., {clash}=...): {clash!r} is written for {name!r}; choose another name"
            )


def expressions(named: Mapping[str, Any]) -> Named:
    """Return named expressions, numbers turned into sympy ones.

    Raises
    ------
    TypeError, ValueError
        If one of them is text or no expression, or has the name of a coordinate.
    """
    for key, value in named.items():
        if not isinstance(value, (sp.Expr, int, float, complex)):
            raise TypeError(
                f"{key}={value!r}: must be a sympy expression in the model's variables, such as model.excited"
            )
    for key in named:
        if key in COORDINATES:
            raise ValueError(f"{key}=...: is the name of a coordinate; choose another name")
    return tuple((key, sp.sympify(value)) for key, value in named.items())
