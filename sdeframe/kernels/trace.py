"""Running an integrator's step on traced values, which turns it into a program over the rows of a lane buffer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe.caches import cached
from sdeframe.compiled.program import Graph, Outputs, Value
from sdeframe.interfaces.integrator import Increments, Integrator, Vector
from sdeframe.kernels.layout import Layout, ordered_noises
from sdeframe.kernels.lower import Lowering
from sdeframe.symbolic.drives.table import Table
from sdeframe.symbolic.noise_derivatives import noise_correction, noise_slope
from sdeframe.symbolic.symbols import time
from sdeframe.symbolic.system import SDE
from sdeframe.time_dependence.switches import switches
from sdeframe.validators import shown

WITHIN: Final = 2.0**-26
"""Share of half a step."""


def _switches_in_time(sde: SDE) -> bool:
    return any(g.has(time) for row in (*sde.drift.values(), *sde.noise.values()) for g in switches(row))


def parameter_values(graph: Graph, parameters: Sequence[Any]) -> dict[Any, Value]:
    """Return the traced parameters, number 0 is the step, and where the tables begin that are behind them."""
    tables = [table for table in parameters if isinstance(table, Table)]
    begins = {table: Value(graph.node("table", data=k, uniform=True)) for k, table in enumerate(tables)}
    numbers = (symbol for symbol in parameters if symbol not in begins)
    return {symbol: Value(graph.parameter(1 + i)) for i, symbol in enumerate(numbers)} | begins


def row_values(graph: Graph, rows: Sequence[tuple[int, ...]]) -> Vector:
    """Return an object array of the values that stand in the rows."""
    return vector([Value(*(graph.row(r) for r in entry)) for entry in rows])


def vector(values: Sequence[Value]) -> Vector:
    """Return values as an object array, on which plain arithmetic runs."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@attrs.frozen(eq=False)
class TracedSystem:
    """The drift and noise of a system as functions of traced values."""

    sde: SDE
    graph: Graph
    parameters: Mapping[sp.Symbol, Value]
    middle: Value | None = None
    """Time in the middle of a step, towards which times are moved where coefficients switch in time."""

    def drift(self, x: Vector, t: Any) -> Vector:
        """Return the drift at state x and time t."""
        return self._lower(self.sde.drift, x, t, {})

    def noise(self, x: Vector, t: Any, y: Vector) -> Vector:
        """Return the noise terms at state x and time t, with y in place of the noises."""
        return self._lower(self.sde.noise, x, t, dict(zip(ordered_noises(self.sde), y, strict=True)))

    def noise_jvp(self, x: Vector, t: Any, y: Vector, direction: Vector) -> Vector:
        """Return the derivative of the noise terms in x along a direction."""
        rows, along = noise_slope(self.sde)
        symbols = dict(zip(ordered_noises(self.sde), y, strict=True)) | dict(
            zip(along.values(), direction, strict=True)
        )
        return self._lower(rows, x, t, symbols)

    def correction(self, x: Vector, t: Any) -> Vector:
        """Return the Itô-Stratonovich correction at state x and time t."""
        return self._lower(noise_correction(self.sde), x, t, {})

    def _lower(self, rows: Mapping[sp.Symbol, sp.Expr], x: Vector, t: Any, noises: dict[sp.Symbol, Value]) -> Vector:
        symbols = {**self.parameters, time: self._within(t), **dict(zip(self.sde.state, x, strict=True)), **noises}
        lowering = Lowering(self.graph, symbols)
        return vector([lowering.value(rows[s]) for s in self.sde.state])

    def _within(self, t: Any) -> Any:
        """Return a time as the step is to see it: a coefficient that switches at an end has its limit from within."""
        return t if self.middle is None else t + WITHIN * (self.middle - t)


def _checked(integrator: Integrator, new: Any, x: Vector) -> list[Value]:
    """Return the entries of a traced step, one for each variable, or raise TypeError where they are something else."""
    entries = list(new) if isinstance(new, (Sequence, np.ndarray)) and not isinstance(new, str) else []
    values = [x[0].lift(entry) for entry in entries]
    if len(values) != len(x) or None in values:
        raise TypeError(
            f"{type(integrator).__name__}.step returns {shown(new)}: it must return a vector like x with one entry for "
            f"each of the {len(x)} variables, such as x + f.drift(x, t) * dW.dt"
        )
    return [value for value in values if value is not None]


@cached(64)
def trace_step(sde: SDE, integrator: Integrator) -> Outputs:
    """Return the program of one step: the rows of the next state and their nodes.

    Raises
    ------
    TypeError, ValueError
        For a function or symbol that cannot be lowered, named, or a step that returns no vector.
    """
    layout, graph = Layout.of(sde, integrator), Graph()
    middle = Value(graph.time()) + Value(graph.parameter(0)) / 2 if _switches_in_time(sde) else None
    system = TracedSystem(sde, graph, parameter_values(graph, (*sde.parameters.values(), *sde.tables)), middle)
    signs = row_values(graph, layout.noise_rows(layout.signs)) if layout.has_signs else None
    if integrator.signs and signs is None:
        signs = vector([])
    dW = Increments(Value(graph.parameter(0)), row_values(graph, layout.noise_rows(layout.path)), signs)
    x = row_values(graph, layout.state_rows())
    new = _checked(integrator, integrator.step(system, x, Value(graph.time()), dW), x)
    return tuple(
        (row, value.real_node if part == 0 else value.imag_or_zero)
        for value, rows in zip(new, layout.state_rows(layout.width), strict=True)
        for part, row in enumerate(rows)
    )


@cached(256)
def trace_recording(
    layout: Layout, expressions: tuple[sp.Expr, ...], inputs: tuple[sp.Symbol, ...], parameters: tuple[Any, ...]
) -> Outputs:
    """Return the program that fills the rows of `sdeframe.interfaces.recording`."""
    values = trace_expressions(expressions, inputs, parameters)
    graph = values[0][1].graph if values else Graph()
    parts = [node for k in range(2) for _, node in values[k::2]]
    reach = [graph.row(layout.reach)] if layout.watched else []
    return tuple(enumerate([graph.row(layout.alive), graph.row(layout.peak), *parts, *reach]))


def trace_expressions(
    expressions: tuple[sp.Expr, ...],
    inputs: tuple[sp.Symbol, ...],
    parameters: tuple[Any, ...],
) -> Outputs:
    """Return the program of some expressions of the inputs: two rows each, real and imaginary part.

    Inputs stand in the buffer's first rows, two for a complex one.
    """
    graph = Graph()
    layout = Layout(tuple(not s.is_real for s in inputs), 0, 0, False)
    symbols = dict(zip(inputs, row_values(graph, layout.state_rows()), strict=True))
    lowering = Lowering(graph, {**symbols, **parameter_values(graph, parameters), time: Value(graph.time())})
    values = [lowering.value(e) for e in expressions]
    return tuple(
        (2 * i + k, node) for i, v in enumerate(values) for k, node in enumerate((v.real_node, v.imag_or_zero))
    )
