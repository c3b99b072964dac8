"""Smallest and largest values, whatever their grouping."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.extremes import Extremes, both


def extremes(values, counted):
    found = Extremes.of_none(len(values), 2)
    found.add(1, values, counted)
    return found


@given(st.integers(0, 2**32), st.integers(1, 60), st.sampled_from([0.0, 0.5, 1.0]), st.floats(-5, 5))
def test_farthest_is_the_largest_distance(seed, size, share, centre):
    random = np.random.default_rng(seed)
    values, counted = random.normal(size=(2, size)), random.random(size) < share
    found = extremes(values, counted).farthest(np.full((2, 2), centre))
    assert np.isnan(found[:, 0]).all()  # of an output time of which nothing came
    expected = np.abs(values[:, counted] - centre).max(axis=1) if counted.any() else [np.nan, np.nan]
    assert np.array_equal(found[:, 1], expected, equal_nan=True)


@given(st.integers(0, 2**32), st.sets(st.integers(1, 59)))
def test_no_grouping_changes_them(seed, cuts):
    random = np.random.default_rng(seed)
    values, counted = random.normal(size=(3, 60)), random.random(60) < 0.5
    parts = [
        extremes(values[:, a:b], counted[a:b])
        for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 60], strict=True)
    ]  # fmt: skip
    random.shuffle(parts)
    total, whole = sum(parts, start=Extremes.of_none(3, 2)), extremes(values, counted)
    assert np.array_equal(total.low, whole.low)
    assert np.array_equal(total.high, whole.high)


def test_a_value_that_is_no_number_leaves_none():
    found = extremes(np.array([[1.0, np.nan, 2.0], [1.0, np.nan, 2.0]]), np.array([True, True, True]))
    assert np.isnan(found.farthest(np.zeros((2, 2)))).all()
    lost = extremes(np.array([[1.0, np.nan, 2.0]]), np.array([True, False, True]))
    assert lost.farthest(np.zeros((1, 2)))[0, 1] == 2.0


def test_where_there_are_none_both_have_none():
    one = Extremes.of_none(1, 1)
    assert both(None, None) is both(one, None) is both(None, one) is None
    assert both(one, one).low == np.inf
