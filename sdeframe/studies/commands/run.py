"""``sdeframe run``: one ensemble, a file, a picture and a short table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Unpack

import click

from sdeframe import registry
from sdeframe.studies.commands.engines import ENGINE, with_engine
from sdeframe.studies.commands.parsing import make_model, parse_times
from sdeframe.studies.commands.report import print_step_error, show_plain, show_weighted
from sdeframe.studies.criteria import HIGH, WEIGHT_BOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from sdeframe.interfaces.gauge import Gauge
    from sdeframe.interfaces.integrator import Integrator
    from sdeframe.interfaces.model import Model
    from sdeframe.interfaces.observer import Observer
    from sdeframe.running.compose import RunOptions
    from sdeframe.running.result import Result

    Curves = dict[str, NDArray[Any]]


@click.command()
@click.option("--model", "model_name", default="tavis-cummings", show_default=True, help="A registered model.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the model.")
@click.option("--integrator", "integrator_name", default="w2s4", show_default=True)
@click.option("--gauge", "gauge_name", default="identity", show_default=True)
@click.option("--sampling", type=click.Choice(("independent", "balanced")), default="independent", show_default=True)
@click.option("--trajectories", type=int, help="100000, or 98304 balanced ones, if not given.")
@click.option("--dt", type=float, help="Step; for w2s4 at most 0.025 and 0.125 N/nph if not given, else 0.001.")
@click.option("--times", default="0:5:101", show_default=True, help="FIRST:LAST:COUNT, or times with commas between.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--checkpoint", type=click.Path(), help="Keep finished work here, and go on from what is there.")
@click.option(
    "--output", default="run.nc", show_default=True, type=click.Path(), help="NetCDF file; a PNG stands beside."
)
@click.option("--dry-run", is_flag=True, help="Show what would be run, with its time and memory, and run nothing.")
@with_engine
def run(
    model_name: str, settings: tuple[str, ...], integrator_name: str, gauge_name: str, sampling: str,
    trajectories: int | None, dt: float | None, times: str, seed: int, checkpoint: str | None, output: str,
    threads: int | None, executor: Any, dry_run: bool,
) -> None:  # fmt: skip
    """Run an ensemble and hold it against the exact solution.

    Real and imaginary parts of means are held against it in their standard errors, or in the error of the step where
    that is larger. Without options: the closed Tavis-Cummings model, 10 atoms, 10 photons, ground start, to τ = 5.
    """
    from sdeframe.campaigns.default_step import default_step
    from sdeframe.campaigns.run_cost import estimate
    from sdeframe.observers import Runaways
    from sdeframe.running.result import writable
    from sdeframe.sampling import Balanced, Independent

    file = writable(output)
    picture = writable(file.with_suffix(".png"))
    if picture == file:
        raise ValueError(f"--output {output}: the picture has this name; give that of the NetCDF file, such as run.nc")
    model = make_model(model_name, settings)
    grid = parse_times(times)
    scheme = registry.find("integrators", integrator_name)
    integrator = scheme(dt=default_step(model, scheme, grid) if dt is None else dt)
    gauge = registry.find("gauges", gauge_name)()
    weighted = is_weighted(model, gauge)
    observed = dict(model.observables) or dict(model.system().variables)
    size = {"independent": 100_000, "balanced": 98_304}[sampling] if trajectories is None else trajectories
    options: RunOptions = {
        "gauge": gauge, "observers": [means(model, weighted)(**observed), Runaways(HIGH, WEIGHT_BOUND)],
        "times": grid, "trajectories": size, "seed": seed, "step_error": True,
        "sampling": Balanced() if sampling == "balanced" else Independent(),
    }  # fmt: skip
    if dry_run:
        click.echo(estimate(model, integrator, threads=threads, **options).text)
        return
    result = kept_run(checkpoint, threads, executor, model, integrator, **options)
    unwritten = failures(file, lambda: result.save(file))
    exact = exact_values(model, grid)
    gauged = f"{gauge}\n" if weighted else ""
    title = f"{model}\n{gauged}{integrator}, {size:,} {sampling} trajectories, seed {seed}"
    show = show_weighted if weighted else show_plain
    unwritten += failures(picture, lambda: show(result, tuple(observed), exact, picture, title))
    print_step_error(result, tuple(observed), integrator.dt)
    steps = 1.5 * round(grid[-1] / integrator.dt) * size  # with those of the coarse run
    click.echo(f"{result.seconds:.1f} s, {1e9 * result.seconds / max(steps, 1):.1f} ns per trajectory and step")
    if unwritten:
        raise OSError(f"{'; '.join(unwritten)}: make room or change --output; the same run gives the same numbers")
    click.echo(f"wrote {file} and {picture}")


def kept_run(
    checkpoint: str | None, threads: int | None, executor: Any, model: Model, integrator: Integrator,
    **options: Unpack[RunOptions],
) -> Result:  # fmt: skip
    """Run an ensemble; in its checkpoint stand the options of the command, as plain values."""
    from sdeframe.running.compose import compose
    from sdeframe.running.ensemble.keeping import Keep
    from sdeframe.running.progress import progress_bar
    from sdeframe.running.simulation import run_problem

    problem = compose(model, integrator, **options)
    known = click.get_current_context().params
    command = {name: value for name, value in known.items() if name not in (*ENGINE, "checkpoint", "dry_run")}
    keep = None if checkpoint is None else Keep(checkpoint, command)
    return run_problem(problem, threads, executor, progress_bar(problem.trajectories, True), keep)


def failures(file: Path, write: Callable[[], object]) -> list[str]:
    """Write a file, and return why the disk did not take it, if so: what was computed is shown all the same."""
    try:
        write()
    except OSError as error:
        return [f"{file} was not written ({os.strerror(error.errno or 0)})"]
    return []


def is_weighted(model: Model, gauge: Gauge) -> bool:
    """Return whether the gauged system has a weight; raise ValueError if the model lacks what the gauge needs."""
    from sdeframe.interfaces.gauge import gauged

    return gauged(gauge, model.system()).log_weight is not None


def means(model: Model, weighted: bool) -> type[Observer]:
    """Return the observer of means: with a trust horizon where the model says what is needed for one."""
    from sdeframe.observers import Moments, TrustHorizon, WeightedMoments, WeightedTrustHorizon

    plain, trusted = (WeightedMoments, WeightedTrustHorizon) if weighted else (Moments, TrustHorizon)
    return plain if model.poles is None else trusted


def exact_values(model: Model, times: NDArray[np.float64]) -> Curves:
    """Return the exact observables with their standard errors, none where a model cannot; say how, or why not."""
    from sdeframe.interfaces.model import EXACT, SolvableModel

    if not isinstance(model, SolvableModel):
        click.echo(f"no exact curve: {type(model).__name__} has no exact solution")
        return {}
    try:
        exact = dict(model.exact(times))
    except ValueError as refusal:
        click.echo(f"no exact curve: {refusal}")
        return {}
    if (method := model.exact_method(times)) != EXACT:
        click.echo(f"exact curve: {method}")
    return exact
