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


def vanishing(function: sp.Expr, means: tuple[sp.Symbol, ...]) -> dict[sp.Expr, bool]:
    """Return at what a function has no derivative where that vanishes, and whether it jumps where that is negative too.

    What divides, is rooted, has an unknown power or a logarithm; all but what divides has a branch cut.
    """
    found: dict[sp.Expr, bool] = {}
    for part, cut in _vanishing(function):
        if part.has(*means):
            found[part] = cut or found.get(part, False)
    return found


def _vanishing(function: sp.Expr) -> Iterator[tuple[sp.Expr, bool]]:
    for part in sp.preorder_traversal(function):
        if isinstance(part, sp.Pow) and not (part.exp.is_integer and part.exp.is_nonnegative):
            yield part.base, not part.exp.is_integer
        elif isinstance(part, (sp.log, sp.arg)):
            yield part.args[0], True
        elif isinstance(part, sp.tan):
            yield sp.cos(part.args[0]), False
