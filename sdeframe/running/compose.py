"""Where model, gauge, integrator and observers meet: every check of what a user gives, then a `Problem`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.interfaces.gauge import Gauge
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer, common_weight_bound, freezing_bound
from sdeframe.kernels.trace import trace_step
from sdeframe.running.problem import Problem
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.checks import expression
from sdeframe.symbolic.commutation import noncommuting_pair
from sdeframe.symbolic.covariance import check_covariance
from sdeframe.symbolic.symbols import Parameter, RandomSymbol, log_weight
from sdeframe.symbolic.system import SDE

LARGEST_BLOCK, SMALLEST_BLOCK, BLOCKS = 2048, 256, 16
"""Trajectories per unit of work, and into how many units a small ensemble is cut; no bit depends on them."""


def compose(
    model: Model,
    integrator: Integrator,
    gauge: Gauge,
    observers: Sequence[Observer],
    times: ArrayLike,
    trajectories: int,
    seed: int,
    block: int | None,
    step_error: bool,
) -> Problem:
    """Return the checked specification of a run.

    Raises
    ------
    TypeError, ValueError
        If something given is not valid or two things do not fit, with the value, what is allowed and the way out.
    """
    _check_kinds(model, integrator, gauge, observers)
    count = positive_integer("trajectories", trajectories)
    check_covariance(model.system().covariance, model.parameters())
    system = gauged_system(model, integrator, gauge)
    initial = _initial_state(model, system)
    values = _parameter_values(model, system, initial)
    _check_initial_values(system, initial, values)
    grid = valid_times(times)
    steps = output_steps(grid, integrator.dt, 2 if step_error else 1)
    problem = Problem(
        sde=system,
        initial=initial,
        parameters=tuple(values.values()),
        symbols=tuple(values),
        tested=_tested(model, system),
        poles=model.poles,
        integrator=integrator,
        observers=tuple(observers),
        output_times=tuple(grid.tolist()),
        steps=steps,
        bounds=_bounds(model, observers, count),
        weight_bound=None if system.log_weight is None else common_weight_bound(observers),
        trajectories=count,
        seed=_valid_seed(seed),
        block=default_block(count) if block is None else positive_integer("block", block),
        step_error=step_error,
    )
    _check_records(problem)
    return problem


def default_block(trajectories: int) -> int:
    """Return a unit of work that is large enough to be quick and small enough to keep some threads busy."""
    power_of_two = 1 << max(trajectories // BLOCKS, 1).bit_length() - 1
    return max(SMALLEST_BLOCK, min(LARGEST_BLOCK, power_of_two))


def gauged_system(model: Model, integrator: Integrator, gauge: Gauge) -> SDE:
    """Return the system that the integrator steps: gauged, in its calculus, with independent noises.

    Raises
    ------
    ValueError
        If the integrator cannot take one of the system's noises.
    """
    gauged = gauge.transform(model.system())
    system = (gauged.to_ito() if integrator.interpretation == "ito" else gauged.to_stratonovich()).uncorrelated()
    for noise in system.noises.values():
        kind = "real" if noise.is_real else "complex"
        if kind not in integrator.noise_kinds:
            raise ValueError(
                f"{type(integrator).__name__} takes {' and '.join(sorted(integrator.noise_kinds))} noises only, "
                f"but {noise} of {type(model).__name__} is {kind}: choose another integrator, such as EulerMaruyama"
            )
    if integrator.commuting and (pair := noncommuting_pair(system)):
        raise ValueError(
            f"{type(integrator).__name__} takes noises only that commute, but {pair[0]} and {pair[1]} of "
            f"{type(model).__name__} do not: choose another integrator, such as W2S4"
        )
    return system


def positive_integer(name: str, value: Any) -> int:
    """Return a positive integer, or raise ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name}={value!r}: must be a positive integer")
    return int(value)


