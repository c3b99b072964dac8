"""The test after a full step, as a program."""

from __future__ import annotations

import math
from functools import reduce

from sdeframe.compiled.program import Graph, Outputs, Value
from sdeframe.kernels.layout import Layout


def bound_program(layout: Layout, tested: tuple[int, ...]) -> Outputs:
    """Return the program that notes magnitude and peak and moves the next state where it is within the limit.

    The magnitude is the largest squared modulus of the tested variables (positions in the state), not a number where
    any part of the next state is not finite; the limit, squared, is parameter 0. Who is not alive stays where it is.
    """
    g, n = Graph(), layout.width
    old, new = [g.row(r) for r in range(n)], [g.row(n + r) for r in range(n)]
    magnitude = zero = g.constant(0.0)
    for i in tested:
        square = Value(*(g.row(r) for r in layout.state_rows(n)[i])).abs2().real_node
        magnitude = g.select(g.compare(">", square, magnitude), square, magnitude)
    # 0*x is 0, unless x is not finite; `g.mul` would know it for 0
    finite = g.compare("==", reduce(g.add, (g.node("*", (zero, x)) for x in new)), zero)
    alive = g.compare(">", g.row(layout.alive), zero)
    within = g.compare("<=", magnitude, g.parameter(0))
    keep = g.node("and", (g.node("and", (alive, finite)), within))
    peak = g.row(layout.peak)
    higher = g.node("and", (alive, g.compare(">", magnitude, peak)))
    return (
        (layout.magnitude, g.select(finite, magnitude, g.constant(math.nan))),
        (layout.peak, g.select(higher, magnitude, peak)),
        *((r, g.select(keep, new[r], old[r])) for r in range(n)),
    )
