"""What decides in an expression which branch is taken, which sign holds or which whole number is below."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from sdeframe.symbolic.drives.table import Sampled

__all__ = ["switches"]


def switches(expression: Any) -> set[Any]:
    """Return functions of time such that an expression is smooth where none of them passes 0.

    They are what stands in sign, Heaviside and Abs, differences within relations, Min and Max, bases of roots, and
    sin(πx) for the whole numbers of floor and ceiling. A sampled drive passes from what holds beyond its values to
    them; knots in between are left out, at which splines are smooth and lines have kinks.
    """
    found: set[Any] = set()
    for e in sp.preorder_traversal(expression):
        found |= {x for x in _of(e) if x.free_symbols}
    return found


def _of(e: Any) -> list[Any]:
    """Return those of an expression itself, not of what stands in it."""
    if isinstance(e, Relational):
        return [e.lhs - e.rhs]
    match e:
        case sp.Abs() | sp.sign() | sp.Heaviside():
            return [e.args[0]]
        case sp.Min() | sp.Max():
            return [a - b for a, b in combinations(e.args, 2)]
        case Sampled() if e.table.held:
            return [e.at - end for end in map(sp.Float, e.table.ends)]
        case sp.floor() | sp.ceiling():
            return [sp.sin(sp.pi * e.args[0])]
        case sp.arg() | sp.log():
            return _cut(e.args[0])
        case sp.atan2():
            return [e.args[0]]
        case sp.Pow() if not e.exp.is_Integer and e.base is not sp.E:
            return _cut(e.base)
    return []


def _cut(z: Any) -> list[Any]:
    """Return what passes 0 where z meets the negative axis, on which roots and logarithms jump."""
    return [] if z.is_positive else [z if z.is_real else sp.im(z)]
