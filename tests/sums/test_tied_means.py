"""Means of tied trajectories: errors in plain numpy, the same bits in any grouping, and the means of untied sums."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.log_weights import Weighed
from sdeframe.sums.means import Means, level_of
from sdeframe.sums.scaled_means import ScaledMeans
from sdeframe.sums.tree import HIGHEST
from sdeframe.sums.weighted_means import WeightedMeans
from tests.support.replicate_formulas import by_replicates

SIZE, REPLICATES = 16, 10
COUNT = SIZE * REPLICATES


def drawn(seed, share, spread=1.0, names=2):
    """Return real and imaginary parts, who counts, log-weights with phases, of all trajectories."""
    random = np.random.default_rng(seed)
    parts = random.normal(size=(2 * names, COUNT)) * 10.0 ** random.integers(-2, 3, (2 * names, 1)) + 3
    counted = random.random(COUNT) < share
    parts[:, ~counted] = np.nan
    angle = random.uniform(-1, 1, COUNT)
    return parts, counted, random.normal(0, spread, COUNT), np.stack([np.cos(angle), np.sin(angle)])


def put(sums, kind, data, a, b):
    """Put trajectories a to b − 1 into sums at the second of two output times."""
    parts, counted, log_modulus, phase = (x[..., a:b] for x in data)
    if kind is Means:
        sums.add(1, a, parts, counted)
    elif kind is ScaledMeans:
        values = parts.reshape(2, -1, b - a)
        coarse, fine = (Weighed.of(log_modulus, phase, v, counted, counted) for v in (values, np.zeros_like(values)))
        sums.add(1, a, coarse, fine, 3.0)
    else:
        everybody = np.ones(b - a, dtype=bool)
        values = parts.reshape(2, -1, b - a)
        sums.add(1, a, Weighed.of(log_modulus, phase, values, everybody, counted))
    return sums


def taken(kind, data, cuts=(), order=None, tied=SIZE):
    """Return the sums of blocks between cuts, added in some order."""
    names = len(data[0]) // 2 * (1 + (kind is ScaledMeans))
    edges = list(itertools.pairwise([0, *sorted(cuts), COUNT]))
    parts = [put(kind.of_none(names, 2, tied), kind, data, a, b) for a, b in edges]
    for k in order or ():
        parts.append(parts.pop(k % len(parts)))
    return sum(parts, start=kind.of_none(names, 2, tied))


def told(sums):
    """Return everything that sums tell, as one array."""
    if isinstance(sums, WeightedMeans):
        found = [sums.means()[1], sums.ratios()]
    else:
        found = [sums.estimates()[1] if isinstance(sums, Means) else sums.estimates()]
    floors = [e.floor for e in found if e.floor is not None]
    return np.concatenate([*(e.mean for e in found), *(e.error for e in found), *floors])


KINDS = pytest.mark.parametrize("kind", [Means, ScaledMeans, WeightedMeans])


@KINDS
@given(
    seed=st.integers(0, 2**32), share=st.sampled_from([0.0, 0.02, 0.5, 1.0]), spread=st.sampled_from([1.0, 300.0]),
    cuts=st.sets(st.integers(1, COUNT - 1), max_size=12), order=st.lists(st.integers(0, 12), max_size=6),
)  # fmt: skip
def test_any_grouping_gives_the_same_bits(kind, seed, share, spread, cuts, order):
    data = drawn(seed, share, spread)
    assert np.array_equal(told(taken(kind, data, cuts, order)), told(taken(kind, data)), equal_nan=True)


@KINDS
@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.02, 0.5, 1.0]), spread=st.sampled_from([1.0, 300.0]))
def test_means_have_the_bits_of_untied_ones(kind, seed, share, spread):
    data = drawn(seed, share, spread)
    tied, untied = taken(kind, data), taken(kind, data, tied=1)
    names = len(data[0]) // 2 * (1 if kind is Means else 2) + (kind is WeightedMeans)
    assert np.array_equal(told(tied)[:names], told(untied)[:names], equal_nan=True)
    assert tied.extremes is not None if kind is not WeightedMeans else tied.values is not None
    assert untied.extremes is None if kind is not WeightedMeans else untied.values is None


def test_the_level_of_single_trajectories_is_never_reached():
    assert [level_of(n) for n in (1, 2, 4096)] == [HIGHEST, 1, 12]


@given(st.integers(0, 2**32), st.sampled_from([0.2, 0.9, 1.0]))
def test_errors_are_those_of_replicates_with_a_floor(seed, share):
    parts, counted, *_ = data = drawn(seed, share)
    count, found = taken(Means, data).estimates()
    assert count.tolist() == [0, counted.sum()]
    for i, row in enumerate(parts):
        part = np.real if i < 2 else np.imag
        mean, error, floor = by_replicates(row, counted, REPLICATES)
        assert part(found.mean[i % 2, 1]) == pytest.approx(mean, rel=1e-10)
        assert part(found.error[i % 2, 1]) == pytest.approx(error, rel=1e-9)
        assert part(found.floor[i % 2, 1]) == pytest.approx(floor, rel=1e-9)


@given(st.integers(0, 2**32), st.sampled_from([0.2, 1.0]))
def test_scaled_ones_likewise(seed, share):
    """Of coarse values, as the fine ones are 0, then of these less a third of the coarse ones."""
    parts, counted, log_modulus, phase = data = drawn(seed, share, 20.0)
    found = taken(ScaledMeans, data).estimates()
    values = (parts[:2] + 1j * parts[2:]) * np.exp(log_modulus) * (phase[0] + 1j * phase[1])
    for i, row in enumerate([*values, *-values / 3]):
        for part in (np.real, np.imag):
            mean, error, floor = by_replicates(part(row), counted, REPLICATES)
            assert part(found.mean[i, 1]) == pytest.approx(mean, rel=1e-8)
            assert part(found.error[i, 1]) == pytest.approx(error, rel=1e-8)
            assert part(found.floor[i, 1]) == pytest.approx(floor, rel=1e-8)


@pytest.mark.parametrize("kind", [Means, ScaledMeans])
def test_where_nobody_counts_there_is_no_number(kind):
    assert np.isnan(told(taken(kind, drawn(1, 0.0)))).all()
    assert np.isnan(told(kind.of_none(2, 2, SIZE))).all()


@pytest.mark.parametrize("kind", [Means, ScaledMeans])
def test_one_that_is_left_alone_has_no_error(kind):
    """As in untied sums: no spread is known, which is not the same as none."""
    data = drawn(1, 1.0)
    data[1][:] = np.arange(COUNT) == 37
    mean, error, *_ = np.split(told(taken(kind, data))[:, 1], 3)
    assert np.isfinite(mean).all()
    assert np.isnan(error).all()


@pytest.mark.parametrize("kind", [Means, ScaledMeans])
def test_values_without_spread_have_the_error_zero(kind):
    parts, counted, log_modulus, phase = drawn(1, 0.5)
    parts[:], log_modulus[:], phase[:] = 0.1, 0.3, 0.6
    _, *errors = np.split(told(taken(kind, (parts, counted, log_modulus, phase)))[:, 1], 3)
    assert (np.array(errors) == 0).all()
