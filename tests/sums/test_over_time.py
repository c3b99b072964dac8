"""Sums at every output time are those of a tree for each time alone."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.over_time import OverTime
from sdeframe.sums.tree import Tree, merge_moments, reduce_leaves

TIMES, ROWS = 4, 5


def leaves(values):
    """Return moments of two quantities, values of shape (2, trajectories), for the tree."""
    return np.concatenate([np.ones((1, values.shape[1])), values, np.zeros_like(values)])


@given(size=st.integers(1, 80), cuts=st.sets(st.integers(1, 79)), seed=st.integers(0, 2**32))
def test_any_grouping_gives_the_bits_of_a_tree_for_each_time(size, cuts, seed):
    random = np.random.default_rng(seed)
    values = random.standard_normal((TIMES, 2, size))
    records = []
    for start, stop in itertools.pairwise([0, *sorted(c for c in cuts if c < size), size]):
        record = OverTime(merge_moments, ROWS, TIMES)
        for index in range(TIMES):
            record.add(index, reduce_leaves(start, leaves(values[index, :, start:stop]), merge_moments))
        records.append(record)
    random.shuffle(records)
    total = sum(records, start=OverTime(merge_moments, ROWS, TIMES)).total()
    for index in range(TIMES):
        alone = Tree(merge_moments, dict(reduce_leaves(0, leaves(values[index]), merge_moments)))
        assert np.array_equal(total[:, index], alone.total())


def test_no_trajectory_is_zeros_and_a_time_not_yet_seen_too():
    record = OverTime(merge_moments, ROWS, TIMES)
    assert np.array_equal(record.total(), np.zeros((ROWS, TIMES)))
    record.add(2, reduce_leaves(0, leaves(np.array([[1.0, 3.0], [5.0, 5.0]])), merge_moments))
    assert record.total().T.tolist() == [[0.0] * 5, [0.0] * 5, [2.0, 2.0, 5.0, 2.0, 0.0], [0.0] * 5]


def test_sums_stay_as_they_are_when_others_are_added():
    first, second = OverTime(merge_moments, ROWS, 1), OverTime(merge_moments, ROWS, 1)
    first.add(0, reduce_leaves(0, leaves(np.ones((2, 1))), merge_moments))
    second.add(0, reduce_leaves(1, leaves(np.zeros((2, 1))), merge_moments))
    before = [record.total().tolist() for record in (first, second)]
    assert (first + second).total()[0] == 2
    assert [record.total().tolist() for record in (first, second)] == before


@pytest.mark.parametrize("shape", [(0, 2), (3,), (3, 1), (6, 2)])
def test_sums_of_other_shapes_are_not_added(shape):
    other = OverTime(merge_moments, 3, 2)
    other.tree.nodes[0, 0] = np.zeros(shape)
    with pytest.raises(ValueError, match=r"^sums of different shapes cannot be added$"):
        OverTime(merge_moments, 3, 2) + other
