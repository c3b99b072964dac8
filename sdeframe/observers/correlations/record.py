"""What is kept of correlations."""

from __future__ import annotations

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.recording import Recording
from sdeframe.observers.correlations.lags import Lags
from sdeframe.observers.correlations.products import NAMES, entering, factors, recorded, symbols
from sdeframe.observers.tally import Tally
from sdeframe.observers.trusted import Trusted

Array = NDArray[np.float64]


@attrs.define
class CorrelationRecord:
    """Sums over trajectories by group of starts and delay, and of a block under way what is needed later."""

    times: Array
    lags: Lags
    amplitudes: tuple[bool, ...]
    """Of every pair, whether it is one of amplitudes."""
    expressions: tuple[sp.Expr, ...]
    """Both of every pair."""
    sums: Tally
    """Of what `recorded` lays out."""
    low: Tally | None
    """Of the products over the survivors of the low bound, where poles are declared."""
    trust: Trusted | None
    """What tells how long means of what enters can be trusted, where poles are declared."""
    early: dict[int, Array] = attrs.field(factory=dict)
    """Values at starts; none before the first one and after the last output time."""
    parts: dict[int, Array] = attrs.field(factory=dict)
    """Sums over those starts of a group that have been added up, by place."""

    def __add__(self, other: CorrelationRecord) -> CorrelationRecord:
        """Return the record of the trajectories of both."""
        low = None if self.low is None or other.low is None else self.low + other.low
        trust = None if self.trust is None or other.trust is None else self.trust + other.trust
        return attrs.evolve(self, sums=self.sums + other.sums, low=low, trust=trust, early={}, parts={})

    def add(self, recording: Recording) -> None:
        """Take in a block's values at some output times."""
        for at, output in enumerate(recording.times):
            reached = self.lags.reached(output)
            if not reached:
                continue
            both = self._both(recording, at)
            late = factors(both, False, self.amplitudes)
            if self.lags.needed(output):
                self.early[output] = factors(both, True, self.amplitudes)
            for group, start, first, last in reached:
                place, values = self.lags.place(group, output - start), entering(self.early[start], late)
                if not first:
                    values += self.parts.pop(place)
                if not last:
                    self.parts[place] = values
                    continue
                if not first:
                    values /= len(self.lags.groups[group])
                self._sum(recorded(recording, at, place, values))
            if output == self.lags.outputs - 1:
                self.early, self.parts = {}, {}

    def _both(self, recording: Recording, at: int) -> Array:
        """Return both parts of both expressions of every pair, shape (2, runs, pairs, 2, buffers, lanes)."""
        rows, (runs, _, _, *rest) = recording.places(self.expressions), recording.rows.shape
        return np.moveaxis(recording.rows[:, at, rows].reshape(runs, 2, len(self.amplitudes), 2, *rest), 1, 0)

    def _sum(self, laid_out: Recording) -> None:
        self.sums.add(laid_out, laid_out.expressions)
        if self.low is not None:
            self.low.add(laid_out, symbols(len(self.amplitudes))[::NAMES])
