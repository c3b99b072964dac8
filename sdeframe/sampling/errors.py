"""Errors of means over trajectories that are tied within replicates."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.validators import is_finite, is_whole, shown

MOST_SIGMAS: Final = 30.0
"""Beyond, no float holds the probability."""


def replicate_error(counts: ArrayLike, means: ArrayLike) -> NDArray[np.float64]:
    """Return the standard error of the mean of all trajectories, from the means of replicates.

    √(R/(R − 1) Σ (n_ρ/n)² (m_ρ − m)²), with the mean m of all; nan where trajectories of fewer than two replicates
    count, and 0 where all means are the same number. Confidence limits are those of Student's t with R − 1 degrees.

    Parameters
    ----------
    counts
        How many trajectories count in each replicate, shape (R, ...).
    means
        Their means, real, of the shape of the counts or one that it is broadcast to, (R, ...); where nobody counts any.
    """
    n, m = np.asarray(counts, dtype=float), np.asarray(means, dtype=float)
    replicates, counted = len(n), n > 0
    if replicates < 2:
        return np.full(np.broadcast_shapes(n.shape, m.shape)[1:], np.nan)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        share = n / n.sum(axis=0)
        # from one of them on, as equal means then differ by nothing
        away = np.where(counted, m - np.where(counted, m, -np.inf).max(axis=0), 0.0)
        squares = (share**2 * (away - (share * away).sum(axis=0)) ** 2).sum(axis=0)
        error = np.sqrt(replicates / (replicates - 1) * squares)
    return np.where(np.count_nonzero(counted, axis=0) > 1, error, np.nan)


def student_limit(replicates: int | None, sigmas: float = 5.0) -> float:
    """Return how many standard errors are passed by chance as rarely as so many of a normal number.

    Parameters
    ----------
    replicates
        How many told the standard error (Student's t with one degree of freedom less); None for independent
        trajectories, whose errors are normal.
    sigmas
        5 are passed once in 1.7 million times.

    Raises
    ------
    ValueError
        If one of them is out of range.
    """
    from scipy.special import ndtr, stdtrit

    if not is_finite(sigmas) or not 0 < sigmas <= MOST_SIGMAS:
        raise ValueError(f"sigmas={shown(sigmas)}: must be above 0 and at most {MOST_SIGMAS:g}, such as 5.0")
    if replicates is not None and (not is_whole(replicates) or replicates < 2):
        raise ValueError(f"replicates={shown(replicates)}: must be an integer, 2 at least, or None")
    return sigmas if replicates is None else float(-stdtrit(replicates - 1, ndtr(-sigmas)))
