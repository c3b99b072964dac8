"""The smallest and the largest values at every output time."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@attrs.define
class Extremes:
    """Smallest and largest of some real quantities, which no grouping changes; shape (quantities, times)."""

    low: Array
    high: Array

    @classmethod
    def of_none(cls, quantities: int, count: int) -> Extremes:
        """Return the extremes of no values yet, at some output times."""
        return cls(np.full((quantities, count), np.inf), np.full((quantities, count), -np.inf))

    def __add__(self, other: Extremes) -> Extremes:
        """Return the extremes of both."""
        return Extremes(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def add(self, index: int, values: Array, counted: NDArray[np.bool_]) -> None:
        """Take in a block's values at an output time, shape (quantities, trajectories), of those that count."""
        low, high = (f(values, axis=1, initial=far, where=counted) for f, far in ((np.min, np.inf), (np.max, -np.inf)))
        self.extend(index, low, high)

    def extend(self, index: int | NDArray[np.int64], low: Array, high: Array) -> None:
        """Take in the extremes of others at an output time, shape (quantities,), or at several."""
        self.low[:, index] = np.minimum(self.low[:, index], low)
        self.high[:, index] = np.maximum(self.high[:, index], high)

    def at(self, chosen: slice) -> Extremes:
        """Return those of some output times."""
        return Extremes(self.low[:, chosen], self.high[:, chosen])

    def farthest(self, centre: Array) -> Array:
        """Return the largest distance from some values; nan where there are none."""
        with np.errstate(invalid="ignore"):
            distance = np.maximum(self.high - centre, centre - self.low)
        return np.where(self.high >= self.low, distance, np.nan)


def both(a: Extremes | None, b: Extremes | None) -> Extremes | None:
    """Return the extremes of both, None where there are none."""
    return None if a is None or b is None else a + b
