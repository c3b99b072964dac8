"""Means of a sample a trajectory are those of one place after the other."""

from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from sdeframe.observers.spectra.samples import AT_ONCE, Samples, within
from sdeframe.sums.means import Means

PLACES, COUNT = AT_ONCE + 5, 100


def samples_of_none(names, places, replicate_size=1):
    run = SimpleNamespace(replicate_size=replicate_size, step_error=True, weak_order=2.0, poles=None)
    return Samples.of_none(run, [(sp.S.One,)] * names, places, 1e3)


def told(counted):
    """Return rows that tell who lives, and peaks."""
    return np.array([[who, np.zeros(len(who))] for who in counted], dtype=float)


@pytest.mark.parametrize("replicate_size", [1, 16])
def test_bits_are_those_of_means_place_by_place(replicate_size):
    rng = np.random.default_rng(2)
    runs = [rng.standard_normal((4, PLACES, COUNT)) for _ in range(2)]
    counted = [rng.random(COUNT) < 0.8 for _ in range(2)]
    pairs, difference = counted[0] & counted[1], runs[1] - runs[0]
    kinds = [(runs[0], counted[0]), (difference, pairs), (runs[0] - difference * (1 / 3), pairs)]
    samples = samples_of_none(2, PLACES, replicate_size)
    for first in (0, 37):
        part = slice(first, first + (37 if first == 0 else COUNT - 37))
        block = samples_of_none(2, PLACES, replicate_size)
        block.add(part.start, [run[..., part] for run in runs], told([c[part] for c in counted]))
        samples = samples + block
    plain = Means.of_none(2, 3 * PLACES, replicate_size)
    for k, (values, who) in enumerate(kinds):
        for at in range(PLACES):
            plain.add(k * PLACES + at, 0, values[:, at], who)
    (count, found), (expected_count, expected) = samples.means.estimates(), plain.estimates()
    assert np.array_equal(count, expected_count)
    assert np.array_equal(found.mean, expected.mean)
    assert np.array_equal(found.error, expected.error)
    assert (found.floor is None) == (replicate_size == 1)
    if found.floor is not None:
        assert np.array_equal(found.floor, expected.floor)


def test_the_lost_do_not_count_whatever_their_numbers_are():
    samples = samples_of_none(1, 1)
    values = np.array([[[1.0, np.inf, np.nan, 3.0]], [[0.0, -np.inf, np.nan, 0.0]]])
    samples.add(0, [values, values], told([[True, False, False, True]] * 2))
    written = samples.written([("m", "mean of m")], (), 0)
    assert (written["m"][1], written["m_se"][1], written["m_alive"][1]) == (2.0, 1.0, 2)
    assert (written["m_step_error"][1], written["m_extrapolated"][1]) == (0.0, 2.0)


def test_a_bound_is_on_the_peak():
    rows = np.array([[[1.0, 1.0, 0.0], [4.0, 4.1, 1.0]]])
    assert [who.tolist() for who in within(rows, 2.0)] == [[True, False, False]]
    assert [who.tolist() for who in within(rows, np.inf)] == [[True, True, False]]
