"""Jumps as programs: thinning of a candidate with what it adds, and the test of rates after a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import sympy as sp

from sdeframe.caches import cached
from sdeframe.compiled.program import Graph, Node, Outputs, Value
from sdeframe.kernels.layout import Layout
from sdeframe.kernels.lower import Lowering
from sdeframe.kernels.trace import parameter_values, row_values
from sdeframe.symbolic.jumps.poisson import PoissonNoise
from sdeframe.symbolic.symbols import (
    Parameter,
    RandomComplexNormal,
    RandomSymbol,
    RandomUniform,
    StateVariable,
    time,
)
from sdeframe.symbolic.system import SDE

ROUNDING: Final = 1e-9
"""Share of its bound by which a rate may pass it."""
SPLIT_ORDER: Final = 2.0
"""The weak order of jumps between half steps, see `sdeframe.kernels.jump_source`."""


@attrs.frozen(eq=False)
class Jumping:
    """The programs of a system with jumps, and what they need."""

    taking: Outputs
    """Of a candidate, on a buffer of one lane: see `taken`."""
    rates: Outputs
    """Of the test of rates that change, on the state; none where no rate does."""
    bounds: tuple[int, ...]
    """The numbers of the kernel's parameters that are the bounds of rates."""
    drawn: tuple[str, ...]
    """The kind of each random symbol, "uniform", "normal" or "complex", two rows each."""


def random_symbols(sde: SDE) -> tuple[sp.Symbol, ...]:
    """Return the random symbols of jumps in the order of their channels, which begin at 1: by name."""
    return tuple(sorted({s for e in sde.in_jumps for s in e.free_symbols if isinstance(s, RandomSymbol)}, key=str))


def bound_of(N: PoissonNoise) -> Parameter:
    """Return the parameter of the kernel that is the bound of the rate of a noise, of a name that no other has."""
    return Parameter(f"bound of {N.name}", real=True)


@cached(64)
def trace_jumps(sde: SDE, layout: Layout, symbols: tuple[sp.Symbol, ...]) -> Jumping | None:
    """Return the programs of the jumps of a system, if it has any.

    Parameters
    ----------
    sde
        The system.
    layout
        Its rows.
    symbols
        All parameters of the kernel but the step, among them the bounds of rates.
    """
    if not sde.jumps:
        return None
    drawn = random_symbols(sde)
    kinds = [
        "complex" if isinstance(s, RandomComplexNormal) else "uniform" if isinstance(s, RandomUniform) else "normal"
        for s in drawn
    ]
    bounds = tuple(1 + symbols.index(bound_of(N)) for N in sde.jumps)
    return Jumping(_taking(sde, layout, symbols, drawn), _rates(sde, layout, symbols), bounds, tuple(kinds))


def _taking(sde: SDE, layout: Layout, symbols: tuple[sp.Symbol, ...], drawn: tuple[sp.Symbol, ...]) -> Outputs:
    """Return the program of a candidate.

    Its rows are those of the state, offender and offence, counts, the mark, and two for each random symbol; it writes
    all but the last two kinds. A noise is taken where the mark is below its rate, counted from the sum of the bounds
    before.
    """
    g, n = Graph(), layout.width
    mark = g.row(n + 2 + layout.jumps)
    numbers = [(n + 3 + layout.jumps + 2 * k, not s.is_real) for k, s in enumerate(drawn)]
    random = row_values(g, [(row, row + 1) if both else (row,) for row, both in numbers])
    x = row_values(g, layout.state_rows())
    lowering = _lowering(g, sde, symbols, x, dict(zip(drawn, random, strict=True)))
    moved, offences = list(x), (g.row(n), g.row(n + 1))
    counts = [g.row(n + 2 + i) for i in range(layout.jumps)]
    below = g.constant(0.0)
    for i, (N, rows) in enumerate(sde.jumps.items()):
        rate, bound = lowering.value(N.rate).real_node, lowering.value(bound_of(N)).real_node
        offences = _noted(g, offences, i, rate, bound)
        above = g.compare(">=", mark, below)
        taken = g.node("and", (above, g.compare("<", mark, g.add(below, rate))))
        counts[i] = g.select(taken, g.add(counts[i], g.constant(1.0)), counts[i])
        for k, variable in enumerate(sde.state):
            if variable in rows:
                moved[k] = _chosen(g, taken, x[k] + lowering.value(rows[variable]), moved[k])
        below = g.add(below, bound)
    state = [
        (row, value.real_node if part == 0 else value.imag_or_zero)
        for value, rows in zip(moved, layout.state_rows(), strict=True)
        for part, row in enumerate(rows)
    ]
    return *state, (n, offences[0]), (n + 1, offences[1]), *((n + 2 + i, c) for i, c in enumerate(counts))


def _rates(sde: SDE, layout: Layout, symbols: tuple[sp.Symbol, ...]) -> Outputs:
    """Return the program that notes for live lanes a rate that is not within its bounds, on the rows of the layout."""
    g = Graph()
    lowering = _lowering(g, sde, symbols, row_values(g, layout.state_rows()), {})
    before = g.row(layout.offender), g.row(layout.offender + 1)
    offences = before
    for i, N in enumerate(sde.jumps):
        if N.rate.atoms(StateVariable) or N.rate.has(time):
            rate, bound = lowering.value(N.rate).real_node, lowering.value(bound_of(N)).real_node
            offences = _noted(g, offences, i, rate, bound)
    if offences == before:
        return ()
    alive = g.compare(">", g.row(layout.alive), g.constant(0.0))
    return tuple(
        (layout.offender + k, g.select(alive, new, old))
        for k, (new, old) in enumerate(zip(offences, before, strict=True))
    )


def _lowering(
    g: Graph, sde: SDE, symbols: tuple[sp.Symbol, ...], x: Any, random: Mapping[sp.Symbol, Value]
) -> Lowering:
    state = dict(zip(sde.state, x, strict=True))
    return Lowering(g, {**parameter_values(g, symbols), time: Value(g.time()), **state, **random})


def _noted(g: Graph, before: tuple[Node, Node], i: int, rate: Node, bound: Node) -> tuple[Node, Node]:
    """Return offender and offence, the first that there was: a rate that is negative, above its bound, or no number."""
    highest = g.mul(bound, g.constant(1 + ROUNDING))
    within = g.node("and", (g.compare(">=", rate, g.constant(0.0)), g.compare("<=", rate, highest)))
    kept = g.node("or", (within, g.compare(">", before[0], g.constant(0.0))))
    return g.select(kept, before[0], g.constant(float(i + 1))), g.select(kept, before[1], rate)


def _chosen(g: Graph, condition: Node, a: Value, b: Value) -> Value:
    """Return one of two values of a variable."""
    both = a.is_real and b.is_real
    return Value(
        g.select(condition, a.real_node, b.real_node),
        None if both else g.select(condition, a.imag_or_zero, b.imag_or_zero),
    )
