"""How eight weighted neighbours merge, as programs over lanes; nodes stand for what `sdeframe.sums.weights` tells.

A table holds, one after the other, the rows of the fine run, those of a coarse one, and those of what is merged.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Final

import attrs

from sdeframe.compiled.program import Graph, Node, Outputs
from sdeframe.sums.fold_programs import FOLD
from sdeframe.sums.log_weights import WITHOUT

CARRIES, EXPONENT, MODULUS, PHASE, VALUES = (FOLD * i for i in (0, 1, 2, 3, 5))
"""Rows of a run: who carries a weight, what it is, the values; of complex numbers real parts, then imaginary ones."""
RUN: Final = FOLD * 7
"""How many these are."""

COUNTED: Final = 2 * RUN
COMMON: Final = COUNTED + FOLD
"""The larger exponent of both runs."""
POWERS: Final = COMMON + FOLD
"""What divides the fine run, then the coarse one, beside it."""
FACTORS: Final = POWERS + 2 * FOLD
"""Of each of the merges the powers of two of the left, then of the right nodes, then the rows below."""
MERGES: Final = FOLD - 1
SHARES: Final = FACTORS + 2 * MERGES
BOTH: Final = SHARES + MERGES
DELTAS: Final = BOTH + MERGES
"""By what the right means exceed the left ones, of Re Ω, then Im Ω."""
DIVISOR: Final = DELTAS + 2 * MERGES
FOUND: Final = DIVISOR + 1
"""What a program finds."""
ROWS: Final = FOUND + 13


def leaves_program(run: int) -> Outputs:
    """Return the program that leaves those of a run without a weight that carry none, and multiplies out e^(iφ)."""
    g = Graph()
    zero, outputs = g.constant(0.0), []
    for i in range(run, run + FOLD):
        carries, modulus = g.compare(">", g.row(CARRIES + i), zero), g.row(MODULUS + i)
        outputs += [
            (EXPONENT + i, g.select(carries, g.row(EXPONENT + i), g.constant(WITHOUT))),
            (MODULUS + i, g.select(carries, modulus, zero)),
            *((row, g.select(carries, g.mul(g.row(row), modulus), zero)) for row in (PHASE + i, PHASE + FOLD + i)),
        ]
    return tuple(outputs)


def pairs_program() -> Outputs:
    """Return the program that tells the larger exponent of both runs, and what it is exceeded by."""
    g = Graph()
    outputs = []
    for i in range(FOLD):
        fine, coarse = g.row(EXPONENT + i), g.row(RUN + EXPONENT + i)
        common = _larger(g, coarse, fine)
        outputs += [(COMMON + i, common)]
        outputs += [(POWERS + i, g.sub(fine, common)), (POWERS + FOLD + i, g.sub(coarse, common))]
    return tuple(outputs)


def scales_program(exponents: int) -> Outputs:
    """Return the program that tells exponent and count, and of every merge the exponents of its factors and shares."""
    g = Graph()
    one, outputs = g.constant(1.0), []
    nodes = [(g.row(exponents + i), g.row(COUNTED + i)) for i in range(FOLD)]
    for j in range(MERGES):
        (left, a), (right, b) = nodes[2 * j : 2 * j + 2]
        top, count = _larger(g, left, right), g.add(a, b)
        share = g.div(b, g.select(g.compare(">", count, one), count, one))
        outputs += [(FACTORS + j, g.sub(left, top)), (FACTORS + MERGES + j, g.sub(right, top))]
        outputs += [(SHARES + j, share), (BOTH + j, g.mul(a, share))]
        nodes.append((top, count))
    return (*outputs, *enumerate(nodes[-1], start=FOUND))


def weight_program() -> Outputs:
    """Return the program that merges Ω: Σ|Ω|, Σ|Ω|², the means of both parts and their products."""
    g = Graph()
    merges = Merges(g)
    sizes = [g.row(MODULUS + i) for i in range(FOLD)]
    (real, across), (imag, along) = (merges.mean(part) for part in _rows(g, PHASE))
    found = [
        merges.total(sizes), merges.squares([g.mul(size, size) for size in sizes]), real, imag,
        merges.product(across, across), merges.product(along, along), merges.product(across, along),
    ]  # fmt: skip
    return (*enumerate((*across, *along), start=DELTAS), *enumerate(found, start=FOUND))


def name_program() -> Outputs:
    """Return the program that merges a value O: largest parts, the means of OΩ and their products."""
    g = Graph()
    merges, none = Merges(g), g.neg(g.constant(math.inf))
    carries = [g.compare(">", g.row(CARRIES + i), g.constant(0.0)) for i in range(FOLD)]
    nothing = [g.compare("==", g.row(MODULUS + i), g.constant(0.0)) for i in range(FOLD)]
    u, v = ([g.select(c, x, g.constant(0.0)) for c, x in zip(carries, part, strict=True)] for part in _rows(g, VALUES))
    real, imag = zip(*(_product(g, *z) for z in zip(*_rows(g, PHASE), u, v, strict=True)), strict=True)
    (mean, across), (mean_imag, along) = merges.mean(list(real)), merges.mean(list(imag))
    weight = [[g.row(DELTAS + part * MERGES + j) for j in range(MERGES)] for part in range(2)]
    negative = [[g.neg(x) for x in part] for part in (u, v)]
    largest = [
        reduce(merges.farther, [g.select(no, none, x) for no, x in zip(nothing, part, strict=True)])
        for part in (u, v, *negative)
    ]
    pairs = [(across, across), (along, along), *((d, w) for d in (across, along) for w in weight), (across, along)]
    return tuple(enumerate([*largest, mean, mean_imag, *(merges.product(*pair) for pair in pairs)], start=FOUND))


def pair_program() -> Outputs:
    """Return the program that merges coarse less fine OΩ, and fine ones without the error that these tell.

    It finds the means of both real parts, then of both imaginary ones, and their squares likewise.
    """
    g = Graph()
    merges, zero, divisor = Merges(g), g.constant(0.0), g.row(DIVISOR)
    leaves: list[list[Node]] = [[], [], [], []]
    for i in range(FOLD):
        products = []
        for run in (0, RUN):
            carries, power = g.compare(">", g.row(run + CARRIES + i), zero), g.row(POWERS + (run and FOLD) + i)
            w, o = ([g.row(run + row + i), g.row(run + row + FOLD + i)] for row in (PHASE, VALUES))
            values = [g.select(carries, part, zero) for part in o]
            products.append([g.mul(part, power) for part in _product(g, *w, *values)])
        counted = g.compare(">", g.row(COUNTED + i), zero)
        for part, (fine, coarse) in enumerate(zip(*products, strict=True)):
            difference = g.sub(coarse, fine)
            better = g.sub(fine, g.node("/", (difference, divisor)))
            for kind, value in enumerate((difference, better)):
                leaves[2 * part + kind].append(g.select(counted, value, zero))
    found = [merges.mean(values) for values in leaves]
    squares = (merges.product(deltas, deltas) for _, deltas in found)
    return tuple(enumerate([*(mean for mean, _ in found), *squares], start=FOUND))


@attrs.frozen
class Merges:
    """Merges of eight neighbours: number j is of the nodes 2j and 2j + 1, and makes node 8 + j."""

    graph: Graph

    def _factors(self, j: int) -> tuple[Node, Node]:
        return self.graph.row(FACTORS + j), self.graph.row(FACTORS + MERGES + j)

    def total(self, leaves: list[Node]) -> Node:
        """Return a sum of what is divided by 2^exponent."""
        g, nodes = self.graph, list(leaves)
        for j in range(MERGES):
            f, h = self._factors(j)
            nodes.append(g.add(g.mul(nodes[2 * j], f), g.mul(nodes[2 * j + 1], h)))
        return nodes[-1]

    def squares(self, leaves: list[Node]) -> Node:
        """Return a sum of what is divided by the square of 2^exponent."""
        nodes = list(leaves)
        for j in range(MERGES):
            nodes.append(self._squares(nodes, j))
        return nodes[-1]

    def _squares(self, nodes: list[Node], j: int) -> Node:
        g, (f, h) = self.graph, self._factors(j)
        return g.add(g.mul(g.mul(nodes[2 * j], f), f), g.mul(g.mul(nodes[2 * j + 1], h), h))

    def mean(self, leaves: list[Node]) -> tuple[Node, list[Node]]:
        """Return a mean of what is divided by 2^exponent, with what the right nodes exceed the left ones by."""
        g, nodes, deltas = self.graph, list(leaves), []
        for j in range(MERGES):
            f, h = self._factors(j)
            left = g.mul(nodes[2 * j], f)
            deltas.append(g.sub(g.mul(nodes[2 * j + 1], h), left))
            nodes.append(g.add(left, g.mul(deltas[-1], g.row(SHARES + j))))
        return nodes[-1], deltas

    def product(self, a: list[Node], b: list[Node]) -> Node:
        """Return the sum of products of deviations from two means."""
        g, nodes = self.graph, [self.graph.constant(0.0)] * FOLD
        for j in range(MERGES):
            deviations = g.mul(g.mul(a[j], b[j]), g.row(BOTH + j))
            nodes.append(g.node("+", (self._squares(nodes, j), deviations)))  # 0 + −0 is 0
        return nodes[-1]

    def farther(self, a: Node, b: Node) -> Node:
        """Return the larger one, or what is no number."""
        g = self.graph
        return g.select(g.node("or", (g.compare(">", b, a), g.compare("!=", b, b))), b, a)


def _product(g: Graph, w: Node, w_imag: Node, u: Node, v: Node) -> tuple[Node, Node]:
    return g.sub(g.mul(w, u), g.mul(w_imag, v)), g.add(g.mul(w_imag, u), g.mul(w, v))


def _larger(g: Graph, a: Node, b: Node) -> Node:
    return g.select(g.compare(">=", a, b), a, b)


def _rows(g: Graph, first: int) -> tuple[list[Node], list[Node]]:
    """Return the real parts, then the imaginary parts of eight neighbours."""
    return [g.row(first + i) for i in range(FOLD)], [g.row(first + FOLD + i) for i in range(FOLD)]
