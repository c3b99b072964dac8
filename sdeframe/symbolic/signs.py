"""What is known to be real and never negative, beyond what sympy knows."""

from __future__ import annotations

from typing import Any, Final

import sympy as sp

from sdeframe.symbolic.symbols import time

__all__ = ["never_negative"]

SWINGS: Final = (sp.cos, sp.sin, sp.tanh)
"""Functions that stay between −1 and 1 where their argument is real."""


def never_negative(x: Any) -> bool:
    """Tell whether an expression is known to be real and not negative, at all times from 0 on."""
    return _known(x.xreplace({time: sp.Dummy(nonnegative=True)}))


def _known(x: Any) -> bool:
    if x.is_nonnegative:
        return True
    if isinstance(x, (sp.Heaviside, sp.Abs)):
        return True
    if isinstance(x, sp.Piecewise):
        return all(_known(value) for value, _ in x.args)
    if x.is_Pow:
        return bool(x.exp.is_real) and _known(x.base)
    if x.is_Mul:
        return all(map(_known, x.args))
    return x.is_Add and (all(map(_known, x.args)) or bool(sp.Add(*map(_least, x.args)).is_nonnegative))


def _least(term: Any) -> Any:
    """Return what a term of a sum is never below: −|c| for a real c times functions that swing between −1 and 1."""
    swings = [f for f in term.atoms(*SWINGS) if f.args[0].is_real]
    c, swinging = term.as_independent(*swings, as_Add=False)
    powers = swinging.as_powers_dict()
    known = all(f in swings and n.is_integer and n.is_positive for f, n in powers.items())
    if swinging == 1 or not c.is_real or not known:
        return term
    square = all(n.is_even for n in powers.values())
    return sp.S.Zero if square and c.is_nonnegative else -sp.Abs(c)
