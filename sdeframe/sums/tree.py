"""Sums on the fixed binary tree of trajectory numbers, which no grouping into blocks can change.

A node (level k, number i) stands for the trajectories i·2^k to (i+1)·2^k − 1 and is merged from its two children,
whichever block brought them. A tree holds only nodes without their sibling, so it is O(log n) for n trajectories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Merge = Callable[[Array, Array], Array]
"""Merges two nodes, whose statistics stand along the first axis."""

NodeKey = tuple[int, int]

HIGHEST: Final = 64
"""A level that no tree reaches."""


@attrs.define
class Tree:
    """Partial sums over trajectories.

    Parameters
    ----------
    merge
        A module-level function of two neighbouring nodes, left and right.
    nodes
        What there is so far, by level and number.
    top
        Level of the nodes that are not merged any further, but in the total.
    """

    merge: Merge
    nodes: dict[NodeKey, Array] = attrs.field(factory=dict)
    top: int = HIGHEST

    def __add__(self, other: Tree) -> Tree:
        """Return the tree of the trajectories of both."""
        nodes = dict(self.nodes)
        for key, value in other.nodes.items():
            _insert(nodes, key, value, self.merge, self.top)
        return Tree(self.merge, nodes, self.top)

    def in_order(self) -> list[Array]:
        """Return the nodes in the order of their trajectories."""
        return [self.nodes[key] for key in sorted(self.nodes, key=_first)]

    def total(self) -> Array | None:
        """Return the node of all trajectories, or None where there are none."""
        whole = self if self.top == HIGHEST else Tree(self.merge) + self
        nodes = whole.in_order()
        return reduce(self.merge, nodes) if nodes else None


def _first(key: NodeKey) -> int:
    """Return the first trajectory of a node."""
    level, number = key
    return number << level


def _insert(nodes: dict[NodeKey, Array], key: NodeKey, value: Array, merge: Merge, top: int) -> None:
    level, number = key
    if not (0 <= level <= HIGHEST and 0 <= number < 1 << HIGHEST):  # files may say so, and `_first` would fill memory
        raise ValueError("a node lies beyond all trajectories")
    while level < top and (level, number ^ 1) in nodes:
        sibling = nodes.pop((level, number ^ 1))
        value = merge(value, sibling) if number % 2 == 0 else merge(sibling, value)
        level, number = level + 1, number // 2
    nodes[level, number] = value


def reduce_leaves(first: int, leaves: Array, merge: Merge, top: int = HIGHEST) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes of neighbouring trajectories, as few as there can be up to a level.

    Parameters
    ----------
    first
        Number of the first trajectory.
    leaves
        Statistics of single trajectories, shape (statistics, trajectories).
    merge, top
        As in :class:`Tree`.
    """
    level = 0
    while leaves.shape[1] and level < top:
        if first % 2:
            yield (level, first), leaves[:, 0]
            first, leaves = first + 1, leaves[:, 1:]
        count = leaves.shape[1]
        if count % 2:
            yield (level, first + count - 1), leaves[:, -1]
            leaves = leaves[:, :-1]
        leaves = merge(leaves[:, 0::2], leaves[:, 1::2])
        first, level = first // 2, level + 1
    for k in range(leaves.shape[1]):
        yield (level, first + k), leaves[:, k]


def merge_moments(a: Any, b: Any) -> Any:
    """Merge counts, means and sums of squared deviations (Chan, Golub and LeVeque 1979).

    The first axis holds the count, then the m means, then the m sums of squared deviations. Equal values merge
    without rounding, so a quantity without spread has the standard error 0.
    """
    m = (a.shape[0] - 1) // 2
    count = a[0] + b[0]
    share = b[0] / np.maximum(count, 1.0)
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    out[0] = count
    with np.errstate(over="ignore", invalid="ignore"):  # what grows beyond all numbers has an infinite error, or none
        delta = b[1 : m + 1] - a[1 : m + 1]
        out[1 : m + 1] = a[1 : m + 1] + delta * share
        out[m + 1 :] = a[m + 1 :] + b[m + 1 :] + delta * delta * (a[0] * share)
    return out