def valid_times(times: ArrayLike) -> NDArray[np.float64]:
    """Return output times as an array, or raise ValueError."""
    try:
        grid = np.asarray(times, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"times={times!r}: must be increasing numbers, such as np.linspace(0, 5, 101)") from None
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(f"times={times!r}: must be a plain list of at least one time, such as np.linspace(0, 5, 101)")
    if not np.all(np.isfinite(grid)):
        raise ValueError(f"times hold {grid[~np.isfinite(grid)][0]}: every time must be finite")
    if grid[0] < 0:
        raise ValueError(f"times begin at {grid[0]:g}: the initial state is at 0, so start there or later")
    wrong = np.flatnonzero(np.diff(grid) <= 0)
    if wrong.size:
        a, b = grid[wrong[0]], grid[wrong[0] + 1]
        raise ValueError(f"times hold {b:g} after {a:g}: they must increase, so sort them and drop repeated ones")
    return grid


def output_steps(times: NDArray[np.float64], dt: float, ratio: int) -> tuple[int, ...]:
    """Return the step number of each output time, or raise ValueError where a step of ratio·dt does not reach it."""
    spacing = np.diff(times, prepend=0.0)
    shortest = np.min(spacing[spacing > 0], initial=math.inf)
    step = ratio * dt
    if step > shortest * (1 + 1e-9):
        doubled = " (twice that for step_error)" if ratio == 2 else ""
        raise ValueError(f"dt={dt:g}{doubled} is larger than the output spacing {shortest:g}: choose a smaller dt")
    steps = np.rint(times / step)
    missed = np.flatnonzero(np.abs(times / step - steps) > 1e-9 * np.maximum(1.0, steps))
    if missed.size:
        time, spacing_of = times[missed[0]], f"a multiple of {step:g}"
        near = time / max(1, math.ceil(time / step))
        raise ValueError(
            f"time {time:g} is not {spacing_of}, so dt={dt:g} does not reach it"
            f"{' with step_error, which also takes steps of 2 dt' if ratio == 2 else ''}: "
            f"choose a dt that divides every output time, such as dt={near / ratio!r}"
        )
    if steps[-1] * ratio >= 2**32:
        raise ValueError(f"time {times[-1]:g} takes {steps[-1]:.3g} steps of dt={dt:g}: at most 2**32 can be addressed")
    return tuple(int(s) * ratio for s in steps)


def _check_kinds(model: Any, integrator: Any, gauge: Any, observers: Any) -> None:
    expected: tuple[tuple[str, Any, type, str], ...] = (
        ("model", model, Model, "TavisCummings(atoms=10, photons=10)"),
        ("integrator", integrator, Integrator, "StochasticRK2(dt=1e-3)"),
        ("gauge", gauge, Gauge, "Identity()"),
    )
    for name, value, kind, example in expected:
        if not isinstance(value, kind):
            raise TypeError(f"{name}={value!r}: must be an object of class {kind.__name__}, such as {example}")
    if not isinstance(observers, Sequence):
        raise TypeError(f"observers={observers!r}: must be a list, such as [Moments(excited=model.excited)]")
    if not observers:
        raise ValueError("observers=[]: nothing would be recorded; give at least one, such as Moments(x=...)")
    for observer in observers:
        if not isinstance(observer, Observer):
            raise TypeError(f"observers hold {observer!r}: must be Observer objects, such as Moments(x=...)")


