"""The sum of what blocks bring home."""

from __future__ import annotations

import threading
from operator import iadd
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.running.block import BlockRecord, run_trajectories
from sdeframe.running.problem import Problem


@attrs.define
class Total:
    """A sum over trajectories; losses[q, k] counts who passed bound q at step k, the weight's bound last."""

    records: list[Any]
    losses: NDArray[np.int64]

    @classmethod
    def of_none(cls, problem: Problem) -> Total:
        """Return the sum of no blocks."""
        return cls([observer.start(problem) for observer in problem.observers], _no_losses(problem))

    def __add__(self, other: Total) -> Total:
        """Return the sum over the trajectories of both; what describes the run is the left one's."""
        records = [a + b for a, b in zip(self.records, other.records, strict=True)]
        return Total(records, self.losses + other.losses)

    def __iadd__(self, other: Total) -> Total:
        """Take in another sum where nobody else holds this one, whose memory records may use again."""
        self.records = list(map(iadd, self.records, other.records))
        self.losses += other.losses
        return self

    def add(self, block: BlockRecord) -> None:
        """Take in a block, in the same way; the first one's records become those of the sum."""
        first = not self.records
        self.records = block.records if first else list(map(iadd, self.records, block.records))
        for counts, steps in zip(self.losses, block.losses, strict=True):
            np.add.at(counts, steps, 1)


def _no_losses(problem: Problem) -> NDArray[np.int64]:
    return np.zeros((len(problem.bounds) + problem.layout.weighted, problem.steps[-1] + 1), dtype=np.int64)


@attrs.frozen(eq=False)
class Ensemble:
    """A run as work for any engine: sums over neighbouring trajectories, pure functions of their numbers."""

    problem: Problem

    def prepare(self) -> None:
        """Compile what is compiled once a process."""
        self.problem.prepare()

    def span(self, first: int, last: int, stop: threading.Event | None = None) -> Total:
        """Return the sum over the trajectories from a first one to the one before a last; nonsense once told to stop.

        The sum has the same bits whatever it is grouped with, so that only sums travel, not the records of blocks.
        """
        total, size = Total([], _no_losses(self.problem)), self.problem.block
        while first < last and not (stop and stop.is_set()):
            end = min(last, (first // size + 1) * size)
            total.add(run_trajectories(self.problem, first, end - first, stop))
            first = end
        return total if total.records else Total.of_none(self.problem)
