"""Numbers that the rates of jumps never pass: as given, or by intervals of all that they can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import sympy as sp

from sdeframe.kernels.jumps import bound_of
from sdeframe.symbolic.jumps.poisson import PoissonNoise
from sdeframe.symbolic.symbols import StateVariable, time
from sdeframe.symbolic.system import SDE
from sdeframe.time_dependence.enclosures import Enclosures
from sdeframe.time_dependence.intervals import Interval
from sdeframe.time_dependence.rectangles import Rectangle

CELLS: Final = 4096
"""Of the time of a run, on which a rate that depends on it is bounded."""


def with_bounds(system: SDE, values: Mapping[sp.Symbol, float], until: float) -> dict[sp.Symbol, float]:
    """Return values of parameters, with those of the bounds of rates behind them; errors are those of `rate_bounds`."""
    return {**values, **{bound_of(N): bound for N, bound in rate_bounds(system, values, until).items()}}


def rate_bounds(system: SDE, values: Mapping[sp.Symbol, float], until: float) -> dict[PoissonNoise, float]:
    """Return a number for every Poisson noise that its rate does not pass up to a time, whatever the state.

    Raises
    ------
    ValueError
        If a bound is no positive number, or none is given where none is known, or candidates would be too many.
    """
    known = {symbol: sp.Float(value) for symbol, value in values.items()}
    found = {N: _bound(N, known, until) for N in system.jumps}
    if (total := sum(found.values())) * until >= 2**32:
        raise ValueError(
            f"bounds of rates are {total:g} together: to t = {until:g} at most 2**32 jumps can be addressed"
        )
    return found


def _bound(N: PoissonNoise, known: Mapping[Any, Any], until: float) -> float:
    if N.bound is not None:
        given = float(N.bound.xreplace(known))
        if not (np.isfinite(given) and given > 0):
            raise ValueError(f"bound={N.bound} of the rate of {N} is {given:g}: must be a positive number")
        return given
    rate = N.rate.xreplace(known)
    if rate.is_number:
        value = float(rate)
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"rate={N.rate} of {N} is {value:g}: must be a number of at least 0")
        return value
    highest = _highest(rate, until)
    if highest is None:
        raise ValueError(
            f"rate={N.rate} of {N} has no bound that is known for all states: give one that it does not pass, such as "
            f'poisson_noises("{N}", rate=..., bound=10), with an error where it is passed'
        )
    return highest


def _highest(rate: Any, until: float) -> float | None:
    """Return a bound of a rate for any state up to a time, or None where none is known."""
    edges = np.linspace(0.0, until, CELLS + 1) if rate.has(time) else np.array([0.0, until])
    anything = Interval(np.full(edges.size - 1, -np.inf), np.full(edges.size - 1, np.inf))
    states = {
        s: Rectangle(anything, None if s.is_real else anything)
        for s in rate.free_symbols
        if isinstance(s, StateVariable)
    }
    try:
        bounds = Enclosures(edges[:-1], edges[1:], states).of(rate)
    except ValueError:
        return None
    highest = float(np.max(bounds.real.high))
    return max(highest, 0.0) if np.isfinite(highest) else None
