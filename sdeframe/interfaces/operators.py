"""Observers of operators, in the variables of a model."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import sympy as sp

from sdeframe.symbolic.averages import Placeholder, has_placeholder

__all__ = ["in_variables", "two_times", "with_fields"]

T = TypeVar("T")

Average = Callable[[Any], Any]
"""Gives the expression in a model's variables whose average is that of an operator."""
Pair = tuple[Any, Any]
"""What is taken first, and what later."""


def with_fields(instance: T, **fields: Any) -> T:
    """Return a copy of an object of an attrs class with other fields, whatever its constructor takes."""
    made = copy.copy(instance)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def in_variables(instance: T, average: Average) -> T:
    """Return an object of an attrs class with expressions in place of the operators in its fields."""
    kind: Any = type(instance)
    fields = {f.name: getattr(instance, f.name) for f in attrs.fields(kind)} if attrs.has(kind) else {}
    operators = {name: value for name, value in fields.items() if has_placeholder(value)}
    changed = {name: _written(value, average) for name, value in operators.items()}
    return with_fields(instance, **changed) if changed else instance


def _written(value: Any, average: Average) -> Any:
    if isinstance(value, tuple):
        return tuple(_written(each, average) for each in value)
    if not isinstance(value, sp.Basic):
        return value
    return value.xreplace({p: sp.sympify(average(p.operator)) for p in value.atoms(Placeholder)})


def two_times(where: str, pair: Pair, correlation: Callable[[Any, Any], Pair]) -> Pair:
    """Return a pair of expressions: as it is, or that of a correlation of two operators.

    Raises
    ------
    TypeError, ValueError
        If one is an operator and one an expression, or the operators have none.
    """
    if not has_placeholder(pair):
        return pair
    early, late = pair
    if not (isinstance(early, Placeholder) and isinstance(late, Placeholder)):
        raise TypeError(f"{where}: ({early}, {late}) must be two operators, or two expressions in variables")
    try:
        return correlation(early.operator, late.operator)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
