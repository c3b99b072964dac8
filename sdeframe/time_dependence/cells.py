"""Cells of time on which coefficients vary little, so that no pulse is missed, however short."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence.breaks import LAST_BITS, breaks
from sdeframe.time_dependence.enclosures import enclosure
from sdeframe.time_dependence.intervals import Interval
from sdeframe.time_dependence.normal_form import centred

__all__ = ["cells"]

Reals = NDArray[np.float64]

MOST: Final = 50_000
"""Cells of one run."""
AROUND: Final = np.linspace(-15.5, 16.5, 17)
"""Where a function is looked at around a cell, in units of the cell's length from its beginning."""
NOTHING: Final = 1e-12
"""A variation times the length of its cell that no phase, rate times time or area of a pulse can be seen by."""


def cells(expressions: Iterable[Any], start: float, end: float, share: float = 0.25) -> Reals:
    """Return increasing times from start to end between which every expression varies little.

    On each cell the bounds of real and imaginary part of every expression are a `share` apart at most of the range that
    it is seen to have on the neighbourhood, which is 32 cells of this length. So every pulse lies on at least 2/share
    cells, whatever its length and its height beside that of others. Breaks are ends of cells. A variation whose
    product with the length of its cell is below `NOTHING` is left alone.

    Parameters
    ----------
    expressions
        In `sdeframe.time` alone, with numbers else.
    start, end
        Between which times.
    share
        Between 0 and 1.

    Raises
    ------
    ValueError
        As `breaks`, or if there would be more than `MOST` cells.
    """
    written = [centred(e) for e in dict.fromkeys(expressions)]
    points = np.array([start, *breaks(written, start, end), end])
    return np.unique(np.concatenate([points, *(_cells(e, points, share) for e in written)]))


def _cells(e: Any, points: Reals, share: float) -> Reals:
    """Return where the cells of one expression begin, between neighbouring points each."""
    margin = 2 * LAST_BITS * np.max(np.abs(points))  # a break is right to some last bits
    slope = _slope(e)
    begin, end = points[:-1], points[1:]
    low, high, within, done = begin, end, np.arange(begin.size), [begin]
    while low.size:
        inside = Interval(begin[within] + margin, end[within] - margin)
        at = Interval(np.maximum(low, inside.low), np.minimum(high, inside.high))
        span, varies = _seen(e, at, inside), _variation(e, slope, at)
        with np.errstate(over="ignore"):
            coarse = np.any((varies > share * span) & (varies * (high - low) > NOTHING), axis=0)
        coarse &= inside.high - inside.low > 4 * margin
        low, high, within = low[coarse], high[coarse], within[coarse]
        middle = low + (high - low) / 2
        done.append(middle)
        if sum(map(len, done)) > MOST or np.any(high - low <= margin):
            raise ValueError(
                f"{e} varies too fast to be followed near t = {low[0]:g}: more than {MOST:,} steps from {points[0]:g} "
                f"to {points[-1]:g}; give shorter times, or write it so that it has a bound everywhere"
            )
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        within = np.concatenate([within, within])
    return np.concatenate(done)


def _slope(e: Any) -> Any:
    """Return the derivative between breaks, or None if there is none in known functions."""
    slope = e.diff(time).replace(sp.DiracDelta, lambda *_: sp.S.Zero)
    return None if slope.has(sp.Derivative, sp.Subs) else centred(slope)


def _seen(e: Any, at: Interval, inside: Interval) -> Reals:
    """Return the range that real and imaginary part have around every cell at least, shape (2, cells)."""
    places = np.clip(at.low + np.multiply.outer(AROUND, at.high - at.low), *inside)
    values = enclosure(e, places.ravel(), places.ravel())
    parts = [_spread(x, places.size) for x in (values.real, values.imag_or_zero)]
    spans = [low.reshape(places.shape).max(axis=0) - high.reshape(places.shape).min(axis=0) for low, high in parts]
    return np.maximum(spans, 0.0)


def _variation(e: Any, slope: Any, at: Interval) -> Reals:
    """Return what real and imaginary part vary by on every cell at most, shape (2, cells)."""
    bounds = enclosure(e, *at)
    found = [high - low for low, high in (_spread(x, at.low.size) for x in (bounds.real, bounds.imag_or_zero))]
    if slope is not None:
        changes = enclosure(slope, *at)
        steepest = [_spread(x.size(), at.low.size).high for x in (changes.real, changes.imag_or_zero)]
        with np.errstate(over="ignore"):
            found = [np.minimum(x, (at.high - at.low) * s) for x, s in zip(found, steepest, strict=True)]
    return np.array(found)


def _spread(x: Interval, cells: int) -> Interval:
    return Interval(*(np.broadcast_to(bound, cells) for bound in x))
