"""Whether a condition in the time holds on a cell: surely, possibly, or surely not."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.time_dependence.intervals import Interval

__all__ = ["certainty"]

Bools = NDArray[np.bool_]
Certainty = tuple[Bools, Bools]
"""Whether something surely holds, and whether it can hold."""


def certainty(condition: Any, bounds: Callable[[Any], Interval], shape: tuple[int, ...]) -> Certainty:
    """Return whether a condition surely holds on every cell, and whether it can hold, each of the shape of the cells.

    Parameters
    ----------
    condition
        Made of relations between real expressions with &, | and ~.
    bounds
        Gives the bounds of a real expression.
    shape
        Of the cells.

    Raises
    ------
    ValueError
        If it is made of something else.
    """
    if condition in (sp.true, sp.false):
        known = np.full(shape, condition == sp.true)
        return known, known
    if condition.is_Relational:
        sure, possible = _relation(condition, bounds)
        return np.broadcast_to(sure, shape), np.broadcast_to(possible, shape)
    if isinstance(condition, sp.ITE):
        which, then, otherwise = condition.args
        return certainty(which & then | ~which & otherwise, bounds, shape)
    parts = [certainty(part, bounds, shape) for part in condition.args]
    match condition:
        case sp.Not():
            ((sure, possible),) = parts
            return ~possible, ~sure
        case sp.And():
            return reduce(_both, parts)
        case sp.Or():
            return reduce(_either, parts)
    raise ValueError(f"the condition {condition} is not supported: use <, <=, >, >=, &, | and ~")


def _relation(condition: Any, bounds: Callable[[Any], Interval]) -> Certainty:
    difference = bounds(condition.lhs - condition.rhs)
    low, high = np.asarray(difference.low), np.asarray(difference.high)
    match condition:
        case sp.StrictLessThan():
            return high < 0, low < 0
        case sp.LessThan():
            return high <= 0, low <= 0
        case sp.StrictGreaterThan():
            return low > 0, high > 0
        case sp.GreaterThan():
            return low >= 0, high >= 0
        case sp.Equality():
            return (low == 0) & (high == 0), (low <= 0) & (high >= 0)
        case sp.Unequality():
            return (low > 0) | (high < 0), (low != 0) | (high != 0)
    raise ValueError(f"the condition {condition} is not supported: use <, <=, >, >=, &, | and ~")


def _both(a: Certainty, b: Certainty) -> Certainty:
    return a[0] & b[0], a[1] & b[1]


def _either(a: Certainty, b: Certainty) -> Certainty:
    return a[0] | b[0], a[1] | b[1]
