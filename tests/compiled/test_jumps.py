"""Candidates of jumps have the law of a Poisson process, whatever stands in the same buffer."""

import numba
import numpy as np
from scipy import stats

from sdeframe.compiled.jumps import candidate
from sdeframe.compiled.random_numbers import key


@numba.njit(error_model="numpy")
def walk(ids, total, many, k0, k1):
    """Return times and marks of the first candidates of some trajectories, all in one buffer."""
    lanes = ids.size
    z = np.zeros(2 * lanes)
    times, marks = np.empty((lanes, many)), np.empty((lanes, many))
    for j in range(many):
        for lane in range(lanes):
            time, _, mark = candidate(z, lanes, lane, 0, 1, total, ids[lane], k0, k1)
            times[lane, j], marks[lane, j] = time, mark
    return times, marks


def test_gaps_are_exponential_and_marks_uniform_and_independent():
    times, marks = walk(np.arange(2000, dtype=np.uint64), 2.5, 11, *key(7))
    assert np.all(times[:, 0] == 0)
    assert np.all(np.isinf(marks[:, 0]))
    gaps, marks = np.diff(times, axis=1).ravel(), marks[:, 1:].ravel()
    # each with a false alarm of 1e-7
    assert stats.kstest(gaps * 2.5, "expon").pvalue > 1e-7
    assert stats.kstest(gaps * 2.2, "expon").pvalue < 1e-7
    assert stats.kstest(marks / 2.5, "uniform").pvalue > 1e-7
    assert abs(stats.spearmanr(gaps, marks).statistic) < 5.4 / np.sqrt(gaps.size)


def test_a_candidate_depends_on_its_trajectory_alone():
    alone = walk(np.array([5], dtype=np.uint64), 1.0, 4, *key(7))
    among = walk(np.array([8, 5, 2], dtype=np.uint64), 1.0, 4, *key(7))
    for one, many in zip(alone, among, strict=True):
        assert np.array_equal(one[0], many[1])


def test_without_a_rate_no_candidate_comes():
    times, _ = walk(np.array([5], dtype=np.uint64), 0.0, 2, *key(7))
    assert not times[0, 1] < np.inf
