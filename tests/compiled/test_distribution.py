"""What random numbers are distributed like.

Every statistical check accepts within `SIGMA` = 6.5 standard deviations (two-sided false alarm 8e-11 for a normal
statistic, below 1e-8 for the few skewed ones) or a p-value above `P_VALUE` = 1e-9. No test makes more than 550 of them,
so that the false-alarm probability of each test is below 1e-7. Seeds are fixed.
"""

import numpy as np
import pytest
from numba import njit
from scipy import special, stats

from sdeframe.compiled import random_numbers as rn
from tests.support.random_streams import P_VALUE, SIGMA, Array, ids, normals, uniforms


@njit
def power_sums(z, sums):
    for g in z:
        power = 1.0
        for k in range(sums.size):
            power *= g
            sums[k] += power


@njit
def tail_counts(z, limits, counts):
    for g in z:
        for k in range(limits.size):
            counts[k, 0] += g > limits[k]
            counts[k, 1] += g < -limits[k]


def sample(chunks: int, seed: int = 5):
    """Yield chunks of 2²⁰ normals, all different addresses."""
    for step in range(chunks):
        yield normals(ids(2**19), step=step, seed=seed).ravel()


def check_moments(chunks) -> None:
    sums, count = np.zeros(8), 0
    for z in chunks:
        power_sums(z, sums)
        count += z.size
    exact = np.array([special.factorial2(k - 1) if k % 2 == 0 else 0.0 for k in range(1, 17)])
    sigma = np.sqrt((exact[1::2] - exact[:8] ** 2) / count)  # var gᵏ = <g²ᵏ> - <gᵏ>²
    assert np.all(np.abs(sums / count - exact[:8]) < SIGMA * sigma)


def check_tails(chunks) -> None:
    limits = np.arange(1.0, 6.0)
    counts, total = np.zeros((5, 2), np.int64), 0
    for z in chunks:
        tail_counts(z, limits, counts)
        total += z.size
    for limit, pair in zip(limits, counts.tolist(), strict=True):
        for found in pair:
            assert stats.binomtest(found, total, stats.norm.sf(limit)).pvalue > P_VALUE


def check_uniform(u: Array, bins: int) -> None:
    """Chi-square over `bins` equal bins, too regular counts refused as well, and Kolmogorov-Smirnov."""
    counts = np.bincount((u * bins).astype(np.int64), minlength=bins)
    chi_square = np.sum((counts - u.size / bins) ** 2) / (u.size / bins)
    assert P_VALUE < stats.chi2.sf(chi_square, bins - 1) < 1 - P_VALUE
    assert stats.kstest(u[: 2**20], "uniform").pvalue > P_VALUE


def test_moments_to_eighth_order() -> None:
    check_moments(sample(20))


def test_tail_probabilities_to_five_sigma() -> None:
    check_tails(sample(100))


def test_goodness_of_fit() -> None:
    for z in sample(4):
        check_uniform(special.ndtr(z), 4096)


def test_pairs_fill_the_plane_evenly() -> None:
    """The joint law of (g0, g1): radius and angle together uniform on the square."""
    g0, g1 = normals(ids(2**22), seed=6)
    radius = (np.exp(-(g0**2 + g1**2) / 2) * 64).astype(np.int64)
    angle = ((np.arctan2(g1, g0) / (2 * np.pi) % 1.0) * 64).astype(np.int64)
    check_uniform((64 * radius + angle + 0.5) / 4096, 4096)


def test_uniforms_are_uniform_to_their_last_bits() -> None:
    u = uniforms(ids(2**21), 0, 0, rn.INITIAL, 0, *rn.key(7)).ravel()
    assert 0.0 <= u.min() < u.max() < 1.0
    assert np.array_equal(u * 2.0**53, np.floor(u * 2.0**53))
    check_uniform(u, 4096)
    check_uniform(u * 2.0**21 % 1.0, 4096)
    check_uniform(u * 2.0**41 % 1.0, 4096)


def test_planted_errors_of_distribution_are_caught() -> None:
    z = normals(ids(2**21), seed=8).ravel()
    for wrong in (1.004 * z, z + 0.005, np.clip(z, -3.5, 3.5)):
        with pytest.raises(AssertionError):
            check_moments([wrong])
    for wrong in (np.clip(z, -4.0, 4.0), 1.01 * z):
        with pytest.raises(AssertionError):
            check_tails([wrong])
    for wrong in (special.ndtr(z) ** 1.01, (np.arange(2.0**20) + 0.5) / 2**20):  # biased, and too regular
        with pytest.raises(AssertionError):
            check_uniform(wrong, 4096)
