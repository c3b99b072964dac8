"""Means over trajectories at every output time, with errors that are right for tied trajectories too."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.sampling.errors import replicate_error
from sdeframe.scratch import scratch
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.extremes import Extremes, both
from sdeframe.sums.fold import fold_function
from sdeframe.sums.fold_programs import FOLD, LEVELS, ROWS
from sdeframe.sums.moments import estimates, moments_over_time, reduce_moments, reduce_nodes
from sdeframe.sums.over_time import OverTime
from sdeframe.sums.tree import HIGHEST, NodeKey

Array = NDArray[np.float64]


def level_of(replicate_size: int) -> int:
    """Return the level of the tree whose nodes tell errors: none where each trajectory is independent."""
    return HIGHEST if replicate_size == 1 else replicate_size.bit_length() - 1


@attrs.define
class Means:
    """Sums of complex values of some names.

    Where trajectories are tied, standard errors are those of replicates with a floor, max |x − m|/n: a mean of n is not
    known better than to what one more trajectory can add.
    """

    moments: OverTime
    extremes: Extremes | None
    """Of real parts, then imaginary parts, where trajectories are tied."""

    @classmethod
    def of_none(cls, names: int, count: int, replicate_size: int) -> Means:
        """Return empty sums for some names at some output times.

        Parameters
        ----------
        names, count
            How many there are.
        replicate_size
            Trajectories that only together are independent of others, a power of 2.
        """
        level = level_of(replicate_size)
        tied = Extremes.of_none(2 * names, count) if level != HIGHEST else None
        return cls(moments_over_time(names, count, level), tied)

    def __add__(self, other: Means) -> Means:
        """Return the sums over the trajectories of both."""
        return Means(self.moments + other.moments, both(self.extremes, other.extremes))

    def add(self, index: int, first: int, parts: Array, counted: NDArray[np.bool_]) -> None:
        """Put a block's values at an output time in their place.

        Parameters
        ----------
        index
            Number of the output time.
        first
            Number of the first trajectory.
        parts
            Real parts, then imaginary parts, shape (2 names, trajectories).
        counted
            Whose values count, shape (trajectories,).
        """
        self.moments.add(index, reduce_moments(first, parts, counted, self.moments.top))
        if self.extremes is not None:
            self.extremes.add(index, parts, counted)

    def add_folded(self, index: int, first: int, parts: Array, counted: NDArray[np.bool_], lanes: int) -> None:
        """Do what `add` does for values in the order of folded buffers with so many lanes; see `sdeframe.sums.fold`."""
        m, tied = len(parts), self.extremes is not None
        out = np.empty((1, 1, 1 + (4 if tied else 2) * m, counted.size // FOLD))
        fold_function(lanes, tied)(
            np.concatenate([counted[None].astype(float), parts])[None, None], 0, 0, np.arange(1, 1 + m),
            np.array([np.inf]), np.zeros(1, dtype=np.int64), 1.0, scratch("fold", (ROWS * lanes,)), out,
        )  # fmt: skip
        nodes = reduce_nodes(first >> LEVELS, LEVELS, out[0], m, self.moments.top)
        low_and_high = out[0, :, 1 + 2 * m :].reshape(2, 1, m, -1) if tied else ()
        self.put(np.array([index]), nodes, *low_and_high)

    def put(
        self,
        index: NDArray[np.int64],
        nodes: Iterable[tuple[NodeKey, Array]],
        low: Array | None = None,
        high: Array | None = None,
    ) -> None:
        """Put nodes of a block at several output times in their place, with extremes of tied trajectories.

        Parameters
        ----------
        index
            Numbers of the output times.
        nodes
            Of `merge_moments`, shape (1 + 4 names, times).
        low, high
            Smallest and largest values of some trajectories each, shape (times, 2 names, any number).
        """
        self.moments.add(index, nodes)
        if self.extremes is not None and low is not None and high is not None:
            self.extremes.extend(index, low.min(axis=-1).T, high.max(axis=-1).T)

    def estimates(self, chosen: slice = slice(None)) -> tuple[Array, Estimates]:
        """Return how many count, shape (times,), and the means with their errors, at all output times or some."""
        node = self.moments.total()[:, chosen]
        count, means = estimates(node)
        if self.extremes is None:
            return count, means
        return count, tied_estimates(node, self.moments.groups()[..., chosen], self.extremes.at(chosen))


def tied_estimates(node: Array, groups: Array, extremes: Extremes) -> Estimates:
    """Return means with errors told by groups of trajectories.

    Parameters
    ----------
    node
        That of `merge_moments` of all, shape (rows, times).
    groups
        Those of groups, shape (groups, rows, times).
    extremes
        Of all values.
    """
    _, means = estimates(node)
    half = means.mean.shape[0]
    rows = slice(1, 1 + 2 * half)
    error = replicate_error(groups[:, :1], groups[:, rows])
    with np.errstate(invalid="ignore", divide="ignore"):
        floor = extremes.farthest(node[rows]) / node[0]
    return means.tied((error[:half], error[half:]), (floor[:half], floor[half:]))
