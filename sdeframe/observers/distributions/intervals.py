"""Intervals of counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdeframe.observers.distributions.replicate_counts import ReplicateCounts
from sdeframe.observers.runaways import COVERAGE, binomial_interval

Limits = tuple[NDArray[np.float64], NDArray[np.float64]]


def count_interval(counts: NDArray[np.int64], replicates: ReplicateCounts | None) -> Limits:
    """Return the limits of the intervals of counts, shape (times, bins), all of those that are counted at a time.

    They are n times those of a share of which k of n were seen, for independent trajectories. Of tied ones they hold
    the interval that replicates tell, by Student's t, with the floor of means: what one trajectory more can change.
    """
    alive = counts.sum(axis=1, keepdims=True)
    low, high = np.empty(counts.shape), np.empty(counts.shape)
    for n, own, out_low, out_high in zip(alive[:, 0], counts, low, high, strict=True):
        seen, where = np.unique(own, return_inverse=True)
        limits = binomial_interval(seen, n)
        out_low[:], out_high[:] = (n * limit[where] for limit in limits)
    if replicates is not None:
        spread = _spread(counts, alive, replicates)
        low, high = np.clip(np.fmin(low, counts - spread), 0, alive), np.clip(np.fmax(high, counts + spread), 0, alive)
    return low, high


def _spread(counts: NDArray[np.int64], alive: NDArray[np.int64], replicates: ReplicateCounts) -> NDArray[np.float64]:
    """Return half the interval that replicates tell; nan of fewer than two."""
    from scipy.special import stdtrit

    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts / alive
    floor = np.where((share > 0) & (share < 1), np.maximum(share, 1 - share), 0.0)
    return np.asarray(stdtrit(replicates.whole - 1, (1 + COVERAGE) / 2) * np.hypot(replicates.error(counts), floor))
