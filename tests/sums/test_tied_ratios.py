"""Weighted means of tied trajectories: errors and floors in plain numpy, in the log domain."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.log_weights import Weighed
from sdeframe.sums.weighted_means import WeightedMeans
from tests.support.replicate_formulas import by_replicates, ratio_by_replicates

SIZE, REPLICATES = 16, 10
COUNT = SIZE * REPLICATES


def drawn(seed, share, spread):
    """Return log-weights, values and who carries a weight."""
    random = np.random.default_rng(seed)
    c = random.normal(0, spread, COUNT) + 1j * random.uniform(-1, 1, COUNT)
    values = (random.normal(size=COUNT) + 1j * random.normal(size=COUNT)) * 10.0 ** random.integers(-2, 3) + 3 - 1j
    return c, values, random.random(COUNT) < share


def taken(c, values, carries, counted, size=SIZE):
    sums = WeightedMeans.of_none(1, 1, size)
    phase, parts = np.stack([np.cos(c.imag), np.sin(c.imag)]), np.stack([values.real, values.imag])[:, None]
    sums.add(0, 0, Weighed.of(c.real, phase, parts, counted, carries))
    return sums


def literal_ratio(c, values, carries):
    return ratio_by_replicates(np.where(carries, np.exp(c), 0), values, REPLICATES)


@given(st.integers(0, 2**32), st.sampled_from([0.2, 0.9, 1.0]), st.sampled_from([0.1, 1.0, 3.0]))
def test_errors_of_ratios_are_those_of_residuals(seed, share, spread):
    c, values, carries = drawn(seed, share, spread)
    for counted in (carries, np.ones_like(carries)):  # the lost are dropped, or count without a weight
        found = taken(c, values, carries, counted).ratios()
        r, errors, exact = literal_ratio(c, values, carries)
        assert found.mean[0, 0] == pytest.approx(r, rel=1e-9)
        floor = found.floor[0, 0]
        assert floor.real == floor.imag
        assert exact * (1 - 1e-9) <= floor.real <= 100 * exact
        for part, error in zip((np.real, np.imag), errors, strict=True):
            assert part(found.error[0, 0]) == pytest.approx(math.hypot(error, floor.real), rel=1e-6)


@given(st.integers(0, 2**32))
def test_the_floor_bounds_what_one_trajectory_adds_whoever_it_is(seed):
    """Large values at small weights, and the other way round: each of the two bounds alone would be far too large."""
    c, values, carries = drawn(seed, 1.0, 0.0)
    random = np.random.default_rng(seed)
    heavy = random.integers(0, 2, COUNT).astype(bool)
    c, values = np.where(heavy, c, c - 9), np.where(heavy, values, values * 1e3)
    floor = taken(c, values, carries, carries).ratios().floor[0, 0].real
    *_, exact = literal_ratio(c, values, carries)
    assert exact * (1 - 1e-9) <= floor <= 30 * exact


@given(st.integers(0, 2**32), st.sampled_from([0.5, 1.0]), st.sampled_from([0.1, 2.0]))
def test_errors_of_plain_weighted_means(seed, share, spread):
    c, values, carries = drawn(seed, share, spread)
    everybody = np.ones_like(carries)
    _, found = taken(c, values, carries, everybody).means()
    for k, weighed in enumerate((np.where(carries, np.exp(c), 0), np.where(carries, np.exp(c) * values, 0))):
        for part in (np.real, np.imag):
            x = part(weighed)
            mean, error, floor = by_replicates(x, everybody, REPLICATES)
            assert part(found.mean[k, 0]) == pytest.approx(mean, rel=1e-9, abs=1e-12 * np.abs(x).max())
            assert part(found.floor[k, 0]) == pytest.approx(floor, rel=1e-9)
            assert part(found.error[k, 0]) == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize("shift", [-1e300, -3e5, -800.0, 800.0, 1e5])
def test_weights_that_no_float_holds_change_no_ratio(shift):
    """Nor its error or floor, but for what a logarithm of that size can hold."""
    c, values, carries = drawn(5, 0.9, 1.0)
    if abs(shift) > 1e10:
        c = 1j * c.imag
    plain, far = (taken(c + s, values, carries, carries).ratios() for s in (0.0, shift))
    for name in ("mean", "error", "floor"):
        assert getattr(far, name)[0, 0] == pytest.approx(
            getattr(plain, name)[0, 0], rel=0.5 if abs(shift) > 1e10 else 1e-9
        )


def test_a_ratio_of_equal_values_has_no_error():
    c, values, carries = drawn(3, 0.8, 1.0)
    values[:] = 0.1 - 0.3j
    found = taken(c, values, carries, carries).ratios()
    assert found.mean[0, 0] == 0.1 - 0.3j
    assert found.error[0, 0] == found.floor[0, 0] == 0


@pytest.mark.parametrize("left", [[37], [36, 37, 38], []])
def test_weights_of_one_replicate_alone_tell_no_error(left):
    c, values, carries = drawn(3, 1.0, 1.0)
    carries[:] = False
    carries[left] = True
    for counted in (carries, np.ones_like(carries)):
        assert np.isnan(taken(c, values, carries, counted).ratios().error[0, 0])


def test_errors_of_naive_sums_are_another_thing():
    """A planted one: pairs that cancel, whose mean is exact; untied sums see the spread of all."""
    random = np.random.default_rng(1)
    x = random.normal(size=COUNT // 2)
    values, c = np.stack([x, -x], axis=1).ravel() + 0j, np.zeros(COUNT, dtype=complex)
    everybody = np.ones(COUNT, dtype=bool)
    tied, untied = (taken(c, values, everybody, everybody, size).ratios() for size in (SIZE, 1))
    assert untied.error[0, 0].real == pytest.approx(values.real.std(ddof=1) / math.sqrt(COUNT), rel=1e-6)
    assert tied.error[0, 0].real == pytest.approx(tied.floor[0, 0].real, rel=1e-9)