def _valid_seed(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise ValueError(f"seed={seed!r}: must be an integer from 0 to 2**63 - 1")
    return int(seed)


def _initial_state(model: Model, system: SDE) -> tuple[sp.Expr, ...]:
    given = {x: expression(v, f"initial value of {x}") for x, v in model.initial_state().items()}
    if system.log_weight is not None:
        given.setdefault(log_weight, sp.Integer(0))
    for x in given:
        if x not in system.state:
            raise ValueError(f"initial value of {x}: the system has no such variable, only {_names(system.state)}")
    for x in system.state:
        if x not in given:
            raise ValueError(f"variable {x} has no initial value: give one, such as initial={{{x}: 0}}")
        for symbol in given[x].free_symbols:
            if not isinstance(symbol, (Parameter, RandomSymbol)):
                raise ValueError(
                    f"initial value of {x} holds {symbol}: allowed are parameters and random symbols "
                    f"(random_normal, random_complex_normal, random_uniform, random_choice)"
                )
    named: dict[str, sp.Symbol] = {s.name: s for s in system.state} | dict(system.parameters)
    held = {s for x in system.state for s in given[x].free_symbols}
    for draw in sorted(held, key=repr):
        if named.setdefault(draw.name, draw) != draw:
            raise ValueError(f"initial values hold {draw}, and another symbol has this name: rename one of them")
    return tuple(given[x] for x in system.state)


def _check_initial_values(system: SDE, initial: tuple[sp.Expr, ...], values: Mapping[sp.Symbol, float]) -> None:
    """Refuse values that are not finite, and complex ones of real variables, as far as they can be known."""
    for x, given in zip(system.state, initial, strict=True):
        value = given.subs(values)
        if not any(isinstance(s, RandomSymbol) for s in value.free_symbols):
            number = complex(value) if value.is_finite else complex(math.nan)
            if not (math.isfinite(number.real) and math.isfinite(number.imag)):
                raise ValueError(f"initial value {given} of {x} is {value}: must be finite")
            real = number.imag == 0
        else:
            real = not x.is_real or equal(value, sp.conjugate(value))
        if x.is_real and not real:
            raise ValueError(
                f"initial value {given} of the real variable {x} is not real: take re(...), or declare it complex"
            )


def _parameter_values(model: Model, system: SDE, initial: tuple[sp.Expr, ...]) -> Mapping[sp.Symbol, float]:
    needed = dict(system.parameters)
    needed |= {s.name: s for e in initial for s in sorted(e.free_symbols, key=str) if isinstance(s, Parameter)}
    given = model.parameters()
    for symbol in given:
        if not isinstance(symbol, Parameter):
            raise ValueError(f"parameter {symbol!r}: must be a symbol made by parameters(...)")
    for symbol in needed.values():
        if symbol not in given:
            raise ValueError(f"parameter {symbol} has no value: give one, such as parameters={{{symbol}: 1.0}}")
    extra = [s for s in given if s.name not in needed]
    ordered = [
        *system.parameters.values(),
        *sorted({*needed.values(), *extra} - {*system.parameters.values()}, key=str),
    ]
    return {symbol: _finite(symbol, given[symbol]) for symbol in ordered}


def _finite(symbol: sp.Symbol, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"parameter {symbol}={value!r}: must be a real number") from None
    if not math.isfinite(number) or (symbol.is_positive and number <= 0):
        raise ValueError(f"parameter {symbol}={value!r}: must be {'positive and ' if symbol.is_positive else ''}finite")
    return number


def _tested(model: Model, system: SDE) -> tuple[int, ...]:
    for x in model.runaway_variables:
        if x not in system.state:
            raise ValueError(f"runaway variable {x}: the system has only {_names(system.state)}")
    return tuple(system.state.index(x) for x in model.runaway_variables)


def _bounds(model: Model, observers: Sequence[Observer], trajectories: int) -> tuple[float, ...]:
    wanted = (freezing_bound(o, model.poles, trajectories) for o in observers)
    return tuple(sorted({float(b) for b in wanted if b is not None})) or (math.inf,)


RESERVED = ("alive", "losses", "weight_alive", "weight_losses", "time", "step", "bound")
"""Variables and coordinates that the run itself writes."""


def _check_records(problem: Problem) -> None:
    """Name what cannot be computed, and what is written twice, before anything runs."""
    trace_step(problem.sde, problem.integrator)
    if problem.layout.channels >= 2**16:
        raise ValueError(
            f"the system has {len(problem.sde.noises)} noises: at most 65536 complex ones can be addressed"
        )
    written: dict[str, Observer] = {}
    dimensions: dict[str, Any] = {}
    for observer in problem.observers:
        empty = observer.finish(observer.start(problem))
        for name in map(str, empty.data_vars):
            if name in written or name in RESERVED:
                other = type(written[name]).__name__ if name in written else "the run itself"
                raise ValueError(f"{type(observer).__name__} writes {name!r}, and so does {other}: choose another name")
            written[name] = observer
        for dimension, coordinate in empty.coords.items():
            if not dimensions.setdefault(str(dimension), coordinate).equals(coordinate):
                raise ValueError(
                    f"{type(observer).__name__} writes over other values of {str(dimension)!r} than an observer "
                    f"before it: use one observer for all of them"
                )


def _names(symbols: Iterable[sp.Symbol]) -> str:
    return ", ".join(s.name for s in symbols)
