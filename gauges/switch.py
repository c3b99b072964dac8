"""Switches: how strongly a gauge acts, as a function κ of the state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import attrs
import sympy as sp

from sdeframe.symbolic.rows import expression


def real_number(value: Any) -> sp.Expr:
    """Return a finite real number as an exact one (attrs converter).

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    number = expression(value, "a switch parameter")
    if not (number.is_number and number.is_real):
        raise ValueError(f"switch parameter {value!r}: must be a finite real number")
    return exact(number)


def exact(expr: Any) -> sp.Expr:
    """Return an expression with its floating-point numbers as the fractions that they print as."""
    return expr.xreplace({number: sp.Rational(str(float(number))) for number in expr.atoms(sp.Float)})


class Switch(ABC):
    """The strength κ of a gauge."""

    @abstractmethod
    def strength(self, x: sp.Expr) -> sp.Expr:
        """Return κ where the real part of the excited share ρee is x."""


@attrs.frozen
class Always(Switch):
    """κ is constant.

    Parameters
    ----------
    kappa
        The constant, 1 if not given.
    """

    kappa: sp.Expr = attrs.field(default=1, converter=real_number)

    def strength(self, x: sp.Expr) -> sp.Expr:
        """Return the constant."""
        return self.kappa


@attrs.frozen
class TanhSwitch(Switch):
    """κ = 1 + ½(tanh[k(x1 − x)] + tanh[k(x − x2)]) of (24): on outside the interval from x1 to x2, off inside.

    Parameters
    ----------
    k
        Steepness.
    lower, upper
        The limits x1 and x2.

    Raises
    ------
    TypeError, ValueError
        If one is no finite real number, k is not positive or the limits are not ascending.
    """

    k: sp.Expr = attrs.field(default=1, converter=real_number)
    lower: sp.Expr = attrs.field(default=-1, converter=real_number)
    upper: sp.Expr = attrs.field(default=2, converter=real_number)

    def __attrs_post_init__(self) -> None:
        if not self.k > 0:
            raise ValueError(f"k={self.k}: must be positive")
        if not self.lower < self.upper:
            raise ValueError(f"lower={self.lower}, upper={self.upper}: must be ascending")

    def strength(self, x: sp.Expr) -> sp.Expr:
        """Return κ."""
        return 1 + (sp.tanh(self.k * (self.lower - x)) + sp.tanh(self.k * (x - self.upper))) / 2


@attrs.frozen
class ConditionalSwitch(Switch):
    """κ = 1 while x is at least a threshold, else 0; at ½ that is Re(2ρee − 1) ≥ 0, as in arXiv:2312.06537.

    For Itô schemes: where the strength jumps, the Itô-Stratonovich correction of the weight has a part at the jump
    that no expression holds.

    Parameters
    ----------
    threshold
        The threshold.
    """

    threshold: sp.Expr = attrs.field(default=sp.Rational(1, 2), converter=real_number)

    def strength(self, x: sp.Expr) -> sp.Expr:
        """Return κ."""
        return sp.Piecewise((1, x >= self.threshold), (0, True))
