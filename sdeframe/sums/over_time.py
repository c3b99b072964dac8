"""Sums over trajectories at every output time."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.sums.tree import HIGHEST, Merge, NodeKey, Tree

Array = NDArray[np.float64]


@attrs.define
class OverTime:
    """Partial sums over trajectories, side by side for all output times.

    Parameters
    ----------
    merge
        A module-level function of two neighbouring nodes, left and right, of shape (rows, times).
    rows
        How many statistics a node holds.
    count
        How many output times there are.
    top
        Level of the nodes that are not merged any further; see `sdeframe.sums.tree.Tree`.
    tree
        What there is so far.
    """

    merge: Merge
    rows: int
    count: int
    top: int = HIGHEST
    tree: Tree = attrs.field()

    @tree.default
    def _empty(self) -> Tree:
        return Tree(self.merge, top=self.top)

    def __add__(self, other: OverTime) -> OverTime:
        """Return the sums over the trajectories of both, with the same bits for any grouping.

        Raises
        ------
        ValueError
            If the other one is not of as many statistics and output times, or of other numbers than real ones.
        """
        kept = (self.rows, self.count), np.dtype(float)
        if any((node.shape, node.dtype) != kept for node in other.tree.nodes.values()):
            raise ValueError("sums of different shapes cannot be added")
        return attrs.evolve(self, tree=self.tree + other.tree)

    def add(self, index: int | NDArray[np.int64], nodes: Iterable[tuple[NodeKey, Array]]) -> None:
        """Put the nodes of a block in their place at an output time, or at several, shape (rows,) or (rows, times)."""
        for key, node in nodes:
            if key not in self.tree.nodes:
                self.tree.nodes[key] = np.zeros((self.rows, self.count))
            self.tree.nodes[key][:, index] = node

    def total(self) -> Array:
        """Return the node of all trajectories, shape (rows, times); zeros where there are none."""
        total = self.tree.total()
        return np.zeros((self.rows, self.count)) if total is None else total

    def groups(self) -> Array:
        """Return the nodes of groups of trajectories, shape (groups, rows, times)."""
        nodes = self.tree.in_order()
        return np.array(nodes) if nodes else np.zeros((0, self.rows, self.count))
