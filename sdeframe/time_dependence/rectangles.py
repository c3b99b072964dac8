"""Arithmetic of complex rectangles, one for every cell of time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sdeframe.time_dependence import intervals
from sdeframe.time_dependence.intervals import Interval, angle, constant, increasing, modulus, union

__all__ = ["Rectangle", "exp", "imaginary", "joined", "log", "number", "power", "size", "sqrt", "trigonometric"]

ZERO = constant(0.0)


class Rectangle(NamedTuple):
    """Bounds of the real and of the imaginary part; the latter is None for what is real."""

    real: Interval
    imag: Interval | None = None

    @property
    def imag_or_zero(self) -> Interval:
        """The imaginary part."""
        return ZERO if self.imag is None else self.imag

    def __neg__(self) -> Rectangle:
        return Rectangle(-self.real, None if self.imag is None else -self.imag)

    def plus(self, other: Rectangle) -> Rectangle:
        """Return the sum."""
        real = self.real.plus(other.real)
        if self.imag is None or other.imag is None:
            return Rectangle(real, other.imag if self.imag is None else self.imag)
        return Rectangle(real, self.imag.plus(other.imag))

    def times(self, other: Rectangle) -> Rectangle:
        """Return the product."""
        real = self.real.times(other.real)
        if self.imag is None or other.imag is None:
            scaled = [x.imag.times(y.real) for x, y in ((self, other), (other, self)) if x.imag is not None]
            return Rectangle(real, scaled[0] if scaled else None)
        imag = self.real.times(other.imag).plus(self.imag.times(other.real))
        return Rectangle(real.plus(-self.imag.times(other.imag)), imag)

    def conjugate(self) -> Rectangle:
        """Return the complex conjugate."""
        return Rectangle(self.real, None if self.imag is None else -self.imag)

    def inverse(self) -> Rectangle:
        """Return one over the rectangle."""
        if self.imag is None:
            return Rectangle(self.real.inverse())
        over = intervals.power(self.real, 2).plus(intervals.power(self.imag, 2)).inverse()
        return Rectangle(self.real.times(over), -self.imag.times(over))


def number(value: complex) -> Rectangle:
    """Return a rectangle around a number."""
    return Rectangle(constant(value.real), constant(value.imag) if value.imag else None)


def imaginary(z: Rectangle) -> Rectangle:
    """Return iz."""
    return Rectangle(-z.imag_or_zero, z.real)


def joined(a: Rectangle, b: Rectangle) -> Rectangle:
    """Return the smallest rectangle that holds both."""
    both_real = a.imag is None and b.imag is None
    return Rectangle(union(a.real, b.real), None if both_real else union(a.imag_or_zero, b.imag_or_zero))


def size(z: Rectangle) -> Rectangle:
    """Return |z|."""
    return Rectangle(z.real.size() if z.imag is None else modulus(z.real, z.imag))


def exp(z: Rectangle) -> Rectangle:
    """Return the exponential."""
    grown = increasing(np.exp, z.real)
    if z.imag is None:
        return Rectangle(grown)
    return Rectangle(grown.times(intervals.cosine(z.imag)), grown.times(intervals.sine(z.imag)))


def trigonometric(name: str, z: Rectangle) -> Rectangle:
    """Return sin, cos, sinh or cosh."""
    if z.imag is None and name in ("sin", "cos"):
        return Rectangle(intervals.sine(z.real) if name == "sin" else intervals.cosine(z.real))
    if z.imag is None:
        return Rectangle(increasing(np.sinh, z.real) if name == "sinh" else increasing(np.cosh, z.real.size()))
    if name in ("sinh", "cosh"):  # sinh z = −i sin iz, cosh z = cos iz
        turned = trigonometric(name[:3], imaginary(z))
        return turned if name == "cosh" else -imaginary(turned)
    s, c = intervals.sine(z.real), intervals.cosine(z.real)
    sh, ch = increasing(np.sinh, z.imag), increasing(np.cosh, z.imag.size())
    return Rectangle(s.times(ch), c.times(sh)) if name == "sin" else Rectangle(c.times(ch), -s.times(sh))


def log(z: Rectangle) -> Rectangle:
    """Return the logarithm, without lower bound where 0 is inside."""
    x, y = z.real, z.imag_or_zero
    turned = angle(x, y)
    real = z.imag is None and bool(np.all(x.low >= 0))
    return Rectangle(increasing(np.log, modulus(x, y)), None if real else turned)


def sqrt(z: Rectangle) -> Rectangle:
    """Return the root with a positive real part, or on the positive imaginary axis."""
    if z.imag is None:
        up, down = (increasing(lambda v: np.sqrt(np.maximum(v, 0.0)), x) for x in (z.real, -z.real))
        return Rectangle(up, None if bool(np.all(z.real.low >= 0)) else down)
    return power(z, 0.5)


def power(z: Rectangle, exponent: float) -> Rectangle:
    """Return a real power, by modulus and angle."""
    if z.imag is None and bool(np.all(z.real.low >= 0)) and exponent > 0:
        return Rectangle(intervals.broken_power(z.real, exponent))
    if exponent < 0:
        return power(z, -exponent).inverse()
    r = intervals.broken_power(modulus(z.real, z.imag_or_zero), exponent)
    phase = angle(z.real, z.imag_or_zero).times(constant(exponent))
    return Rectangle(r.times(intervals.cosine(phase)), r.times(intervals.sine(phase)))
