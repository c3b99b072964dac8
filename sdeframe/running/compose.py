"""Where model, gauge, integrator and observers meet: every check of what a user gives, then a `Problem`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.compiled.jit import check_compiler
from sdeframe.derivation.derived_model import DerivedModel
from sdeframe.groups.groups import Groups
from sdeframe.growth.holding import held
from sdeframe.interfaces.bounds import SAFE, common_weight_bound, freezing_bound, relative
from sdeframe.interfaces.gauge import Gauge, Identity, gauged
from sdeframe.interfaces.increments import FourPoint
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.interfaces.poles import Poles
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.trace import trace_step
from sdeframe.running.ensemble.splitting import whole_groups, work_unit
from sdeframe.running.events.placing import on_steps
from sdeframe.running.jumps.rate_bounds import with_bounds
from sdeframe.running.jumps.refusals import refuse_with_jumps
from sdeframe.running.kinds import check_kinds, empty_dataset, needed
from sdeframe.running.netcdf import check_name, check_text
from sdeframe.running.noise_free import centre, scaled
from sdeframe.running.origin import Origin
from sdeframe.running.problem import Problem
from sdeframe.running.starting_values import check_initial_values, initial_state, names, parameter_values
from sdeframe.running.steps.pieces import check_pieces
from sdeframe.running.steps.switching import switching
from sdeframe.running.steps.time_grid import output_steps, valid_times
from sdeframe.sampling.plan import Independent, Sampling
from sdeframe.symbolic.commutation import noncommuting_pair
from sdeframe.symbolic.covariance import check_covariance
from sdeframe.symbolic.symbols import Carried
from sdeframe.symbolic.system import SDE
from sdeframe.time_dependence.known_times import check_drives
from sdeframe.validators import boolean, consecutive, is_whole, shown


class RunOptions(TypedDict, total=False):
    """What decides the numbers of a run beside model and integrator; see `sdeframe.simulate`."""

    gauge: Gauge
    observers: Required[Sequence[Observer]]
    times: Required[ArrayLike]
    trajectories: Required[int | range]
    seed: Required[int]
    step_error: bool
    sampling: Sampling
    groups: Groups | None


@usual_arithmetic
def compose(
    model: Model,
    integrator: Integrator,
    *,
    gauge: Gauge = Identity(),  # noqa: B008 (frozen)
    observers: Sequence[Observer],
    times: ArrayLike,
    trajectories: int | range,
    seed: int,
    block: int | None = None,
    step_error: bool = False,
    sampling: Sampling = Independent(),  # noqa: B008 (frozen)
    groups: Groups | None = None,
) -> Problem:
    """Return the checked specification of a run; the parameters are those of `sdeframe.simulate`.

    Raises
    ------
    TypeError, ValueError
        If something given is not valid or two things do not fit, with the value, what is allowed and the way out.
    """
    check_compiler()
    check_kinds(model, integrator, gauge)
    observers = _of_model(observers, model)
    numbers = whole_groups(consecutive("trajectories", trajectories), groups, sampling)
    check_covariance(model.system().covariance, model.parameters())
    system = gauged_system(model, integrator, gauge)
    _check_sampling(sampling, integrator, system, numbers)
    initial = initial_state(model, system)
    grid = valid_times(times)
    values = with_bounds(system, parameter_values(model, system, initial), float(grid[-1]))
    _check_rows(system, initial, values, grid[-1])
    uncut = output_steps(grid, integrator.dt, 2 if boolean("step_error", step_error) else 1)
    poles = _poles(model, observers, EagerSystem(system, values), centre(initial, values), float(grid[-1]))
    bounds = _bounds(poles, observers, len(numbers))
    switched = switching(system, values, float(grid[-1]))
    parts, steps, events = on_steps(model, groups, step_error, integrator, uncut, switched.times)
    problem = Problem(
        sde=system,
        initial=initial,
        parameters=tuple(values.values()),
        symbols=tuple(values),
        tested=_tested(model, system, bounds),
        poles=poles,
        watched=() if poles is None or not relative(observers) else poles.watched,
        integrator=integrator,
        observers=observers,
        output_times=tuple(grid.tolist()),
        steps=steps,
        stretches=parts,
        switching=switched,
        bounds=bounds,
        weight_bound=None if system.log_weight is None else common_weight_bound(observers),
        trajectories=len(numbers),
        first_trajectory=numbers.start,
        most=len(numbers),
        seed=_valid_seed(seed),
        block=work_unit(len(numbers), groups, block),
        group_size=1 if groups is None else groups.size,
        events=events,
        step_error=step_error,
        sampling=sampling,
        origin=Origin.of(model, gauge, poles),
    )
    _check_records(problem)
    return problem


def gauged_system(model: Model, integrator: Integrator, gauge: Gauge) -> SDE:
    """Return the system that the integrator steps: gauged, in its calculus, with independent noises.

    Raises
    ------
    ValueError
        If the integrator cannot take one of the system's noises, or its jumps.
    """
    refuse_with_jumps(model.system(), integrator, gauge)
    sde = gauged(gauge, model.system())
    system = (
        (sde.to_ito() if integrator.interpretation == "ito" else sde.to_stratonovich()).uncorrelated().uncompensated()
    )
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


def _of_model(observers: Any, model: Model) -> tuple[Observer, ...]:
    """Return observers whose operators are expressions of a model, or raise an error where one is something else."""
    if not isinstance(observers, Sequence):
        own = isinstance(observers, Observer)
        example = f"{type(observers).__name__}(...)" if own else "Moments(excited=model.excited)"
        raise TypeError(f"observers={shown(observers)}: must be a list, such as [{example}]")
    if not observers:
        raise ValueError("observers=[]: nothing would be recorded; give at least one, such as Moments(x=...)")
    for observer in observers:
        if not isinstance(observer, Observer):
            raise TypeError(f"observers hold {shown(observer)}: must be {needed(observer, Observer, 'Moments(x=...)')}")
    return tuple(observer.of_model(model) for observer in observers)


def _check_sampling(sampling: Any, integrator: Integrator, system: SDE, numbers: range) -> None:
    """Raise an error where sampling is something else, or ties what cannot be tied."""
    if not isinstance(sampling, Sampling):
        raise TypeError(f"sampling={shown(sampling)}: must be {needed(sampling, Sampling, 'Balanced()')}")
    if numbers.start and not isinstance(sampling, Independent):
        raise ValueError(
            f"trajectories={numbers} with sampling={sampling}: how trajectories are tied follows from how many there "
            f"are from 0 on: take trajectories={numbers.stop - numbers.start} with another seed, or Independent()"
        )
    if system.jumps and not isinstance(sampling, Independent):
        raise ValueError(
            f"sampling={sampling} with the jumps {', '.join(N.name for N in system.jumps)}: jumps of a trajectory are "
            f"drawn for it alone, which undoes the balance of increments; take sampling=Independent()"
        )
    if system.noises and sampling.needs_bits and not integrator.increments.bits_of_real:
        made_of_bits = f"{type(integrator).__name__}(dt={integrator.dt:g}, increments=FourPoint())"
        raise ValueError(
            f"sampling={sampling}: needs increments that are made of bits: take "
            f"{made_of_bits if FourPoint in integrator.admits else f'W2S4(dt={integrator.dt:g})'}"
        )


def _valid_seed(seed: Any) -> int:
    if not is_whole(seed) or not 0 <= seed < 2**63:
        raise ValueError(f"seed={shown(seed)}: must be an integer from 0 to 2**63 - 1")
    return int(seed)


def _check_rows(system: SDE, initial: tuple[sp.Expr, ...], values: Mapping[Any, float], until: float) -> None:
    check_initial_values(system, initial, values)
    for x, start in zip(system.state, initial, strict=True):
        for row, where in ((system.drift[x], "drift"), (system.noise[x], "noise"), (start, "initial value")):
            check_pieces(row, f"{where} of {x}", values, until)
            check_drives(row, f"{where} of {x}", values, until)
    for N, rows in system.jumps.items():
        for what, expr in (("rate", N.rate), *((f"jump of {x}", jump) for x, jump in rows.items())):
            check_pieces(expr, f"{what} with {N}", values, until)
            check_drives(expr, f"{what} with {N}", values, until)


def _tested(model: Model, system: SDE, bounds: tuple[float, ...]) -> tuple[int, ...]:
    """Return the positions of the model's runaway variables, or of all where no observer asks for a bound.

    Noise and random numbers, which nothing acts back on, do not run away.
    """
    for x in model.runaway_variables:
        if x not in system.state:
            raise ValueError(f"runaway variable {shown(x)}: the system has only {names(system.state)}")
    own = tuple(x for x in model.runaway_variables if not isinstance(x, Carried))
    tested = own if bounds != (SAFE,) else system.variables.values()
    return tuple(system.state.index(x) for x in tested)


def _poles(
    model: Model, observers: Sequence[Observer], system: EagerSystem, start: NDArray[np.complex128], end: float
) -> Poles | None:
    """Return the model's poles, where a bound depends on them as its equations bear them out, in the scale of the run.

    What `DerivedModel` says of all models is held against exact means instead (``sdeframe validate derived``).
    """
    poles = model.poles
    if poles is None or not relative(observers):
        return poles
    borne_out = poles if isinstance(model, DerivedModel) else held(poles, model.system(), model.parameters())
    return scaled(borne_out, system, start, end)


def _bounds(poles: Poles | None, observers: Sequence[Observer], trajectories: int) -> tuple[float, ...]:
    wanted = (freezing_bound(o, poles, trajectories) for o in observers)
    return tuple(sorted({float(b) for b in wanted if b is not None})) or (SAFE,)


RESERVED = ("alive", "losses", "weight_alive", "weight_losses", "time", "step", "step_time", "bound")
"""Variables and coordinates that the run itself writes."""


def _way_out(observer: Observer, names: set[str], other: Observer | None, written: Mapping[str, Observer]) -> str:
    """Return what to do where an observer writes a name that another one, or the run, has written."""
    if other is None:
        return "choose another name"
    others = {name for name, owner in written.items() if owner is other}
    for more, less, contained in ((other, observer, names <= others), (observer, other, others <= names)):
        if contained:
            return f"{type(more).__name__} writes all that {type(less).__name__} does, so leave the latter out"
    return "choose another name, or give all expressions to one of them"


def _check_records(problem: Problem) -> None:
    """Name what cannot be computed, what no file can hold, and what is written twice, before anything runs."""
    trace_step(problem.sde, problem.integrator)
    if problem.layout.channels >= 2**16:
        raise ValueError(
            f"the system has {len(problem.sde.noises)} noises: at most 65536 complex ones can be addressed"
        )
    for symbol in (*problem.variables, *problem.symbols):
        check_text(symbol.name, "the system")
    written: dict[str, Observer] = {}
    dimensions: dict[str, Any] = {}
    for observer in problem.observers:
        empty = empty_dataset(observer, problem)
        for name in map(str, empty.data_vars):
            check_name(name, type(observer).__name__)
            if name in written or name in RESERVED:
                other = type(written[name]).__name__ if name in written else "the run itself"
                way_out = _way_out(observer, {*map(str, empty.data_vars)}, written.get(name), written)
                raise ValueError(f"{type(observer).__name__} writes {name!r}, and so does {other}: {way_out}")
            written[name] = observer
        for length in map(str, empty.sizes):
            check_name(length, type(observer).__name__)
        for dimension, coordinate in empty.coords.items():
            if not dimensions.setdefault(str(dimension), coordinate).equals(coordinate):
                raise ValueError(
                    f"{type(observer).__name__} writes over other values of {str(dimension)!r} than an observer "
                    f"before it: give both the same ones, one observer all of them, or each a run of its own"
                )
    for name, observer in written.items():
        if name in dimensions:
            raise ValueError(f"{type(observer).__name__} writes {name!r}, a coordinate of this run: rename it")
