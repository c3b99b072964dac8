"""How eight neighbours merge, as programs over lanes."""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import Any, Final

from sdeframe.compiled.program import Graph, Node, Outputs

LEVELS: Final = 3
FOLD: Final = 1 << LEVELS
"""How many neighbours merge."""

COUNT: Final = FOLD
"""Row of the count, below the rows that tell who counts; rows of shares and weights, one of a merge each, follow."""
SHARES: Final = COUNT + 1
WEIGHTS: Final = SHARES + FOLD - 1
VALUES: Final = WEIGHTS + FOLD - 1
"""Row of the first value."""
ROWS: Final = VALUES + FOLD


def shares_program() -> Outputs:
    """Return the program that tells the count, and of every merge the right one's share and the weight of δ²."""
    g = Graph()
    one, counts = g.constant(1.0), [g.row(i) for i in range(FOLD)]
    shares, weights = [], []
    while len(counts) > 1:
        merged = []
        for left, right in _pairs(counts):
            count = g.add(left, right)
            shares.append(g.div(right, g.select(g.compare(">", count, one), count, one)))
            weights.append(g.mul(left, shares[-1]))
            merged.append(count)
        counts = merged
    return tuple(enumerate((*counts, *shares, *weights), start=COUNT))


def merge_program(tied: bool) -> Outputs:
    """Return the program that merges values as `sdeframe.sums.tree.merge_moments` does: to their mean and squares.

    Of tied trajectories the smallest and the largest value follow; what is no number makes them so.
    """
    g = Graph()
    zero, inf = g.constant(0.0), g.constant(math.inf)
    counted = [g.compare(">", g.row(i), zero) for i in range(FOLD)]
    values = [g.row(VALUES + i) for i in range(FOLD)]
    nodes = [(g.select(c, value, zero), zero) for c, value in zip(counted, values, strict=True)]
    merges = iter([(g.row(SHARES + i), g.row(WEIGHTS + i)) for i in range(FOLD - 1)])
    while len(nodes) > 1:
        nodes = [_merged(g, *pair, *next(merges)) for pair in _pairs(nodes)]
    outputs = list(nodes[0])
    for relation, far in (("<", inf), (">", g.neg(inf))) if tied else ():
        chosen = [g.select(c, value, far) for c, value in zip(counted, values, strict=True)]
        outputs.append(reduce(partial(_farther, g, relation), chosen))
    return tuple(enumerate(outputs))


def _merged(
    g: Graph, left: tuple[Node, Node], right: tuple[Node, Node], share: Node, weight: Node
) -> tuple[Node, Node]:
    delta = g.sub(right[0], left[0])
    squares = g.add(g.add(left[1], right[1]), g.mul(g.mul(delta, delta), weight))
    return g.add(left[0], g.mul(delta, share)), squares


def _farther(g: Graph, relation: str, a: Node, b: Node) -> Node:
    """Return b where the relation holds of b to a, or it is no number; else a."""
    return g.select(g.node("or", (g.compare(relation, b, a), g.compare("!=", b, b))), b, a)


def _pairs(nodes: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(nodes[::2], nodes[1::2], strict=True))
