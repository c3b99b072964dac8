"""Where functions of means are not smooth, so that errors to first order say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sympy as sp

STEPS: Final = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Min, sp.Max, sp.Piecewise, sp.atan2)
"""Functions with steps or kinks, and one whose arguments must be real, as means are not."""


def check_smooth(name: str, function: sp.Expr, means: tuple[sp.Symbol, ...]) -> None:
    """Raise ValueError where a function has steps or kinks as its means vary."""
    for part in sp.preorder_traversal(function):
        if isinstance(part, STEPS) and part.has(*means):
            raise ValueError(
                f"Functions({name}=...): {type(part).__name__} of a mean has no error to first order; take functions "
                f"that are smooth, such as sqrt, log, exp, re, im, Abs or arg"
            )


def vanishing(function: sp.Expr, means: tuple[sp.Symbol, ...]) -> tuple[sp.Expr, ...]:
    """Return what has no derivative where it vanishes: what divides, is rooted, has an unknown power or a logarithm."""
    return tuple(dict.fromkeys(found for found in _vanishing(function) if found.has(*means)))


def _vanishing(function: sp.Expr) -> Iterator[sp.Expr]:
    for part in sp.preorder_traversal(function):
        if isinstance(part, sp.Pow) and not (part.exp.is_integer and part.exp.is_nonnegative):
            yield part.base
        elif isinstance(part, (sp.log, sp.arg)):
            yield part.args[0]
        elif isinstance(part, sp.tan):
            yield sp.cos(part.args[0])
