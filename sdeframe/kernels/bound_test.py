"""The test after a full step, as a program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

import sympy as sp

from sdeframe.caches import cached
from sdeframe.compiled.program import Graph, Node, Outputs, Value
from sdeframe.kernels.layout import Layout
from sdeframe.kernels.lower import Lowering
from sdeframe.kernels.trace import parameter_values, row_values


@cached(64)
def bound_program(
    layout: Layout, state: tuple[sp.Symbol, ...], tested: tuple[int, ...], watched: tuple[sp.Expr, ...],
    parameters: tuple[sp.Symbol, ...],
) -> Outputs:  # fmt: skip
    """Return the program that notes magnitude, peak and reach, and moves the next state where it is within the limit.

    The magnitude is the largest squared modulus of the tested variables (positions in the state), not a number where
    any part of the next state is not finite; the limit, squared, is parameter 0. The reach is the largest squared
    modulus of what is watched, where anything is. Who is not alive stays where it is.
    """
    g, n = Graph(), layout.width
    old, new = [g.row(r) for r in range(n)], [g.row(n + r) for r in range(n)]
    moved = row_values(g, layout.state_rows(n))
    zero = g.constant(0.0)
    magnitude = _largest(g, [moved[i] for i in tested])
    # 0*x is 0, unless x is not finite; `g.mul` would know it for 0
    finite = g.compare("==", reduce(g.add, (g.node("*", (zero, x)) for x in new)), zero)
    alive = g.compare(">", g.row(layout.alive), zero)
    within = g.compare("<=", magnitude, g.parameter(0))
    keep = g.node("and", (g.node("and", (alive, finite)), within))

    def raised(row: int, value: Node) -> tuple[int, Node]:
        before = g.row(row)
        higher = g.node("and", (alive, g.compare(">", value, before)))
        return row, g.select(higher, value, before)

    outputs = [(layout.magnitude, g.select(finite, magnitude, g.constant(math.nan))), raised(layout.peak, magnitude)]
    if layout.watched:
        known = dict(zip(state, moved, strict=True)) | parameter_values(g, parameters)
        outputs.append(raised(layout.reach, _largest(g, [Lowering(g, known).value(e) for e in watched])))
    return (*outputs, *((r, g.select(keep, new[r], old[r])) for r in range(n)))


def _largest(g: Graph, values: Sequence[Value]) -> Node:
    """Return the largest squared modulus."""
    found = g.constant(0.0)
    for value in values:
        square = value.abs2().real_node
        found = g.select(g.compare(">", square, found), square, found)
    return found
