"""Expressions that observers are given by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Number
from typing import Any

import sympy as sp

from sdeframe.symbolic.averages import placed
from sdeframe.symbolic.rows import computable

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
    """Return named expressions, numbers turned into sympy ones, operators into symbols of them.

    Raises
    ------
    TypeError, ValueError
        If one of them is text or no expression, is not finite, holds a function that is not supported, or has the name
        of a coordinate.
    """
    given = {key: placed(value) for key, value in named.items()}
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (sp.Expr, Number)):
            raise TypeError(
                f"{key}={value!r}: must be a sympy expression in the model's variables, such as model.excited, or an "
                f"operator of a quantum model"
            )
    for key in given:
        if key in COORDINATES:
            raise ValueError(f"{key}=...: is the name of a coordinate; choose another name")
    return tuple((key, computable(value, f"{key}=...")) for key, value in given.items())
