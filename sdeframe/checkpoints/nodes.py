"""Sums over runs of neighbouring trajectories: few of them, each at least twice as large as the next."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import attrs

from sdeframe.engines.left import Span


@attrs.define(eq=False)
class Node:
    """A sum over the trajectories from a first one to the one before a last."""

    first: int
    last: int
    value: Any
    content: bytes | None = None
    """It as bytes, where they are made already."""

    @property
    def size(self) -> int:
        """How many trajectories there are."""
        return self.last - self.first


@attrs.define(eq=False)
class Nodes:
    """Sums in the order of their trajectories.

    Neighbours are added, left and right, as soon as the left one is less than twice as large, so that there are
    O(log n) sums in a run without gaps, and each is written anew O(log n) times at most.
    """

    nodes: list[Node] = attrs.field(factory=list)

    @property
    def spans(self) -> list[Span]:
        """Which trajectories are there."""
        return [(node.first, node.last) for node in self.nodes]

    @property
    def trajectories(self) -> int:
        """How many are there."""
        return sum(node.size for node in self.nodes)

    def add(self, node: Node) -> None:
        """Take in a sum.

        Raises
        ------
        ValueError
            If one of its trajectories is there already.
        """
        place = bisect_left(self.nodes, node.first, key=lambda n: n.first)
        before, after = self.nodes[max(place - 1, 0) : place], self.nodes[place : place + 1]
        if any(n.last > node.first for n in before) or any(node.last > n.first for n in after):
            raise ValueError(f"trajectories {node.first} to {node.last - 1} are partly there already")
        self.nodes.insert(place, node)
        while (left := self._mergeable(place)) is not None:
            a, b = self.nodes[left : left + 2]
            self.nodes[left : left + 2] = [Node(a.first, b.last, a.value + b.value)]
            place = left

    def _mergeable(self, place: int) -> int | None:
        """Return the left one of two neighbours to be added, one of which stands at a place."""
        for left in (place - 1, place):
            if 0 <= left < len(self.nodes) - 1:
                a, b = self.nodes[left : left + 2]
                if a.last == b.first and a.size < 2 * b.size:
                    return left
        return None
