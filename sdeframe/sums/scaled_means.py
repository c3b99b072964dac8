"""Means of values that no float may hold: every node divides them by a power of two of its own."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.sampling.errors import replicate_error
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.extremes import Extremes, both
from sdeframe.sums.log_weights import Weighed, merge_scaled, power_of_two, step_parts, times_power_of_two
from sdeframe.sums.means import level_of
from sdeframe.sums.moments import estimates
from sdeframe.sums.over_time import OverTime
from sdeframe.sums.tree import HIGHEST
from sdeframe.sums.weights import reduce_pairs

Array = NDArray[np.float64]


@attrs.define
class ScaledMeans:
    """Sums of complex values of some names, as `sdeframe.sums.means.Means` keeps them."""

    moments: OverTime
    extremes: Extremes | None

    @classmethod
    def of_none(cls, names: int, count: int, replicate_size: int) -> ScaledMeans:
        """Return empty sums for some names at some output times."""
        level = level_of(replicate_size)
        tied = Extremes.of_none(2 * names, count) if level != HIGHEST else None
        return cls(OverTime(merge_scaled, 2 + 4 * names, count, level), tied)

    def __add__(self, other: ScaledMeans) -> ScaledMeans:
        """Return the sums over the trajectories of both."""
        return ScaledMeans(self.moments + other.moments, both(self.extremes, other.extremes))

    def add(self, index: int, first: int, coarse: Weighed, fine: Weighed, divisor: float) -> None:
        """Put what the step makes of a block's values in its place at an output time; see `step_parts`."""
        self.moments.add(index, reduce_pairs(first, coarse, fine, divisor, self.moments.top))
        if self.extremes is not None:
            exponent, parts = step_parts(coarse, fine, divisor)
            self.extremes.add(index, unscaled(parts, exponent), coarse.counted & fine.counted)

    def estimates(self) -> Estimates:
        """Return the means with their errors, infinite or 0 where no float holds them."""
        node = self.moments.total()
        _, means = estimates(node[1:])
        found = means.each(lambda z: times_power_of_two(z, node[0]))
        if self.extremes is None:
            return found
        return tied_scaled(found, node[:2], self.moments.groups(), self.extremes)


def tied_scaled(found: Estimates, head: Array, groups: Array, extremes: Extremes) -> Estimates:
    """Return means with errors told by groups of trajectories.

    Parameters
    ----------
    found
        The means of all, shape (names, times).
    head
        Exponent and count of all, shape (2, times).
    groups
        Exponent, count and then the means of groups, divided by their power of two, shape (groups, rows, times).
    extremes
        Of all values.
    """
    half = len(found.mean)
    parts = np.concatenate([found.mean.real, found.mean.imag])
    scaled = groups[:, 2 : 2 + 2 * half] * power_of_two(groups[:, :1] - head[0])
    error = unscaled(replicate_error(groups[:, 1:2], scaled), head[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        floor = extremes.farthest(parts) / head[1]
    return found.tied((error[:half], error[half:]), (floor[:half], floor[half:]))


def unscaled(values: Array, exponent: Array) -> Array:
    """Return real values times 2^exponent, infinite or 0 where no float holds them."""
    return times_power_of_two(values.astype(complex), exponent).real
