"""The compiled pass over folded blocks gives the bits of one over trajectories in their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.fold import fold_function, foldable, folded, unfolded
from sdeframe.sums.fold_programs import FOLD, LEVELS, ROWS
from sdeframe.sums.moments import reduce_moments, reduce_nodes
from sdeframe.sums.tree import HIGHEST

LANES, GROUPS, NAMES = 16, 3, 2
SIZE = LANES * FOLD * GROUPS
SHARE = 1 / 3


def drawn(seed, alive, wild):
    """Return values (runs, quantities, trajectories), who lives (runs, trajectories) and peaks likewise."""
    random = np.random.default_rng(seed)
    values = random.standard_normal((2, 2 * NAMES, SIZE)) * 10.0 ** random.integers(-3, 6, (2, 2 * NAMES, SIZE))
    values[random.random(values.shape) < wild] = np.nan
    values[random.random(values.shape) < wild] = np.inf
    return values, random.random((2, SIZE)) < alive, random.exponential(1.0, (2, SIZE))


def in_buffers(values):
    return np.ascontiguousarray(folded(values, LANES)).reshape(*values.shape[:-1], -1)


def summed(first, data, levels, kinds, top, tied):
    """Return nodes by place, and the extremes, of the compiled pass."""
    values, alive, peak = data
    rows = in_buffers(
        np.concatenate([np.full_like(peak, np.nan)[:, None], alive[:, None], peak[:, None], values], axis=1)
    )
    runs = np.stack([np.full_like(rows, np.nan), rows], axis=1)
    out = np.full((len(kinds), 2, 1 + (4 if tied else 2) * 2 * NAMES, SIZE // FOLD), np.nan)
    fold_function(LANES, tied)(
        runs, 1, 2, 3 + np.arange(2 * NAMES), np.array(levels), np.array(kinds), SHARE, np.empty(ROWS * LANES), out
    )
    assert (out[:, 0, 0] == 0).all()
    out = out[:, 1].copy()
    extremes = out[:, 1 + 4 * NAMES :].copy()
    return dict(reduce_nodes(first >> LEVELS, LEVELS, out, 2 * NAMES, top)), extremes


def literal(data, level, kind):
    """Return what is summed and who counts, in plain numpy."""
    (fine, coarse), alive, peak = data
    counted = alive & (peak <= level)
    difference = coarse - fine
    return (fine, difference, fine - difference * SHARE)[kind], counted[0] if kind == 0 else counted.all(axis=0)


@given(
    seed=st.integers(0, 2**32), first=st.sampled_from([0, 8, 384, 2**40 + 24]), alive=st.sampled_from([0.0, 0.6, 1.0]),
    wild=st.sampled_from([0.0, 0.02]), top=st.sampled_from([LEVELS, LEVELS + 2, HIGHEST]),
)  # fmt: skip
def test_bits_are_those_of_trajectories_in_order(seed, first, alive, wild, top):
    data, sums = drawn(seed, alive, wild), [(np.inf, 0), (0.5, 0), (0.5, 1), (0.5, 2)]
    found, _ = summed(first, data, [level for level, _ in sums], [kind for _, kind in sums], top, tied=False)
    for k, (level, kind) in enumerate(sums):
        with np.errstate(invalid="ignore"):
            values, counted = literal(data, level, kind)
        expected = dict(reduce_moments(first, values, counted, top))
        assert found.keys() == expected.keys()
        for place, node in expected.items():
            assert np.array_equal(found[place][:, k], node, equal_nan=True)


@given(seed=st.integers(0, 2**32), alive=st.sampled_from([0.0, 0.3, 1.0]), wild=st.sampled_from([0.0, 0.02]))
def test_extremes_are_those_of_numpy(seed, alive, wild):
    data = drawn(seed, alive, wild)
    _, extremes = summed(0, data, [1.0, 2.0], [0, 1], HIGHEST, tied=True)
    for k, (level, kind) in enumerate([(1.0, 0), (2.0, 1)]):
        with np.errstate(invalid="ignore"):
            values, counted = literal(data, level, kind)
        low, high = extremes[k].reshape(2, 2 * NAMES, -1)
        wanted = values.min(axis=1, initial=np.inf, where=counted), values.max(axis=1, initial=-np.inf, where=counted)
        assert np.array_equal(low.min(axis=1), wanted[0], equal_nan=True)
        assert np.array_equal(high.max(axis=1), wanted[1], equal_nan=True)


@pytest.mark.parametrize("shape", [(SIZE,), (2, 3, SIZE)])
def test_folding_keeps_neighbours_in_one_lane(shape):
    values = np.arange(np.prod(shape)).reshape(shape)
    buffers = folded(values, LANES)
    assert buffers.shape == (*shape[:-1], FOLD * GROUPS, LANES)
    assert np.array_equal(unfolded(buffers), values)
    assert (buffers[..., 1, :] - buffers[..., 0, :] == 1).all()


def test_what_can_be_folded():
    assert foldable(0, SIZE, LANES)
    assert foldable(8, SIZE, LANES)
    assert not foldable(4, SIZE, LANES)
    assert not foldable(0, SIZE + LANES, LANES)
