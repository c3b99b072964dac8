"""The compiled pass over a block gives the bits of the tree's own rule."""

import numpy as np
import pytest

from sdeframe.sums.moments import reduce_moments
from sdeframe.sums.tree import HIGHEST, merge_moments, reduce_leaves


def literal(first, parts, counted, top):
    values = np.where(counted, parts, 0.0)
    leaves = np.concatenate([counted[None].astype(float), values, np.zeros_like(values)])
    return list(reduce_leaves(first, leaves, merge_moments, top))


@pytest.mark.parametrize("first", [0, 1, 7, 4096, 2**40 + 3])
@pytest.mark.parametrize("size", [1, 2, 3, 64, 101, 2048])
@pytest.mark.parametrize(
    ("share", "top"), [(0.0, HIGHEST), (0.5, 3), (0.5, HIGHEST), (0.99, 0), (1.0, 1), (1.0, HIGHEST)]
)
def test_bits_are_those_of_the_literal_merge(first, size, share, top):
    random = np.random.default_rng(size)
    parts = random.standard_normal((4, size)) * 10.0 ** random.integers(-3, 6, (4, size))
    counted = random.random(size) < share
    parts[:, ~counted] = np.nan
    found = list(reduce_moments(first, parts, counted, top))
    expected = literal(first, parts, counted, top)
    assert max(level for (level, _), _ in found) <= top
    assert [key for key, _ in found] == [key for key, _ in expected]
    for (_, node), (_, wanted) in zip(found, expected, strict=True):
        assert np.array_equal(node, wanted)
