"""Running an integrator's step on traced values, which turns it into a program over the rows of a lane buffer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import sympy as sp

from sdeframe.caches import cached
from sdeframe.compiled.program import Graph, Outputs, Value
from sdeframe.interfaces.integrator import Increments, Integrator, Vector
from sdeframe.kernels.lower import Lowering
from sdeframe.symbolic.noise_derivatives import noise_correction, noise_slope
from sdeframe.symbolic.symbols import time
from sdeframe.symbolic.system import SDE


@attrs.frozen
class Layout:
    """Rows of the lane buffer: state, next state, path increments, signs, then four or five rows of bookkeeping.

    A complex variable or noise has two rows (real, imaginary), a real one has one. Channels of random numbers give
    two rows each: one complex noise, or two real ones.
    """

    complex_state: tuple[bool, ...]
    complex_noises: int
    real_noises: int
    has_signs: bool
    bits_of_real: int = 0
    bits_of_complex: int = 0
    weighted: bool = False
    """Whether the last variable is a log-weight."""

    @classmethod
    def of(cls, sde: SDE, integrator: Integrator) -> Layout:
        """Return the layout of a system under an integrator."""
        complex_noises = sum(not w.is_real for w in sde.noises.values())
        return cls(
            complex_state=tuple(not x.is_real for x in sde.state),
            complex_noises=complex_noises,
            real_noises=len(sde.noises) - complex_noises,
            has_signs=integrator.signs and bool(sde.noises),
            bits_of_real=integrator.increments.bits_of_real,
            bits_of_complex=integrator.increments.bits_of_complex,
            weighted=sde.log_weight is not None,
        )

    @property
    def width(self) -> int:
        """Rows of the state."""
        return sum(2 if c else 1 for c in self.complex_state)

    @property
    def channels(self) -> int:
        """Random channels of one step: complex noises first, then pairs of real ones."""
        return self.complex_noises + (self.real_noises + 1) // 2

    @property
    def path(self) -> int:
        """First row of the path increments."""
        return 2 * self.width

    @property
    def signs(self) -> int:
        """First row of the signs."""
        return self.path + 2 * self.channels

    @property
    def sign_count(self) -> int:
        """Random signs of one step: two for a complex noise, one for a real one."""
        return 2 * self.complex_noises + self.real_noises if self.has_signs else 0

    @property
    def sign_groups(self) -> int:
        """Calls of the generator that give the signs of some steps."""
        return (self.sign_count + 3) // 4

    @property
    def bit_count(self) -> int:
        """Random bits of one step that increments are made of."""
        return self.bits_of_complex * self.complex_noises + self.bits_of_real * self.real_noises

    @property
    def bit_groups(self) -> int:
        """Calls of the generator that give the bits of some steps."""
        return (self.bit_count + 3) // 4

    @property
    def magnitude(self) -> int:
        """Row of the largest squared modulus of the next state; threshold, peak and alive follow."""
        return self.signs + self.sign_count

    @property
    def threshold(self) -> int:
        """Row of the next squared bound to be passed."""
        return self.magnitude + 1

    @property
    def peak(self) -> int:
        """Row of the largest squared modulus so far."""
        return self.magnitude + 2

    @property
    def alive(self) -> int:
        """Row that is 1 where a trajectory lives, else 0."""
        return self.magnitude + 3

    @property
    def weight(self) -> int:
        """Row of Re C0, where there is a log-weight."""
        return self.width - 2

    @property
    def weight_threshold(self) -> int:
        """Row of the bound on Re C0, where there is a log-weight; infinite once it was passed."""
        return self.magnitude + 4

    @property
    def rows(self) -> int:
        """Rows in all."""
        return self.magnitude + 4 + self.weighted

    def state_rows(self, first: int = 0) -> list[tuple[int, ...]]:
        """Return the rows of each state variable in the state that begins at a row."""
        rows: list[tuple[int, ...]] = []
        for is_complex in self.complex_state:
            rows.append((first, first + 1) if is_complex else (first,))
            first += len(rows[-1])
        return rows

    def noise_rows(self, first: int) -> list[tuple[int, ...]]:
        """Return the rows of each noise, complex ones first."""
        pairs: list[tuple[int, ...]] = [(first + 2 * k, first + 2 * k + 1) for k in range(self.complex_noises)]
        return pairs + [(first + 2 * self.complex_noises + k,) for k in range(self.real_noises)]


def ordered_noises(sde: SDE) -> tuple[sp.Symbol, ...]:
    """Return the noises of a system in the order of their channels: complex ones first, by name."""
    return tuple(sorted(sde.noises.values(), key=lambda w: (bool(w.is_real), w.name)))


def parameter_values(graph: Graph, parameters: Sequence[sp.Symbol]) -> dict[sp.Symbol, Value]:
    """Return the traced parameters; number 0 is the step."""
    return {symbol: Value(graph.parameter(1 + i)) for i, symbol in enumerate(parameters)}


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
        symbols = {**self.parameters, time: t, **dict(zip(self.sde.state, x, strict=True)), **noises}
        lowering = Lowering(self.graph, symbols)
        return vector([lowering.value(rows[s]) for s in self.sde.state])


@cached(64)
def trace_step(sde: SDE, integrator: Integrator) -> Outputs:
    """Return the program of one step: the rows of the next state and their nodes.

    Raises
    ------
    ValueError
        For a function or symbol that cannot be lowered, named.
    """
    layout, graph = Layout.of(sde, integrator), Graph()
    system = TracedSystem(sde, graph, parameter_values(graph, tuple(sde.parameters.values())))
    signs = row_values(graph, layout.noise_rows(layout.signs)) if layout.has_signs else None
    if integrator.signs and signs is None:
        signs = vector([])
    dW = Increments(Value(graph.parameter(0)), row_values(graph, layout.noise_rows(layout.path)), signs)
    x = row_values(graph, layout.state_rows())
    new = integrator.step(system, x, Value(graph.time()), dW)
    return tuple(
        (row, value.real_node if part == 0 else value.imag_or_zero)
        for value, rows in zip(new, layout.state_rows(layout.width), strict=True)
        for part, row in enumerate(rows)
    )


@cached(256)
def trace_expressions(
    expressions: tuple[sp.Expr, ...],
    inputs: tuple[sp.Symbol, ...],
    parameters: tuple[sp.Symbol, ...],
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
