"""A run from what a user gives to its result."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.compiled.cache import seconds_without_compiling
from sdeframe.engines.choice import check_engine, engine_for
from sdeframe.groups.groups import Groups
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.progress import Progress, progress_bar
from sdeframe.running.by_step import STEP_TIME
from sdeframe.running.caveats import foreseen, frozen, observed
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.keeping import Keep, finished
from sdeframe.running.ensemble.run import run_ensemble
from sdeframe.running.ensemble.total import Ensemble, Total
from sdeframe.running.problem import Problem
from sdeframe.running.provenance import provenance
from sdeframe.running.result import ENDED, WARNINGS, Result
from sdeframe.running.stopping.check import check_rule
from sdeframe.running.stopping.rules import Rule
from sdeframe.sampling.plan import Independent, Sampling
from sdeframe.validators import boolean

NAIVE: Final = "those of independent trajectories, if any, which these are not"
"""What is said of the errors of an observer that knows nothing of replicates."""


def simulate(
    model: Model,
    integrator: Integrator,
    *,
    gauge: Gauge = Identity(),  # noqa: B008 (frozen)
    observers: Sequence[Observer],
    times: ArrayLike,
    trajectories: int | range,
    seed: int,
    threads: int | None = None,
    executor: Any = None,
    progress: bool = True,
    block: int | None = None,
    step_error: bool = False,
    sampling: Sampling = Independent(),  # noqa: B008 (frozen)
    groups: Groups | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    until: Rule | None = None,
) -> Result:
    """Run an ensemble of trajectories and return what its observers recorded.

    Parameters
    ----------
    model
        What is simulated.
    integrator
        How a step is made.
    gauge
        What is changed in the system first.
    observers
        What is recorded at every output time.
    times
        Output times, increasing, from 0 on, in units of the system's time; each a multiple of the step.
    trajectories
        Size of the ensemble, with `until` the most that it may have; or a range of the numbers of its trajectories,
        such as ``range(50_000, 100_000)``: those of a run of 100,000 with the same seed that are not in one of 50,000,
        so that `merge` makes one result of both.
    seed
        The result is the same to the bit for the same problem and seed, whatever the rest.
    threads
        Number of threads; as many as there are processors if not given.
    executor
        In place of threads: anything with the `concurrent.futures` interface, such as `ProcessPoolExecutor()` or
        `mpi4py.futures.MPIPoolExecutor()`, for which classes of what is run must stand in a module; or a
        `distributed.Client` of Dask.
    progress
        Whether to show a progress bar in a terminal or notebook; where there is none, a line now and then says how far
        a long run is.
    block
        Trajectories per unit of work.
    step_error
        Whether to run twice the step on the same Brownian paths as well, from which observers estimate the error
        that the step makes.
    sampling
        How the random numbers of trajectories hang together: `Independent()`, or `Balanced()`, whose trajectories
        cancel each other's noise.
    groups
        Which trajectories form a group, such as `Groups(size=1000)`: `PairMoments` takes means over each.
    checkpoint
        A file in which finished work is kept while the run goes on. The same call goes on from there, with the same
        bits in the end, after a fault too; one with more trajectories takes over all that are there. SIGINT, SIGTERM
        and SIGUSR1 then end the run with a KeyboardInterrupt once what is at work is done and written.
    until
        When fewer trajectories are enough: `TargetError(excited=1e-3, at=[2.0])` or `WallTime(60.0)`. The result is
        that of a run of as many as were enough, and `Result.ended` says why. What follows from the number of
        trajectories (how `Balanced()` ties them, the freezing bound above a million) follows from the most. Of a
        checkpoint all that it holds is taken.

    Returns
    -------
    Result
        With a dataset over "time".

    Raises
    ------
    TypeError, ValueError
        If something given is not valid, before anything is run; if a checkpoint is one of another run, or no file can
        hold what an observer keeps.
    OSError
        If another process is at work on the checkpoint.
    ObserverError
        If an observer failed; the message names it, with the trajectories.
    BrokenExecutor
        If a worker process of an executor ended; the same run gives the same bits in a new one.
    """
    problem = compose(
        model, integrator, gauge=gauge, observers=observers, times=times, trajectories=trajectories, seed=seed,
        block=block, step_error=step_error, sampling=sampling, groups=groups,
    )  # fmt: skip
    bar = progress_bar(problem.trajectories, boolean("progress", progress))
    keep = None if checkpoint is None else Keep(checkpoint)
    return attrs.evolve(run_problem(problem, threads, executor, bar, keep, until), model=model)


@usual_arithmetic
def run_problem(
    problem: Problem,
    threads: int | None,
    executor: Any,
    bar: AbstractContextManager[Progress],
    keep: Keep | None = None,
    until: Rule | None = None,
) -> Result:
    """Run a problem, see `simulate`; a bar counts the trajectories done."""
    check_engine(threads, executor)
    check_rule(until, problem)
    early = foreseen(problem)
    _warn(early)
    with bar as advanced:
        with advanced.busy("compiling"):
            problem.prepare()
        begin = seconds_without_compiling()
        with finished(problem, keep, until) as done, engine_for(Ensemble(problem), threads, executor) as engine:
            total = run_ensemble(problem, engine, done, advanced, until)
    most = problem.trajectories
    if done.trajectories < most:
        problem = problem.shorter(done.trajectories)
        total = Total.of_none(problem) + total  # what describes the run is the left one's
    seconds = seconds_without_compiling() - begin
    dataset = _dataset(problem, total).assign_attrs(provenance(problem))
    if until is not None:
        dataset = dataset.assign_attrs({ENDED: until.told(dataset, most)})
    late = (*frozen(problem, int(dataset["alive"][-1])), *observed(dataset))
    said = {WARNINGS: "\n".join((*late, *early))} if late or early else {}
    result = Result.of(dataset.assign_attrs(said), problem, seconds)
    _warn(late)
    return result


def _warn(texts: Iterable[str]) -> None:
    for text in texts:
        warnings.warn(text, stacklevel=5)  # where simulate was called


def _dataset(problem: Problem, total: Total) -> Any:
    import xarray as xr

    parts = [_marked(problem, o, o.finish(r)) for o, r in zip(problem.observers, total.records, strict=True)]
    losses = total.losses[: len(problem.bounds)]
    variables: dict[str, Any] = {
        "alive": (
            "time",
            _remaining(problem, losses[-1]),
            {"long_name": f"live trajectories, bound {problem.bounds[-1]:g}"},
        ),
        "losses": (("bound", "step"), losses, {"long_name": "trajectories that passed a bound, by step"}),
    }
    if problem.weight_bound is not None:
        heavy, about = total.losses[-1], {"bound": problem.weight_bound}
        variables["weight_alive"] = (
            "time",
            _remaining(problem, heavy),
            {"long_name": "trajectories whose weight never passed its bound while they lived", **about},
        )
        variables["weight_losses"] = (
            "step",
            heavy,
            {"long_name": "trajectories whose weight passed its bound, by step", **about},
        )
    if len(problem.stretches) > 1:
        begins = [problem.time(step) for step in range(problem.steps[-1] + 1)]
        variables[STEP_TIME] = ("step", begins, {"long_name": "time at which a step begins"})
    coordinates = {"time": problem.times, "bound": list(problem.bounds), "step": np.arange(losses.shape[1])}
    own = xr.Dataset(variables, coords=coordinates)
    return xr.merge([own, *parts], join="exact", combine_attrs="drop_conflicts")


def _marked(problem: Problem, observer: Observer, found: Any) -> Any:
    """Return what an observer found, marked where its errors are not those of tied trajectories."""
    if problem.plan is None or observer.knows_replicates:
        return found
    return found.assign({name: variable.assign_attrs(errors=NAIVE) for name, variable in found.data_vars.items()})


def _remaining(problem: Problem, losses: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many trajectories are not among the losses (by step), at the output times."""
    remaining: NDArray[np.int64] = problem.trajectories - np.cumsum(losses)[list(problem.steps)]
    return remaining
