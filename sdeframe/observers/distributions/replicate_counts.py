"""How much counts differ between replicates of tied trajectories."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@attrs.define
class Part:
    """Counts of a replicate of which trajectories may be missing."""

    trajectories: int
    """How many it has."""
    counts: Counts
    """Shape (times, bins)."""


@attrs.define
class ReplicateCounts:
    """Sums over the squares of the counts of whole replicates, and the counts of others.

    Only whole numbers are added, so that no grouping of trajectories changes a sum.
    """

    size: int
    """Trajectories of a replicate."""
    whole: int
    """Number of whole replicates."""
    squares: Counts
    """Shape (times, bins)."""
    others: dict[int, Part]
    """By number of the replicate."""

    @classmethod
    def of_none(cls, size: int, shape: tuple[int, int]) -> ReplicateCounts:
        """Return those of no trajectories."""
        return cls(size, 0, np.zeros(shape, dtype=np.int64), {})

    def __add__(self, other: ReplicateCounts) -> ReplicateCounts:
        """Return those of the trajectories of both."""
        found = ReplicateCounts(self.size, self.whole + other.whole, self.squares + other.squares, {})
        for number in self.others | other.others:
            parts = [each.others[number] for each in (self, other) if number in each.others]
            seen, counts = sum(p.trajectories for p in parts), np.sum([p.counts for p in parts], axis=0)
            if seen < self.size:
                found.others[number] = Part(seen, counts)
            else:
                found.whole += 1
                found.squares += counts**2
        return found

    def part(self, number: int, trajectories: int) -> Counts:
        """Return the counts of a replicate of a block, which has so many trajectories of it, to be added to."""
        if number not in self.others:
            self.others[number] = Part(trajectories, np.zeros_like(self.squares))
        return self.others[number].counts

    def error(self, total: Counts) -> NDArray[np.float64]:
        """Return the standard error of the counts of all, √(R Σ (c_ρ − c)²/(R − 1)); nan of fewer than two replicates.

        Parameters
        ----------
        total
            The counts of all, shape (times, bins).
        """
        R = self.whole
        if R < 2:
            return np.full(total.shape, np.nan)
        total = total - sum(part.counts for part in self.others.values())
        return np.sqrt(np.maximum(R * self.squares - total**2, 0) / (R - 1.0))
