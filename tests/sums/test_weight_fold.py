"""The compiled passes over weighted values give the bits of the literal merges, folded or not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.fold import folded
from sdeframe.sums.fold_programs import FOLD, LEVELS
from sdeframe.sums.log_weights import Weighed, merge_scaled, step_parts
from sdeframe.sums.means import Means
from sdeframe.sums.moments import moment_leaves
from sdeframe.sums.tree import HIGHEST, reduce_leaves
from sdeframe.sums.weight_fold import WIDTH
from sdeframe.sums.weights import reduce_pairs, reduce_weights
from tests.sums.test_weights import drawn, literal_leaves, literal_merge, same

LANES = [WIDTH, 4 * WIDTH]
DRAWN = given(
    seed=st.integers(0, 2**32),
    first=st.sampled_from([0, 8, 384, 2**40 + 24]),
    groups=st.integers(1, 3),
    names=st.integers(1, 4),
    spread=st.sampled_from([0.0, 1.0, 300.0, 1e9, 1e200]),
    special=st.sampled_from([0.0, 0.02, 0.5]),
    share=st.sampled_from([0.0, 0.5, 0.99, 1.0]),
    top=st.sampled_from([LEVELS, LEVELS + 2, HIGHEST]),
)


def in_buffers(run, lanes):
    """Return the same trajectories in the order of folded buffers."""

    def arranged(values):
        return np.ascontiguousarray(folded(values, lanes)).reshape(values.shape)

    arrays = map(arranged, (run.log_modulus, run.phase, run.outcomes, run.counted, run.carries))
    return Weighed.of(*arrays, lanes)


@pytest.mark.parametrize("lanes", LANES)
@DRAWN
def test_folded_weights_have_the_bits_of_the_literal_merge(
    lanes, seed, first, groups, names, spread, special, share, top
):
    with np.errstate(all="ignore"):
        run = drawn(seed, groups * FOLD * lanes, names, spread, special, share)
        expected = dict(reduce_leaves(first, literal_leaves(run), literal_merge, top))
        assert same(dict(reduce_weights(first, in_buffers(run, lanes), top)), expected)


@pytest.mark.parametrize("lanes", LANES)
@DRAWN
def test_what_the_step_makes_has_the_bits_of_the_literal_merge(
    lanes, seed, first, groups, names, spread, special, share, top
):
    with np.errstate(all="ignore"):
        fine, coarse = (drawn(seed + k, groups * FOLD * lanes, names, spread, special, share) for k in range(2))
        exponent, parts = step_parts(coarse, fine, 3.0)
        leaves = np.concatenate([exponent[None], moment_leaves(parts, coarse.counted & fine.counted)])
        expected = dict(reduce_leaves(first, leaves, merge_scaled, top))
        assert same(dict(reduce_pairs(first, coarse, fine, 3.0, top)), expected)
        runs = in_buffers(coarse, lanes), in_buffers(fine, lanes)
        assert same(dict(reduce_pairs(first, *runs, 3.0, top)), expected)


@pytest.mark.parametrize("tied", [1, FOLD, 32 * FOLD])
@given(seed=st.integers(0, 2**32), special=st.sampled_from([0.0, 0.02]), share=st.sampled_from([0.0, 0.6, 1.0]))
def test_plain_means_of_folded_values_have_the_bits_of_others(tied, seed, special, share):
    with np.errstate(all="ignore"):
        run = drawn(seed, 4 * FOLD * WIDTH, 2, 1.0, special, share)
        moved = in_buffers(run, WIDTH)
        found, expected = Means.of_none(2, 3, tied), Means.of_none(2, 3, tied)
        found.add_folded(1, 8, moved.outcomes.reshape(4, -1), moved.carries, WIDTH)
        expected.add(1, 8, run.outcomes.reshape(4, -1), run.carries)
    assert same(found.moments.tree.nodes, expected.moments.tree.nodes)
    if tied > 1:
        assert np.array_equal(found.extremes.low, expected.extremes.low, equal_nan=True)
        assert np.array_equal(found.extremes.high, expected.extremes.high, equal_nan=True)
