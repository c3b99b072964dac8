"""Arithmetic of real intervals, one for every cell of time: results hold every value that the arguments can give."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Interval",
    "angle",
    "broken_power",
    "constant",
    "cosine",
    "hull",
    "increasing",
    "modulus",
    "power",
    "sine",
    "union",
]

Reals = NDArray[np.float64]

WIDER: Final = 1e-15
"""By this share of itself a bound is moved outwards, which is more than what rounding takes from it."""

SMALLEST: Final = 5e-324
LARGEST: Final = float(np.finfo(float).max)


class Interval(NamedTuple):
    """Bounds of a real function on every cell, each of shape (cells,); no number stands outside them."""

    low: Any
    high: Any

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def plus(self, other: Interval) -> Interval:
        """Return the sum."""
        with np.errstate(invalid="ignore", over="ignore"):
            return hull(self.low + other.low, self.high + other.high)

    def times(self, other: Interval) -> Interval:
        """Return the product; an infinite bound stands for finite values without bound, so that 0 times it is 0."""
        with np.errstate(invalid="ignore", over="ignore"):
            corners = [np.where((a == 0) | (b == 0), 0.0, a * b) for a in self for b in other]
        return hull(reduce(np.minimum, corners), reduce(np.maximum, corners))

    def inverse(self) -> Interval:
        """Return one over the interval, without bounds where 0 is inside."""
        with np.errstate(divide="ignore", over="ignore"):
            low, high = 1 / np.asarray(self.high, dtype=float), 1 / np.asarray(self.low, dtype=float)
        one_sided = (self.low > 0) | (self.high < 0)
        positive, negative = (self.low >= 0) & (self.high > 0), (self.high <= 0) & (self.low < 0)
        return hull(np.where(one_sided | positive, low, -np.inf), np.where(one_sided | negative, high, np.inf))

    def size(self) -> Interval:
        """Return the absolute values."""
        over = (self.low <= 0) & (self.high >= 0)
        ends = np.abs(self.low), np.abs(self.high)
        return Interval(np.where(over, 0.0, np.minimum(*ends)), np.maximum(*ends))

    @property
    def holds_zero(self) -> NDArray[np.bool_]:
        """Whether 0 can be a value."""
        return np.asarray((self.low <= 0) & (self.high >= 0))


def hull(low: ArrayLike, high: ArrayLike) -> Interval:
    """Return an interval moved outwards by what rounding can have taken; a bound that is no number is none."""
    below, above = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    with np.errstate(invalid="ignore", over="ignore"):
        below, above = np.minimum(below, LARGEST), np.maximum(above, -LARGEST)  # infinity stands for numbers beyond it
        below, above = below - WIDER * np.abs(below), above + WIDER * np.abs(above)
    return Interval(np.where(np.isnan(below), -np.inf, below), np.where(np.isnan(above), np.inf, above))


def constant(value: float) -> Interval:
    """Return an interval around a number; whole numbers are exact."""
    return Interval(value, value) if value == round(value) else hull(value, value)


def union(a: Interval, b: Interval) -> Interval:
    """Return the smallest interval that holds both."""
    return Interval(np.minimum(a.low, b.low), np.maximum(a.high, b.high))


def increasing(function: Callable[[Any], Any], x: Interval) -> Interval:
    """Return the values of an increasing function of numpy, right to some last bits."""
    with np.errstate(all="ignore"):
        ends = hull(function(np.asarray(x.low, dtype=float)), function(np.asarray(x.high, dtype=float)))
        return hull(*hull(*ends))


def power(x: Interval, n: int) -> Interval:
    """Return a whole power of at least 1."""
    base = x.size() if n % 2 == 0 else x
    return increasing(lambda v: v**n, base)


def broken_power(x: Interval, exponent: float) -> Interval:
    """Return a positive power of values that are not negative, its exponent being right to the last bit only."""
    least, most = (np.maximum(np.asarray(end, dtype=float), 0.0) for end in x)
    with np.errstate(all="ignore"):
        slack = [WIDER * np.abs(exponent * np.log(np.maximum(end, SMALLEST))) for end in (least, most)]
        return hull(least**exponent * (1 - slack[0]), most**exponent * (1 + slack[1]))


def cosine(x: Interval) -> Interval:
    """Return the cosine."""
    return _wave(np.cos, x, 0.0)


def sine(x: Interval) -> Interval:
    """Return the sine."""
    return _wave(np.sin, x, np.pi / 2)


def _wave(function: Callable[[Any], Any], x: Interval, top: float) -> Interval:
    """Return a cosine or sine, whose value is 1 at `top` and a period of 2π further."""
    low, high = np.asarray(x.low, dtype=float), np.asarray(x.high, dtype=float)
    with np.errstate(invalid="ignore"):
        ends = function(low), function(high)
        margin = 4 * WIDER * (1 + np.maximum(np.abs(low), np.abs(high)))
        holds = [
            np.floor((high + margin - point) / (2 * np.pi)) >= np.ceil((low - margin - point) / (2 * np.pi))
            for point in (top, top + np.pi)
        ]
        least, most = np.minimum(*ends), np.maximum(*ends)
    known = np.isfinite(low) & np.isfinite(high)
    least, most = np.where(holds[1] | ~known, -1.0, least), np.where(holds[0] | ~known, 1.0, most)
    wider = hull(least, most)
    return Interval(np.maximum(wider.low, -1.0), np.minimum(wider.high, 1.0))


def modulus(x: Interval, y: Interval) -> Interval:
    """Return √(x² + y²)."""
    a, b = x.size(), y.size()
    with np.errstate(over="ignore"):
        return hull(np.hypot(a.low, b.low), np.hypot(a.high, b.high))


def angle(x: Interval, y: Interval) -> Interval:
    """Return the angle of x + iy in (−π, π]: all of it where the cut, which lies on the negative axis, is inside."""
    with np.errstate(invalid="ignore"):
        corners = [np.arctan2(b + 0.0, a + 0.0) for a in x for b in y]  # −0 + 0 is 0, on the upper side of the cut
    cut = (x.low < 0) & (y.low < 0) & (y.high >= 0) | x.holds_zero & y.holds_zero
    found = hull(reduce(np.minimum, corners), reduce(np.maximum, corners))
    return Interval(np.where(cut, -np.pi, found.low), np.where(cut, np.pi, found.high))
