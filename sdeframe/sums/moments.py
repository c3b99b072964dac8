"""Moments of complex values on the tree of trajectory numbers, a block's in one compiled pass.

The pass gives the same bits as `sdeframe.sums.tree.reduce_leaves` with `merge_moments`, in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.scratch import borrowed
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.over_time import OverTime
from sdeframe.sums.tree import HIGHEST, NodeKey, merge_moments

Array = NDArray[np.float64]

MOST_NODES: Final = 128
"""Two a level, of at most 64, beside those of the top level."""

TYPES: Final = "int64(int64, int64, int64, float64[:,:,::1], int64, float64[:,::1], float64[:,:,::1], int64[:,::1])"
SOURCE: Final = f"""
from sdeframe.compiled.jit import inner, outer


@inner
def upwards(first, level, top, count, mean, squares, scratch, nodes, keys):
    (m, size), share, weight, start, found = mean.shape, scratch[0], scratch[1], 0, 0
    while size > 0 and level < top:
        for side in range(2):
            odd = (first if side == 0 else size) % 2
            if odd:
                at = start if side == 0 else start + size - 1
                keys[found, 0], keys[found, 1] = level, first + at - start
                nodes[found, 0] = count[at]
                for q in range(m):
                    nodes[found, 1 + q], nodes[found, 1 + m + q] = mean[q, at], squares[q, at]
                found += 1
                size -= 1
                if side == 0:
                    first, start = first + 1, start + 1
        size //= 2
        for i in range(size):
            left, right = count[start + 2 * i], count[start + 2 * i + 1]
            count[i] = left + right
            share[i] = right / max(count[i], 1.0)
            weight[i] = left * share[i]
        for q in range(m):
            for i in range(size):
                a, b = start + 2 * i, start + 2 * i + 1
                delta = mean[q, b] - mean[q, a]
                mean[q, i] = mean[q, a] + delta * share[i]
                squares[q, i] = squares[q, a] + squares[q, b] + delta * delta * weight[i]
        first, level, start = first // 2, level + 1, 0
    for at in range(size):
        keys[found, 0], keys[found, 1] = level, first + at
        nodes[found, 0] = count[at]
        for q in range(m):
            nodes[found, 1 + q], nodes[found, 1 + m + q] = mean[q, at], squares[q, at]
        found += 1
    return found


@outer({TYPES!r})
def reduce(first, level, top, sums, m, scratch, nodes, keys):
    found = 0
    for k in range(sums.shape[0]):
        count, mean, squares = sums[k, 0], sums[k, 1 : 1 + m], sums[k, 1 + m : 1 + 2 * m]
        found = upwards(first, level, top, count, mean, squares, scratch, nodes[k], keys)
    return found
"""


@cached(None)
def _reduce() -> Any:
    from sdeframe.compiled.cache import compile_source

    return compile_source(SOURCE)["reduce"]


def moments_over_time(names: int, count: int, top: int = HIGHEST) -> OverTime:
    """Return empty sums for the moments of complex values of some names at some output times."""
    return OverTime(merge_moments, 1 + 4 * names, count, top)


def moment_leaves(parts: Array, counted: NDArray[np.bool_]) -> Array:
    """Return what `merge_moments` merges: single trajectories with real values of shape (parts, trajectories)."""
    values = np.where(counted, parts, 0.0)
    return np.concatenate([counted[None, :].astype(float), values, np.zeros_like(values)])


def reduce_moments(
    first: int, parts: Array, counted: NDArray[np.bool_], top: int = HIGHEST
) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes of neighbouring trajectories, as few as there can be up to a level, as `merge_moments` does.

    Parameters
    ----------
    first
        Number of the first trajectory.
    parts
        Real values, shape (m, trajectories).
    counted
        Whose values count, shape (trajectories,).
    top
        The level.
    """
    for key, node in reduce_nodes(first, 0, moment_leaves(parts, counted)[None], len(parts), top):
        yield key, node[:, 0]


def reduce_nodes(first: int, level: int, sums: Array, m: int, top: int = HIGHEST) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes above neighbouring ones of a level, as few as there can be, of several sums side by side.

    Parameters
    ----------
    first, level
        Number of the first node, and its level.
    sums
        Count, m means and m sums of squares of the nodes, shape (sums, rows, nodes), all of which are lost.
    m
        Real values of a trajectory.
    top
        The highest level.

    Yields
    ------
    tuple
        Level and number, with statistics of shape (1 + 2 m, sums).
    """
    count = sums.shape[2]
    most = MOST_NODES + (count >> (top - level))
    # allocated here, as numba takes seconds to compile what allocates
    nodes, keys = borrowed((len(sums), most, 1 + 2 * m)), np.empty((most, 2), dtype=np.int64)
    found = _reduce()(first, level, top, sums, m, np.empty((2, count)), nodes, keys)
    for i, (at, number) in enumerate(keys[:found].tolist()):
        yield (at, number), nodes[:, i].T


def estimates(node: Array) -> tuple[Array, Estimates]:
    """Return the count, shape (times,), and the means of all names.

    The means of a node of `merge_moments` are those of all real parts, then of all imaginary parts.
    """
    m = len(node) // 4
    count, mean, squares = node[0], node[1 : 2 * m + 1], node[2 * m + 1 :]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, mean, np.nan)
        errors = np.sqrt(np.where(count > 1, squares / (count - 1) / count, np.nan))
    return count, Estimates.of_parts((mean[:m], mean[m:]), (errors[:m], errors[m:]))
