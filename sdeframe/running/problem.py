"""A run as a specification: symbols and numbers, never compiled code, so that it pickles to any process."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.compiled.program import Outputs
from sdeframe.compiled.random_numbers import BALANCED, LAYOUT, key
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.observer import Observer
from sdeframe.interfaces.poles import Poles
from sdeframe.interfaces.recording import Summing
from sdeframe.kernels.bound_test import bound_program
from sdeframe.kernels.code_columns import Columns, code_columns, draws_of
from sdeframe.kernels.evaluator import evaluator
from sdeframe.kernels.jumps import SPLIT_ORDER, Jumping, trace_jumps
from sdeframe.kernels.lane_count import choose_lanes, lane_count
from sdeframe.kernels.layout import Layout
from sdeframe.kernels.tables import arguments
from sdeframe.kernels.time_loop import kernel_functions
from sdeframe.kernels.trace import trace_expressions, trace_recording, trace_step
from sdeframe.running.events.placing import Events
from sdeframe.running.origin import Origin
from sdeframe.running.steps.pieces import check_pieces
from sdeframe.running.steps.stretches import Stretch
from sdeframe.running.steps.switching import Switching
from sdeframe.sampling.children import children_plan
from sdeframe.sampling.plan import Draws, Plan, Sampling
from sdeframe.symbolic.drives.table import Table, tables_in
from sdeframe.symbolic.symbols import RandomComplexNormal, RandomMap, RandomSymbol, RandomUniform
from sdeframe.symbolic.system import SDE
from sdeframe.time_dependence.known_times import check_drives

RECORDING: Final = 2**20
"""Output times of trajectories from which on what is summed at them is written down by the kernel of the steps."""


@attrs.frozen(eq=False, slots=False)
class Problem:
    """Everything that the numbers of a run depend on; made by `sdeframe.running.compose.compose`, which checks it."""

    sde: SDE
    """The system that is stepped: gauged, in the integrator's calculus, with independent noises."""
    initial: tuple[sp.Expr, ...]
    """One expression a state variable."""
    parameters: tuple[float, ...]
    """One value for each parameter of the system and of the initial state, in the order of `symbols`."""
    symbols: tuple[sp.Symbol, ...]
    tested: tuple[int, ...]
    """Positions of the variables that the bound tests."""
    poles: Poles | None
    """What the model declares of its movable poles, held against its equations."""
    watched: tuple[sp.Expr, ...]
    """Expressions of the state whose largest modulus is noted, of all together."""
    integrator: Integrator
    observers: tuple[Observer, ...]
    output_times: tuple[float, ...]
    steps: tuple[int, ...]
    """Numbers of the steps at the output times."""
    stretches: tuple[Stretch, ...]
    """The steps in time."""
    switching: Switching
    """Where coefficients switch."""
    bounds: tuple[float, ...]
    """Bounds on the tested variables, ascending; passing the last one freezes a trajectory."""
    weight_bound: float | None
    """Bound beyond which |Ω| is counted, which freezes nothing; None where nothing is."""
    trajectories: int
    first_trajectory: int
    """The number of the first one, of which its random numbers are a function."""
    most: int
    """Trajectories that decide how they are tied: as many, or the most of a run that has ended early."""
    seed: int
    block: int
    """Trajectories per unit of work."""
    group_size: int
    """Neighbouring trajectories that form a group, which no block splits: 1 where there are no groups."""
    events: Events | None
    """What happens to groups as a whole."""
    step_error: bool
    sampling: Sampling
    origin: Origin
    """On which no number depends."""

    def __getstate__(self) -> dict[str, Any]:
        """Return the specification and what was chosen for it: compiled code stays in its process."""
        kept = {field.name for field in attrs.fields(type(self))} | {"lanes"}
        return {name: value for name, value in self.__dict__.items() if name in kept}

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """Output times."""
        return np.array(self.output_times)

    @property
    def numbers(self) -> range:
        """Numbers of the trajectories."""
        return range(self.first_trajectory, self.first_trajectory + self.trajectories)

    def time(self, step: int) -> float:
        """Return the time at which a step begins."""
        return self.stretch(step).time(step)

    def stretch(self, step: int) -> Stretch:
        """Return the stretch that a step is in."""
        return self.stretches[bisect_right(self.stretches, step, key=lambda s: s.first) - 1]

    @property
    def weak_order(self) -> float:
        """Weak order of the integrator, 2 at most with jumps, 1 where a coefficient may switch within a step."""
        order = min(self.integrator.weak_order, SPLIT_ORDER) if self.sde.jumps else self.integrator.weak_order
        return min(order, 1.0) if self.switching.hidden else order

    @property
    def variables(self) -> Sequence[sp.Symbol]:
        """State variables."""
        return self.sde.state

    @cached_property
    def layout(self) -> Layout:
        """The rows of the lane buffer."""
        return Layout.of(self.sde, self.integrator, bool(self.watched))

    @cached_property
    def draws(self) -> Draws:
        """The random numbers of the run."""
        return draws_of(self.layout, self.integrator, self.most, self.steps[-1], self.uniform_numbers)

    @cached_property
    def plan(self) -> Plan | None:
        """How trajectories are tied; None if they are independent."""
        return self.sampling.plan(self.draws)

    @property
    def event_times(self) -> tuple[float, ...]:
        """When something happens to groups as a whole."""
        return () if self.events is None else self.events.moments

    @property
    def replicate_size(self) -> int:
        """Trajectories that only together are independent of others: 1 if each is, else a power of 2."""
        return 1 if self.plan is None else 1 << self.plan.kept_level

    @cached_property
    def key(self) -> tuple[np.uint64, np.uint64]:
        """The key of the random numbers."""
        return key(self.seed)

    @property
    def random_numbers(self) -> str:
        """The layout of random numbers."""
        return LAYOUT if self.columns is None else BALANCED

    @cached_property
    def columns(self) -> Columns | None:
        """The code vectors of the bits, where trajectories are tied, those of a group from one event to the next."""
        if self.plan is not None:
            return code_columns(self.plan, self.layout)
        if self.events is None or self.events.family == 1:
            return None
        plan = children_plan(self.events.family, self.draws, self.events.longest(self.steps[-1]))
        return code_columns(plan, self.layout, self.events.turns(self.steps[-1]))

    @property
    def programs(self) -> tuple[Outputs, Outputs]:
        """The programs of a step and of the test after it."""
        bound = bound_program(self.layout, tuple(self.sde.state), self.tested, self.watched, self.symbols)
        return trace_step(self.sde, self.integrator), bound

    @property
    def jumping(self) -> Jumping | None:
        """The programs of jumps."""
        return trace_jumps(self.sde, self.layout, self.known)

    @cached_property
    def lanes(self) -> int:
        """Trajectories that share a buffer; no bit depends on it. Chosen where it is first asked for, then pickled."""
        return choose_lanes(
            lane_count(self.layout.rows), self.layout, *self.programs,
            tuple(self.arguments(self.integrator.dt).tolist()), self.trajectories * self.steps[-1],
            self.jumping,
        )  # fmt: skip

    @cached_property
    def kernel(self) -> Mapping[str, Any]:
        """The compiled functions."""
        return kernel_functions(self.layout, *self.programs, self.lanes, None, None, self.jumping)

    @property
    def advance(self) -> Any:
        """The compiled function that advances a block of lanes."""
        return self.kernel["advance"]

    @cached_property
    def summed(self) -> tuple[sp.Expr, ...] | None:
        """Expressions of which all observers take sums, and nothing else of a trajectory; None where one takes more.

        None too where there is so little to sum that a kernel which knows the expressions is not worth compiling.
        """
        if len(self.steps) * self.trajectories < RECORDING:
            return None
        found: dict[sp.Expr, None] = {}
        for observer in self.observers:
            record = observer.start(self)
            if not isinstance(observer, Summing) or not observer.only_sums(record):
                return None
            found |= dict.fromkeys(observer.summed(record))
        return tuple(found)

    @cached_property
    def record(self) -> Any:
        """The compiled function that advances a block of lanes and writes what is summed at output times."""
        seen = trace_recording(self.layout, self.summed or (), tuple(self.variables), self.known)
        return kernel_functions(self.layout, *self.programs, self.lanes, None, seen, self.jumping)["record"]

    def shorter(self, trajectories: int) -> Problem:
        """Return the run with fewer trajectories, for which nothing is chosen anew."""
        found = attrs.evolve(self, trajectories=trajectories)
        vars(found)["lanes"] = self.lanes
        return found

    def prepare(self) -> None:
        """Choose lanes and compile, once, before threads or other processes ask for it."""
        _ = self.kernel if self.summed is None else self.record

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables of sampled drives, those of the system first."""
        more = tables_in(*self.initial)
        return (*self.sde.tables, *(table for table in more if table not in self.sde.tables))

    @property
    def known(self) -> tuple[Any, ...]:
        """What has a value in every kernel: parameters and tables."""
        return (*self.symbols, *self.tables)

    def arguments(self, first: float) -> NDArray[np.float64]:
        """Return a kernel's parameters, of which the first one is a step or a limit, with the tables behind them."""
        return arguments((first, *self.parameters), self.tables)

    @property
    def values(self) -> dict[sp.Symbol, float]:
        """Parameters with their values."""
        return dict(zip(self.symbols, self.parameters, strict=True))

    @cached_property
    def initial_numbers(self) -> NDArray[np.complex128]:
        """The initial state, where nothing in it is random."""
        return np.array([complex(e.subs(self.values)) for e in self.initial])

    @cached_property
    def random_symbols(self) -> tuple[sp.Symbol, ...]:
        """Random symbols of the initial state in the order of their channels, by name."""
        found = {s for e in self.initial for s in e.free_symbols if isinstance(s, RandomSymbol)}
        return tuple(sorted(found, key=lambda s: s.name))

    @cached_property
    def uniform_numbers(self) -> list[bool]:
        """For every real random number that the initial state is made of, in order, whether it is uniform."""
        return [
            isinstance(symbol, (RandomUniform, RandomMap))
            for symbol in self.random_symbols
            for _ in range(2 if isinstance(symbol, (RandomComplexNormal, RandomMap)) else 1)
        ]

    @property
    def block_count(self) -> int:
        """Number of units of work."""
        return -(-self.trajectories // self.block)

    def evaluator(self, inputs: Sequence[sp.Symbol], expressions: tuple[sp.Expr, ...]) -> Callable[..., None]:
        """Return the compiled function that evaluates expressions of some inputs: all real parts, then the others."""
        return evaluator(tuple(inputs), expressions, self.known, self.lanes)

    @cached_property
    def _checked(self) -> set[sp.Expr]:
        """Expressions that are known to be evaluable: every task begins with the records of observers, which check."""
        return set()

    def check(self, expression: sp.Expr, owner: object) -> None:
        """Raise ValueError if an expression holds what the run cannot evaluate, or has no value somewhere."""
        if expression in self._checked:
            return
        for check in (check_pieces, check_drives):
            check(expression, f"{type(owner).__name__} expression", self.values, self.output_times[-1])
        try:
            trace_expressions((expression,), tuple(self.variables), self.known)
        except ValueError as error:
            raise ValueError(f"{type(owner).__name__} expression {expression}: {error}") from None
        self._checked.add(expression)
