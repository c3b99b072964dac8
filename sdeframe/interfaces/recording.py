"""What sums over trajectories need of a block, at several output times in one piece."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.interfaces.observer import Held, Observer, Snapshot
from sdeframe.scratch import scratch

ALIVE: Final = 0
PEAK: Final = 1
VALUES: Final = 2
"""Row of the first real part: all real parts, then all imaginary parts; the reach comes last, where there is one."""


def row_count(expressions: int, reach: int | None) -> int:
    """Return how many rows tell who lives, the peaks, the values of some expressions, and the reach where there is one.

    See `Held` for what they are.
    """
    return VALUES + 2 * expressions + (reach is not None)


@attrs.frozen(eq=False)
class Recording:
    """Values of expressions of the state at successive output times, and who counts there."""

    first: int
    """Number of the first output time."""
    held: Held
    """The trajectories, which may have gone on."""
    expressions: tuple[sp.Expr, ...]
    rows: NDArray[np.float64]
    """Of the fine run, then of the coarse one where there is one, shape (runs, times, rows, buffers, lanes).

    Memory that is used again: what is wanted later is to be copied.
    """

    @classmethod
    def of(cls, snapshot: Snapshot, expressions: tuple[sp.Expr, ...]) -> Recording:
        """Return what a snapshot shows."""
        held, coarse, m = snapshot.held, snapshot.coarse, 2 * len(expressions)
        runs = [held] if coarse is None else [held, coarse.held]
        rows = scratch(
            "recording", (len(runs), 1, row_count(len(expressions), held.reach), len(held.buffers), held.lanes)
        )
        for run, out in zip(runs, rows[:, 0], strict=True):
            buffers = run.buffers.reshape(len(run.buffers), -1, run.lanes)
            out[ALIVE], out[PEAK] = buffers[:, run.alive], buffers[:, run.peak]
            run.evaluate(expressions, out[VALUES : VALUES + m])
            if run.reach is not None:
                out[-1] = buffers[:, run.reach]
        return cls(snapshot.index, held, expressions, rows)

    @property
    def times(self) -> range:
        """Numbers of the output times."""
        return range(self.first, self.first + self.rows.shape[1])

    def places(self, expressions: tuple[sp.Expr, ...]) -> NDArray[np.int64]:
        """Return the rows of the real parts, then of the imaginary parts of some of the expressions."""
        return _places(self.expressions, expressions)

    def reach_squared(self) -> NDArray[np.float64] | None:
        """Return the fine run's reach, shape (times, trajectories), or None where there is none."""
        return None if self.held.reach is None else self.held.in_order(self.rows[0, :, -1])


@cached(64)
def _places(expressions: tuple[sp.Expr, ...], chosen: tuple[sp.Expr, ...]) -> NDArray[np.int64]:
    real = VALUES + np.array([expressions.index(e) for e in chosen], dtype=np.int64)
    return np.concatenate([real, real + len(expressions)])


class Summing(Observer):
    """An observer that sums values of expressions over survivors, at any number of output times at once."""

    @abstractmethod
    def summed(self, record: Any) -> tuple[sp.Expr, ...]:
        """Return the expressions whose values it needs."""

    @abstractmethod
    def add(self, record: Any, recording: Recording) -> None:
        """Take a block's values at some output times, of these expressions and maybe more, into its record."""

    def only_sums(self, record: Any) -> bool:
        """Return whether it takes nothing else of a trajectory, so that snapshots need not be shown to it."""
        return type(self).update is Summing.update

    def update(self, record: Any, snapshot: Snapshot) -> None:
        """Take a block's state at an output time into its record."""
        self.add(record, Recording.of(snapshot, self.summed(record)))
