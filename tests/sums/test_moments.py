"""The compiled pass over a block gives the bits of the tree's own rule."""

import numpy as np
import pytest

from sdeframe.sums.moments import reduce_moments
from sdeframe.sums.tree import merge_moments, reduce_leaves


def literal(first, parts, counted):
    values = np.where(counted, parts, 0.0)
    leaves = np.concatenate([counted[None].astype(float), values, np.zeros_like(values)])
    return list(reduce_leaves(first, leaves, merge_moments))


@pytest.mark.parametrize("first", [0, 1, 7, 4096, 2**40 + 3])
@pytest.mark.parametrize("size", [1, 2, 3, 64, 101, 2048])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99, 1.0])
def test_bits_are_those_of_the_literal_merge(first, size, share):
    random = np.random.default_rng(size)
    parts = random.standard_normal((4, size)) * 10.0 ** random.integers(-3, 6, (4, size))
    counted = random.random(size) < share
    parts[:, ~counted] = np.nan
    found = list(reduce_moments(first, parts, counted))
    expected = literal(first, parts, counted)
    assert [key for key, _ in found] == [key for key, _ in expected]
    for (_, node), (_, wanted) in zip(found, expected, strict=True):
        assert np.array_equal(node, wanted)
