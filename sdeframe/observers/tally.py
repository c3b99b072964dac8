"""Several sums over trajectories at every output time, over the survivors of bounds, in one compiled pass."""

from __future__ import annotations

import math

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.recording import ALIVE, PEAK, Recording
from sdeframe.scratch import scratch
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.fold import fold_function
from sdeframe.sums.fold_programs import FOLD, LEVELS, ROWS
from sdeframe.sums.means import Means
from sdeframe.sums.moments import estimates, reduce_nodes

Array = NDArray[np.float64]

VALUES, DIFFERENCES, EXTRAPOLATED = range(3)
"""What is summed: fine values, coarse less fine ones, fine ones without the error that the step makes."""


@attrs.frozen
class Sum:
    """One sum of values at an output time."""

    bound: float | None
    """Who has ever passed it is left out; None where the run's freezing bound decides."""
    kind: int = VALUES
    """Other kinds are summed over the pairs within the bound in both runs."""


@attrs.define
class Tally:
    """Means of complex values of some names, in several sums.

    Parameters
    ----------
    sums
        What is summed.
    times
        Number of output times.
    richardson
        2^p − 1 for weak order p: the difference of coarse and fine means is so many times what the step adds to one.
    means
        Of all sums, one after the other along the axis of times.
    """

    sums: tuple[Sum, ...]
    times: int
    richardson: float
    means: Means
    levels: Array
    """Squares of the bounds."""
    kinds: NDArray[np.int64]

    @classmethod
    def of_none(
        cls, names: int, times: int, replicate_size: int, sums: tuple[Sum, ...], richardson: float | None = None
    ) -> Tally:
        """Return empty sums for some names at some output times; see `Means.of_none`."""
        levels = [math.inf if each.bound is None else float(each.bound) ** 2 for each in sums]
        means = Means.of_none(names, len(sums) * times, replicate_size)
        return cls(sums, times, richardson or 1.0, means, np.array(levels), np.array([each.kind for each in sums]))

    def __add__(self, other: Tally) -> Tally:
        """Return the sums over the trajectories of both."""
        return attrs.evolve(self, means=self.means + other.means)

    def estimates(self, number: int) -> tuple[Array, Estimates]:
        """Return how many count in one of the sums, shape (times,), and its means with their errors."""
        return self.means.estimates(self._columns(number))

    def mean_squares(self, number: int) -> Array:
        """Return means of squared moduli in one of the sums, shape (names, times); not a number of fewer than two."""
        count, means = estimates(self.means.moments.total()[:, self._columns(number)])
        with np.errstate(invalid="ignore"):
            return np.asarray(np.abs(means.mean) ** 2 + count * np.abs(means.error) ** 2)

    def counts(self, number: int) -> tuple[Array, Array]:
        """Return how many count in one of the sums, shape (times,), and in its replicates: (replicates, times)."""
        moments, chosen = self.means.moments, self._columns(number)
        return moments.total()[0, chosen], moments.groups()[:, 0, chosen]

    def _columns(self, number: int) -> slice:
        """Return where one of the sums stands along the axis of times."""
        first = number % len(self.sums) * self.times
        return slice(first, first + self.times)

    def add(self, recording: Recording, expressions: tuple[sp.Expr, ...]) -> None:
        """Put a block's values of some expressions at some output times in their place."""
        if recording.held.folded and self.means.moments.top >= LEVELS:
            self._add_folded(recording, recording.places(expressions))
        else:
            self._add_in_order(recording, recording.places(expressions))

    def _add_folded(self, recording: Recording, rows: NDArray[np.int64]) -> None:
        (runs, times, *_, lanes), m, tied = recording.rows.shape, len(rows), self.means.extremes is not None
        values = recording.rows.reshape(runs, times, -1, len(recording.held.buffers) * lanes)
        shape = 1 + (4 if tied else 2) * m, values.shape[-1] // FOLD
        table, sums = scratch("fold", (ROWS * lanes,)), scratch("sums", (len(self.sums), times, *shape))
        fold_function(lanes, tied)(values, ALIVE, PEAK, rows, self.levels, self.kinds, 1 / self.richardson, table, sums)
        by_time = sums.reshape(-1, *shape)
        nodes = reduce_nodes(recording.held.first >> LEVELS, LEVELS, by_time, m, self.means.moments.top)
        low, high = np.split(by_time[:, 1 + 2 * m :], 2, axis=1) if tied else (None, None)
        places = np.arange(len(self.sums))[:, None] * self.times + np.array(recording.times)
        self.means.put(places.ravel(), nodes, low, high)

    def _add_in_order(self, recording: Recording, rows: NDArray[np.int64]) -> None:
        """Do what the compiled pass does, for blocks that are not folded."""
        for at, index in enumerate(recording.times):
            runs = recording.held.in_order(recording.rows[:, at])
            kinds = [runs[0, rows]]
            if len(runs) > 1:
                difference = runs[1, rows] - kinds[0]
                kinds += [difference, kinds[0] - difference * (1 / self.richardson)]
            for k, each in enumerate(self.sums):
                within = (runs[:, ALIVE] > 0) & (runs[:, PEAK] <= self.levels[k])
                counted = within[0] if each.kind == VALUES else within.all(axis=0)
                self.means.add(k * self.times + index, recording.held.first, kinds[each.kind], counted)
