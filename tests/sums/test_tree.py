"""Sums on the fixed tree: the same bits for any grouping, right statistics, few nodes."""

import functools
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.tree import HIGHEST, Tree, merge_moments, reduce_leaves

NUMBERS = st.floats(-1e6, 1e6)


def leaves(values, alive=None):
    alive = np.ones(len(values)) if alive is None else alive
    return np.stack([alive, np.where(alive, values, 0.0), np.zeros(len(values))])


def tree(first, values, alive=None, top=HIGHEST):
    nodes = dict(reduce_leaves(first, leaves(values, alive), merge_moments, top))
    return Tree(merge_moments, nodes, top)


def parts(values, cuts, top=HIGHEST):
    """Return the trees of the runs of neighbours between cuts."""
    edges = [0, *sorted(c for c in cuts if c < len(values)), len(values)]
    return [tree(a, values[a:b], top=top) for a, b in itertools.pairwise(edges)]


def added(trees, top=HIGHEST):
    return sum(trees, start=Tree(merge_moments, top=top))


@given(st.lists(NUMBERS, min_size=1, max_size=200), st.sets(st.integers(1, 199)), st.randoms(use_true_random=False))
def test_any_grouping_in_any_order_gives_the_same_bits(values, cuts, random):
    values = np.array(values)
    shuffled = parts(values, cuts)
    random.shuffle(shuffled)
    total, whole = added(shuffled), tree(0, values)
    assert total.nodes.keys() == whole.nodes.keys()
    assert np.array_equal(total.total(), whole.total())


@given(st.lists(NUMBERS, min_size=3, max_size=40), st.integers(1, 38), st.integers(1, 38))
def test_trees_add_like_numbers_and_stay_as_they_are(values, a, b):
    first, *rest = parts(np.array(values), {a, b})
    before = dict(first.nodes)
    forward, backward = (first + added(rest)).total(), (added(rest[::-1]) + first).total()
    assert np.array_equal(forward, backward)
    assert first.nodes == before


def test_running_sums_would_depend_on_the_grouping():
    values = np.random.default_rng(5).normal(size=1000)
    blocks = [[values[k : k + size] for k in range(0, 1000, size)] for size in (1000, 64, 7)]
    assert len({sum(np.sum(block) for block in grouping) for grouping in blocks}) > 1
    totals = [added(parts(values, range(size, 1000, size))).total() for size in (1000, 64, 7)]
    assert np.array_equal(totals[0], totals[1])
    assert np.array_equal(totals[0], totals[2])


@given(st.integers(2, 300), st.floats(-1e6, 1e6))
def test_mean_and_variance_are_those_of_numpy(count, offset):
    random = np.random.default_rng(count)
    values, alive = offset + random.normal(size=count), random.random(count) < 0.7
    alive[:2] = True
    n, mean, squares = tree(0, values, alive).total()
    assert n == alive.sum()
    assert mean == pytest.approx(values[alive].mean(), rel=1e-12)
    assert squares / (n - 1) == pytest.approx(values[alive].var(ddof=1), rel=1e-8, abs=1e-20)


def test_a_large_offset_does_not_hide_the_spread():
    assert tree(0, 1e9 + np.array([-1.0, 0.0, 1.0, 2.0])).total().tolist() == [4, 1e9 + 0.5, 5.0]


def test_many_statistics_at_once():
    values = np.random.default_rng(2).normal(size=(3, 500))
    nodes = reduce_leaves(0, np.concatenate([np.ones((1, 500)), values, np.zeros((3, 500))]), merge_moments)
    total = Tree(merge_moments, dict(nodes)).total()
    assert np.allclose(total[1:4], values.mean(axis=1), rtol=0, atol=1e-14)
    assert np.allclose(total[4:] / 500, values.var(axis=1), rtol=1e-12)


@given(NUMBERS, st.integers(1, 3000), st.integers(0, 3000))
def test_equal_values_have_no_spread_at_all(value, count, first):
    assert tree(first, np.full(count, value)).total().tolist() == [count, value, 0.0]


def test_no_trajectory_has_no_total():
    assert Tree(merge_moments).total() is None
    assert np.array_equal(tree(0, np.ones(4), np.zeros(4)).total(), [0, 0, 0])


@pytest.mark.parametrize("count", [1, 7, 64, 1000, 4095, 4096])
def test_a_record_is_as_small_as_the_binary_digits_of_its_size(count):
    values = np.arange(float(count))
    assert len(added(parts(values, range(7, count, 7))).nodes) == count.bit_count()
    assert len(tree(3, values).nodes) <= 2 * count.bit_length()


def test_siblings_meet_in_whatever_order_they_come():
    blocks = parts(np.arange(4096.0), range(64, 4096, 64))
    assert list(added([*blocks[1::2], *blocks[0::2]]).nodes) == [(12, 0)]


def test_a_tree_travels_between_processes():
    there = pickle.loads(pickle.dumps(tree(5, np.arange(9.0))))
    assert np.array_equal((there + tree(0, np.arange(5.0))).total(), tree(0, [0, 1, 2, 3, 4, *range(9)]).total())


@given(
    st.lists(NUMBERS, min_size=1, max_size=200), st.sets(st.integers(1, 199)), st.integers(0, 9),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_nodes_of_a_level_are_kept_and_change_no_total(values, cuts, top, random):
    values = np.array(values)
    shuffled = parts(values, cuts, top)
    random.shuffle(shuffled)
    kept, size = added(shuffled, top), 2**top
    groups = [values[k : k + size] for k in range(0, len(values), size)]
    assert len(kept.nodes) == len(values) // size + (len(values) % size).bit_count()
    whole = [tree(k * size, group).total() for k, group in enumerate(groups) if len(group) == size]
    for node, expected in zip(kept.in_order(), whole, strict=False):
        assert np.array_equal(node, expected)
    assert np.array_equal(kept.total(), tree(0, values).total())
    assert kept.top == (kept + Tree(merge_moments, top=top)).top == top


def test_merging_groups_without_the_tree_would_change_bits():
    """Which is why the total inserts what was kept into a whole tree: nodes in a row are not its siblings."""
    values = np.random.default_rng(1).normal(size=1000)
    kept = tree(0, values, top=3)
    in_a_row = functools.reduce(merge_moments, kept.in_order())
    assert not np.array_equal(in_a_row, kept.total())


@pytest.mark.parametrize("key", [(2**40, 2), (65, 0), (-1, 0), (0, -1), (0, 2**64)])
def test_nodes_beyond_all_trajectories_are_refused(key):
    """Their order is that of number << level, which takes memory for as many bits as a file may claim."""
    with pytest.raises(ValueError, match=r"^a node lies beyond all trajectories$"):
        Tree(merge_moments) + Tree(merge_moments, {key: np.zeros(3)})
