"""What an expression in the time can be on cells of time: rectangles that hold every value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.caches import cached
from sdeframe.symbolic.drives.table import Sampled
from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence import intervals, rectangles
from sdeframe.time_dependence.conditions import certainty
from sdeframe.time_dependence.intervals import Interval, angle, increasing
from sdeframe.time_dependence.rectangles import Rectangle, joined
from sdeframe.time_dependence.tables import table_bounds

__all__ = ["Enclosures", "enclosure"]


def _erf(x: Any) -> Any:
    from scipy.special import erf

    return erf(x)


MONOTONE: Final[dict[Any, Callable[[Any], Any]]] = {sp.tanh: np.tanh, sp.atan: np.arctan, sp.erf: _erf}
"""Increasing functions of real arguments."""
RECIPROCAL: Final = {
    sp.sec: sp.cos, sp.csc: sp.sin, sp.cot: sp.tan, sp.sech: sp.cosh, sp.csch: sp.sinh, sp.coth: sp.tanh,
}  # fmt: skip
ROUNDED: Final[dict[Any, Callable[[Any], Any]]] = {sp.floor: np.floor, sp.ceiling: np.ceil}
EXTREME: Final[dict[Any, Callable[..., Any]]] = {sp.Min: np.minimum, sp.Max: np.maximum}


def enclosure(expression: Any, start: ArrayLike, end: ArrayLike) -> Rectangle:
    """Return bounds of an expression's real and imaginary part on cells of time.

    Parameters
    ----------
    expression
        In `sdeframe.time` alone, with numbers else.
    start, end
        Where cells begin and end, shape (cells,).

    Raises
    ------
    ValueError
        If it holds another symbol, or a function of which no bounds are known.
    """
    return Enclosures(start, end).of(sp.sympify(expression))


class Enclosures:
    """Bounds of expressions on cells of time, each subexpression once.

    Parameters
    ----------
    start, end
        Where cells begin and end, shape (cells,).
    known
        Bounds of symbols other than the time, each of the shape of the cells.
    """

    def __init__(self, start: ArrayLike, end: ArrayLike, known: Mapping[Any, Rectangle] = MappingProxyType({})) -> None:
        cells = Interval(np.asarray(start, dtype=float), np.asarray(end, dtype=float))
        self._shape = np.broadcast_shapes(cells.low.shape, cells.high.shape)
        self._found: dict[Any, Rectangle] = {time: Rectangle(cells), **known}

    def of(self, expression: Any) -> Rectangle:
        """Return the bounds of an expression, each of the shape of the cells."""
        real, imag = self._of(expression)
        return Rectangle(self._spread(real), None if imag is None else self._spread(imag))

    def _spread(self, x: Interval) -> Interval:
        return Interval(*(np.broadcast_to(bound, self._shape) for bound in x))

    def _of(self, e: Any) -> Rectangle:
        if e not in self._found:
            self._found[e] = self._built(e) if e.free_symbols else _number(e)
        return self._found[e]

    def _built(self, e: Any) -> Rectangle:
        if e.is_Symbol:
            raise ValueError(f"{e} has no value here: give one, so that only the time is left")
        if e.is_Add:
            return reduce(Rectangle.plus, map(self._of, e.args))
        if e.is_Mul:
            return reduce(Rectangle.times, map(self._of, e.args))
        if e.is_Pow:
            return self._power(*e.args)
        if e.func in (sp.sin, sp.cos, sp.sinh, sp.cosh):
            return rectangles.trigonometric(e.func.__name__, self._of(e.args[0]))
        if e.is_Piecewise:
            return self._piecewise(e)
        if isinstance(e, Sampled):
            return table_bounds(e.table, e.derivative, self._real(e.at, e))
        if e.func in RECIPROCAL:
            return self._of(RECIPROCAL[e.func](e.args[0])).inverse()
        if e.func in EXTREME:
            bounds = [self._real(x, e) for x in e.args]
            return Rectangle(Interval(*(reduce(EXTREME[e.func], ends) for ends in zip(*bounds, strict=True))))
        return self._function(e)

    def _function(self, e: Any) -> Rectangle:
        x = self._of(e.args[0])
        if e.func in MONOTONE and x.imag is None:
            return Rectangle(increasing(MONOTONE[e.func], x.real))
        if e.func in ROUNDED and x.imag is None:
            return Rectangle(Interval(*(ROUNDED[e.func](end) for end in x.real)))
        match e.func:
            case sp.exp:
                return rectangles.exp(x)
            case sp.tan | sp.tanh:
                over, under = (sp.sin, sp.cos) if e.func is sp.tan else (sp.sinh, sp.cosh)
                return self._of(over(e.args[0])).times(self._of(under(e.args[0])).inverse())
            case sp.log:
                return rectangles.log(x)
            case sp.re:
                return Rectangle(x.real)
            case sp.im:
                return Rectangle(x.imag_or_zero)
            case sp.conjugate:
                return x.conjugate()
            case sp.Abs:
                return rectangles.size(x)
            case sp.arg:
                return Rectangle(angle(x.real, x.imag_or_zero))
            case sp.atan2:
                return Rectangle(angle(self._real(e.args[1], e), self._real(e.args[0], e)))
            case sp.Heaviside:
                return Rectangle(increasing(lambda v: np.heaviside(v, float(e.args[1])), self._real(e.args[0], e)))
            case sp.sign:
                return self._sign(x)
        raise ValueError(f"{e.func.__name__} in {e}: no bounds of it are known; write it by exp, sin, Piecewise, ...")

    def _power(self, base: Any, exponent: Any) -> Rectangle:
        if base is sp.E:
            return rectangles.exp(self._of(exponent))
        if exponent.is_Integer and exponent < 0:
            return self._power(base, -exponent).inverse()
        z = self._of(base)
        if exponent.is_Integer:
            n = int(exponent)
            return Rectangle(intervals.power(z.real, n)) if z.imag is None else reduce(Rectangle.times, [z] * n)
        if exponent == sp.S.Half:
            return rectangles.sqrt(z)
        if exponent.is_real and exponent.is_number:
            return rectangles.power(z, float(exponent))
        return rectangles.exp(self._of(exponent).times(rectangles.log(z)))

    def _sign(self, z: Rectangle) -> Rectangle:
        if z.imag is None:
            return Rectangle(Interval(*map(np.sign, z.real)))
        phase = angle(z.real, z.imag)
        return joined(rectangles.number(0j), Rectangle(intervals.cosine(phase), intervals.sine(phase)))

    def _real(self, x: Any, e: Any) -> Interval:
        real, imag = self._of(x)
        if imag is not None:
            raise ValueError(f"{x} in {e} must be real: take re({x}), im({x}) or Abs({x})")
        return real

    def _piecewise(self, e: Any) -> Rectangle:
        """Join the branches that can be taken; where none is sure to be taken nothing is known."""
        open_: NDArray[np.bool_] = np.ones(self._shape, dtype=bool)
        covered = ~open_
        chosen: Rectangle | None = None
        for branch, condition in e.args:
            sure, possible = certainty(condition, lambda x: self._real(x, e), self._shape)
            taken = open_ & possible
            value = self._of(branch)
            chosen = _with(chosen, value, taken)
            open_, covered = open_ & ~sure, covered | possible
        if not covered.all():
            raise ValueError(f"{e} has no value where none of its conditions holds: end it with (value, True)")
        assert chosen is not None
        return _with(chosen, Rectangle(Interval(-np.inf, np.inf)), open_)


@cached(10_000)
def _number(e: Any) -> Rectangle:
    if not e.is_number or not e.is_finite:
        raise ValueError(f"{e} in a coefficient: give finite numbers")
    return rectangles.number(complex(e))


def _with(before: Rectangle | None, value: Rectangle, taken: NDArray[np.bool_]) -> Rectangle:
    """Return what was found before, joined on some cells with a further value."""
    empty = Interval(np.inf, -np.inf)
    old = before or Rectangle(empty, None)
    imag = None
    if value.imag is not None or old.imag is not None:
        old_imag = old.imag if old.imag is not None else (intervals.constant(0.0) if before else empty)
        imag = _where(old_imag, value.imag_or_zero, taken)
    return Rectangle(_where(old.real, value.real, taken), imag)


def _where(old: Interval, new: Interval, taken: NDArray[np.bool_]) -> Interval:
    both = intervals.union(old, new)
    return Interval(np.where(taken, both.low, old.low), np.where(taken, both.high, old.high))
