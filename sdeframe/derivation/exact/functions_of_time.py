"""Coefficients of dρ/dt as numbers: where they jump, how far a step may go, what they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.lib.scimath import log, sqrt
from numpy.typing import NDArray

from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence.breaks import LAST_BITS, breaks
from sdeframe.time_dependence.cells import cells
from sdeframe.time_dependence.enclosures import enclosure
from sdeframe.time_dependence.known_times import check_drives
from sdeframe.time_dependence.tables import compilable

__all__ = ["FunctionsOfTime"]

Reals = NDArray[np.float64]

SHARE: Final = 0.5
"""Of the range of a function on the neighbourhood, what it may vary by on one of two cells that a step may cover."""
SAME: Final = 1e-14
"""Relative variation below which a function is constant."""
AGREEMENT: Final = 1e-9
"""Largest relative distance of a computed value from the bounds that it must lie in."""


class FunctionsOfTime:
    """Several functions on an interval of time, smooth between its stretches.

    Parameters
    ----------
    functions
        Expressions in the time, written as `centred` does.
    end
        They are looked at from 0 to this time.

    Raises
    ------
    ValueError
        If they cannot be followed: see `breaks` and `cells`; or where one has no finite
        value, or is known for other times.
    """

    def __init__(self, functions: Sequence[Any], end: float) -> None:
        for f in functions:
            check_drives(f, f"coefficient {f}", {}, end)
        self.stretches: list[float] = [0.0, *breaks(functions, 0.0, end), end]
        self._edges: list[float] = cells(functions, 0.0, end, SHARE).tolist()
        self._margin = 2 * LAST_BITS * end
        self._count = len(functions)
        rows = [compilable(f) for f in functions]
        self._compiled = sp.lambdify([time], rows, [{"sqrt": sqrt, "log": log}, "scipy", "numpy"], cse=True)
        self._check(functions)
        lows, highs = np.array(self.stretches[:-1]) + self._margin, np.array(self.stretches[1:]) - self._margin
        bounds = [enclosure(f, np.minimum(lows, highs), np.maximum(lows, highs)) for f in functions]
        parts = [part for z in bounds for part in (z.real, z.imag) if part is not None]
        self._constant = [
            all(isfinite(high - low) and high - low <= SAME * max(abs(low), abs(high)) for low, high in ends)
            for ends in zip(*(zip(part.low, part.high, strict=True) for part in parts), strict=True)
        ]

    def stretch(self, at: float) -> int:
        """Return the number of the stretch that begins at a time or holds it."""
        return min(bisect_right(self.stretches, at) - 1, len(self._constant) - 1)

    def constant(self, stretch: int) -> bool:
        """Tell whether no function changes on a stretch."""
        return self._constant[stretch]

    def values(self, at: Reals, stretch: int) -> NDArray[np.complex128]:
        """Return the values at times of one stretch, shape (times, functions); at its ends the limits from inside."""
        first, last = self.stretches[stretch] + self._margin, self.stretches[stretch + 1] - self._margin
        found = np.empty((at.size, self._count), dtype=complex)
        with np.errstate(all="ignore"):
            for k, values in enumerate(self._compiled(np.minimum(np.maximum(at, first), last))):
                found[:, k] = values
        return found

    def horizon(self, at: float) -> float:
        """Return how far a step may go from a time: to the end of the next cell."""
        return self._edges[min(bisect_right(self._edges, at) + 1, len(self._edges) - 1)]

    def _check(self, functions: Sequence[Any]) -> None:
        """Compare what is computed with certified bounds, in the middle of every cell."""
        edges = np.array(self._edges)
        middle = edges[:-1] + np.diff(edges) / 2
        with np.errstate(all="ignore"):
            computed = self._compiled(middle)
        for f, value in zip(functions, computed, strict=True):
            values = np.broadcast_to(np.asarray(value, dtype=complex), middle.shape)
            bounds = enclosure(f, middle, middle)
            for x, (low, high) in ((values.real, bounds.real), (values.imag, bounds.imag_or_zero)):
                slack = AGREEMENT * (1 + np.abs(values))
                right = (x >= low - slack) & (x <= high + slack)
                if not right.all():
                    raise ValueError(
                        f"{f} has no reliable value at t = {middle[~right][0]:g}: write it by exp, sin, Piecewise, ..."
                    )
