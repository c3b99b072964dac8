"""Sums on the fixed tree: the same bits for any grouping, right statistics, few nodes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.tree import Tree, merge_moments, reduce_leaves


def leaves(values, alive=None):
    alive = np.ones(len(values)) if alive is None else alive
    return np.stack([alive, np.where(alive, values, 0.0), np.zeros(len(values))])


def tree(first, values, alive=None):
    return Tree(merge_moments, dict(reduce_leaves(first, leaves(values, alive), merge_moments)))


@given(st.integers(1, 200), st.sets(st.integers(1, 199)), st.randoms(use_true_random=False))
def test_any_grouping_in_any_order_gives_the_same_bits(count, cuts, random):
    values = np.random.default_rng(count).normal(size=count)
    edges = [0, *sorted(c for c in cuts if c < count), count]
    parts = [tree(a, values[a:b]) for a, b in itertools.pairwise(edges)]
    random.shuffle(parts)
    total = Tree(merge_moments)
    for part in parts:
        total = total + part
    assert np.array_equal(total.total(), tree(0, values).total())
    assert len(total.nodes) <= count.bit_length()


@given(st.integers(2, 300), st.floats(-1e6, 1e6))
def test_mean_and_variance_are_those_of_numpy(count, offset):
    random = np.random.default_rng(count)
    values, alive = offset + random.normal(size=count), random.random(count) < 0.7
    alive[:2] = True
    n, mean, squares = tree(0, values, alive).total()
    assert n == alive.sum()
    assert mean == pytest.approx(values[alive].mean(), rel=1e-12)
    assert squares / (n - 1) == pytest.approx(values[alive].var(ddof=1), rel=1e-8, abs=1e-20)


def test_equal_values_have_no_spread_at_all():
    n, mean, squares = tree(3, np.full(1000, 0.1)).total()
    assert (n, mean, squares) == (1000, 0.1, 0.0)


def test_no_trajectory_has_no_total():
    assert Tree(merge_moments).total() is None
    assert np.array_equal(tree(0, np.ones(4), np.zeros(4)).total(), [0, 0, 0])
