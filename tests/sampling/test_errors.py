"""Errors by replicates: the formula in plain numpy, and the limits of confidence that belong to them."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sdeframe.sampling import replicate_error, student_limit


def literal(counts, means):
    """Return √(R/(R − 1) Σ (n_ρ/n)² (m_ρ − m)²) of one quantity."""
    alive = [(n, m) for n, m in zip(counts, means, strict=True) if n > 0]
    n_tot, R = sum(n for n, _ in alive), len(counts)
    mean = sum(n * m for n, m in alive) / n_tot
    return math.sqrt(R / (R - 1) * sum((n / n_tot) ** 2 * (m - mean) ** 2 for n, m in alive))


@given(st.integers(2, 40), st.integers(0, 2**32), st.floats(-1e3, 1e3))
def test_it_is_the_formula(replicates, seed, offset):
    random = np.random.default_rng(seed)
    counts, means = random.integers(0, 9, replicates), offset + random.normal(size=replicates)
    counts[:2] = 3
    means[counts == 0] = np.nan  # of nobody
    assert replicate_error(counts, means) == pytest.approx(literal(counts, means), rel=1e-9)


def test_equal_counts_give_the_textbook_error_of_a_mean():
    means = np.random.default_rng(1).normal(size=24)
    assert replicate_error(np.full(24, 4096), means) == pytest.approx(means.std(ddof=1) / math.sqrt(24), rel=1e-13)


def test_counts_are_broadcast():
    random = np.random.default_rng(2)
    counts, means = random.integers(1, 9, (10, 1, 4)), random.normal(size=(10, 3, 4))
    found = replicate_error(counts, means)
    assert found.shape == (3, 4)
    for i, j in np.ndindex(3, 4):
        assert found[i, j] == pytest.approx(literal(counts[:, 0, j], means[:, i, j]), rel=1e-12)


@pytest.mark.parametrize("value", [0.1, -1e9 / 3, 1e-300])
def test_means_that_are_all_the_same_have_the_error_zero(value):
    counts = np.array([7, 0, 3, 1000, 1, 13])
    assert replicate_error(counts, np.where(counts > 0, value, np.nan)) == 0.0


@pytest.mark.parametrize("counts", [[0, 0, 0], [5, 0, 0], [5], []])
def test_fewer_than_two_replicates_that_count_tell_no_error(counts):
    """Of one that is left alone, the spread about its own mean is no error at all."""
    assert np.isnan(replicate_error(counts, np.ones(len(counts))))


def test_the_number_of_replicates_is_that_of_all_though_some_are_empty():
    assert replicate_error([1, 1, 0, 0], [1.0, 3.0, np.nan, np.nan]) == pytest.approx(math.sqrt(4 / 3 * 2 / 4))


def test_the_error_is_that_of_means_of_replicates():
    """The variance of the mean of 16 replicates, 4,000 times: within 6.5 of its standard errors; false alarm 1e-10."""
    means = np.random.default_rng(3).normal(size=(16, 4000))
    variance = replicate_error(np.full((16, 1), 5), means) ** 2
    assert abs(variance.mean() - 1 / 16) < 6.5 * variance.std() / math.sqrt(4000)


def test_limits_are_those_of_student():
    for replicates in (8, 24, 4096):
        expected = stats.t.isf(stats.norm.sf(5.0), replicates - 1)
        assert student_limit(replicates) == pytest.approx(expected, rel=1e-9)
    assert [round(student_limit(n), 1) for n in (8, 24)] == [17.1, 6.8]
    assert student_limit(24, 2.0) == pytest.approx(stats.t.isf(stats.norm.sf(2.0), 23), rel=1e-9)
    assert student_limit(None) == 5.0
    assert student_limit(None, 1.5) == 1.5
    assert student_limit(10**9) == pytest.approx(5.0, abs=1e-6)


@pytest.mark.parametrize("sigmas", [0, -1.0, 30.1, math.inf, math.nan, "5", None])
def test_sigmas_that_no_float_holds_the_probability_of_are_refused(sigmas):
    told = f"sigmas={sigmas!r}: must be above 0 and at most 30, such as 5.0"
    for replicates in (24, None):
        with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
            student_limit(replicates, sigmas)
    assert math.isfinite(student_limit(24, 30.0))
    assert student_limit(None, 30) == 30


@pytest.mark.parametrize("replicates", [1, 0, -8, 24.0, True, "24"])
def test_fewer_than_two_replicates_have_no_limit(replicates):
    told = f"replicates={replicates!r}: must be an integer, 2 at least, or None"
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        student_limit(replicates)
    assert student_limit(2) > 1e6
    assert student_limit(np.int64(24)) == student_limit(24)


def test_five_errors_of_24_replicates_are_passed_once_in_twenty_thousand():
    assert 2 * stats.t.sf(5.0, 23) == pytest.approx(1 / 20_000, rel=0.1)
