"""Certified roots of functions of time: where there is none, bounds say so."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence.enclosures import enclosure
from sdeframe.time_dependence.normal_form import polynomial

__all__ = ["MOST", "roots", "too_many"]

Reals = NDArray[np.float64]

MOST: Final = 10_000
"""Roots between two times."""
PLACES: Final = (0.237, 0.481, 0.793)
"""Of a cell; where a function cannot be told from 0 at any of them, rounding hides its sign on all of the cell."""
SHARPNESS: Final = 1e-6
"""Widest stretch, relative to the time, on which rounding may hide a sign: a function that touches 0 gives 1e-8."""
DIGITS: Final = 40


@cached(1_000)
def roots(g: Any, start: float, end: float) -> Reals:
    """Return the times, of shape (roots,), outside of which a function does not become 0 between start and end.

    Roots of polynomials with rational coefficients, of linear functions and of sines and cosines of these are the
    floating-point numbers next to them; others are right to some last bits, where a function only touches 0 to about
    1e-8. On a stretch where it is 0 throughout it has none but at the ends.

    Raises
    ------
    ValueError
        If there are more than `MOST`, or rounding hides where they are.
    """
    if g.is_Mul:
        return np.concatenate([roots(factor, start, end) for factor in g.args if factor.free_symbols])
    p = polynomial(g)
    if p is not None:
        return np.array([float(x.evalf(DIGITS)) for x in ([] if p.is_zero else set(p.real_roots()))])
    linear = _linear(g)
    if linear is not None:
        return np.array([float(-linear[1] / linear[0])])
    wave = _linear(g.args[0]) if isinstance(g, (sp.sin, sp.cos)) else None
    if wave is not None:
        return _passing(*wave, sp.S.Half if isinstance(g, sp.cos) else sp.S.Zero, start, end)
    return _clusters(g, *_undecided(g, start, end))


def _linear(g: Any) -> tuple[Any, Any] | None:
    """Return a and b of a real g = a·t + b as exact expressions, or None if it is none."""
    if not g.is_real or not g.is_polynomial(time) or sp.degree(g, time) != 1:
        return None
    a, b = sp.Poly(g, time).all_coeffs()
    return a, b


def _passing(a: Any, b: Any, offset: Any, start: float, end: float) -> Reals:
    """Return where a·t + b is π times a whole number and an offset."""
    period, first = (Fraction(*_exact(x).as_numer_denom()) for x in (sp.pi / a, (sp.pi * offset - b) / a))
    ends = sorted((Fraction(t) - first) / period for t in (start, end))
    if ends[1] - ends[0] > MOST:
        raise too_many(start, end)
    return np.array([float(first + k * period) for k in range(math.ceil(ends[0]), math.floor(ends[1]) + 1)])


def _exact(x: Any) -> Any:
    """Return a number as a fraction, to so many digits."""
    return x if x.is_Rational else sp.Rational(str(x.evalf(DIGITS)))


def too_many(start: float, end: float) -> ValueError:
    """Return what is raised where a function has too many roots."""
    return ValueError(
        f"coefficients switch more than {MOST:,} times between {start:g} and {end:g}: take a shorter time, or smooth "
        f"functions such as cos and tanh"
    )


def _undecided(g: Any, start: float, end: float) -> tuple[Reals, Reals]:
    """Return the narrowest cells outside of which g is not 0, or 0 throughout."""
    low, high = np.array([start]), np.array([end])
    done: list[tuple[Reals, Reals]] = []
    while low.size:
        if low.size > 16 * MOST:
            raise too_many(start, end)
        middle = low + (high - low) / 2
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        open_ = _can_pass(g, low, high)
        low, high = low[open_], high[open_]
        narrow = high <= np.nextafter(low, np.inf)
        places = np.concatenate([low + p * (high - low) for p in PLACES])
        hidden = np.all(_can_pass(g, places, places).reshape(len(PLACES), -1), axis=0)
        done.append((low[narrow | hidden], high[narrow | hidden]))
        low, high = low[~(narrow | hidden)], high[~(narrow | hidden)]
    lows, highs = (np.concatenate(ends) for ends in zip(*done, strict=True))
    order = np.argsort(lows)
    return lows[order], highs[order]


def _can_pass(g: Any, low: Reals, high: Reals) -> NDArray[np.bool_]:
    """Return on which cells g may be 0 and something else."""
    real, imag = enclosure(g, low, high)
    bounds = [real] if imag is None else [real, imag]
    throughout = np.all([(x.low == 0) & (x.high == 0) for x in bounds], axis=0)
    return np.asarray(np.all([x.holds_zero for x in bounds], axis=0) & ~throughout)


def _clusters(g: Any, low: Reals, high: Reals) -> Reals:
    """Return the middle of every run of neighbouring cells."""
    if not low.size:
        return low
    first = np.concatenate([[True], low[1:] > high[:-1]])
    begin, finish = low[first], high[np.concatenate([first[1:], [True]])]
    wide = finish - begin > SHARPNESS * np.maximum(1.0, np.abs(begin))
    if wide.any():
        raise ValueError(
            f"the sign of {g}, at which a coefficient switches, cannot be told from t = {begin[wide][0]:.17g} to "
            f"{finish[wide][0]:.17g}: give the times of switching as numbers, such as Piecewise((x, t < 1), (y, True))"
        )
    return begin + (finish - begin) / 2
