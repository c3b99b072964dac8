"""How a coefficient is written so that its floating-point values and bounds keep their digits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from sdeframe.caches import cached
from sdeframe.symbolic.symbols import time

__all__ = ["centred", "polynomial"]


@cached(2_000)
def centred(expression: Any) -> Any:
    """Return an expression with products of exponentials joined, squares completed, phases as sines and cosines.

    Expanded, a pulse exp(−(t − 5)²/2σ²) is exp(−t²/2σ²) exp(5t/σ²) exp(−25/2σ²), whose factors leave the range of
    floating-point numbers where σ is small.
    """
    joined = sp.powsimp(sp.sympify(expression), deep=True, combine="exp")
    whole = joined.replace(sp.Mod, lambda x, period: x - period * sp.floor(x / period))
    return whole.replace(sp.exp, _turning).replace(lambda e: e.is_Add, _completed)


def _turning(x: Any) -> Any:
    """Return exp(x), where x is imaginary as cosine and sine: real sums of such phases are then written as real."""
    angle = sp.expand(-sp.I * x)
    return sp.cos(angle) + sp.I * sp.sin(angle) if angle.is_real and angle.free_symbols else sp.exp(x)


def polynomial(expression: Any) -> Any:
    """Return an expression as a polynomial in the time with rational coefficients, or None if it is none."""
    if not expression.is_polynomial(time) or expression.free_symbols - {time}:
        return None
    found = sp.Poly(expression, time)
    if any(not (c.is_Rational or c.is_Float) for c in found.all_coeffs()):
        return None
    return sp.Poly([_rational(c) for c in found.all_coeffs()], time)


def _rational(c: Any) -> Any:
    return sp.Rational(*Fraction(float(c)).as_integer_ratio()) if c.is_Float else c


def _completed(e: Any) -> Any:
    if e.free_symbols != {time} or not e.is_polynomial(time) or sp.degree(e, time) != 2:
        return e
    a, b, c = (polynomial(e) or sp.Poly(e, time)).all_coeffs()
    return a * (time + b / (2 * a)) ** 2 + sp.expand(c - b**2 / (4 * a))
