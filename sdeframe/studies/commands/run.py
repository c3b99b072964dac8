"""``sdeframe run``: one ensemble, a file, a picture and a short table."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sdeframe.studies.commands.completing import parameters, plugins, words
from sdeframe.studies.commands.engines import engine_given, engine_options, on_engine
from sdeframe.studies.commands.parsing import parse_settings, parse_times, parse_trajectories, parse_until
from sdeframe.studies.commands.plugin_words import parse_observer, parse_plugin

if TYPE_CHECKING:
    from sdeframe.studies.experiments.experiment import Experiment


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--model", shell_complete=plugins("models"), help="A registered model.  [default: tavis-cummings]")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", shell_complete=parameters,
    help="Set a parameter of the model.",
)  # fmt: skip
@click.option(
    "--integrator", metavar="NAME:KEY=VALUE,...", shell_complete=plugins("integrators"),
    help="Such as w2s4:increments=octagon.  [default: w2s4]"
)  # fmt: skip
@click.option(
    "--gauge", metavar="NAME:KEY=VALUE,...", shell_complete=plugins("gauges"),
    help="Such as quartic-drift:switch=always,switch.kappa=0.5.  [default: identity]",
)  # fmt: skip
@click.option(
    "--sampling", metavar="NAME:KEY=VALUE,...", shell_complete=words("independent", "balanced"),
    help="Independent or balanced, such as balanced:replicates=16.  [default: independent]",
)  # fmt: skip
@click.option(
    "--trajectories", metavar="NUMBER",
    help="100000, or 98304 balanced ones, if not given; or FIRST:END, those from a number to the one before another.",
)  # fmt: skip
@click.option("--dt", type=float, help="Step; for w2s4 at most 0.025 and 0.125 N/nph if not given, else 0.001.")
@click.option("--times", help="FIRST:LAST:COUNT, or times with commas between.  [default: 0:5:101]")
@click.option(
    "--observer", "observers", multiple=True, metavar="KIND:ITEM,...", shell_complete=plugins("observers"),
    help="Record this, of observables that the model declares: moments:excited,pair or runaways:bound=10.",
)  # fmt: skip
@click.option("--seed", type=int, help="[default: 1]")
@click.option(
    "--until",
    multiple=True,
    metavar="NAME=VALUE",
    help="End once the standard error of a mean is reached, NAME=ERROR, at=TIMES; or seconds=SECONDS are over.",
)
@click.option("--checkpoint", type=click.Path(), help="Keep finished work here, and go on from what is there.")
@click.option(
    "--output", type=click.Path(),
    help="NetCDF file; a PNG stands beside.  [default: run.nc, or FILE's name with .nc, or -again.nc]",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would be run, with its time and memory, and run nothing.")
@engine_options
def run(
    file: Path | None, dry_run: bool, threads: int | None, dask: str | None, mpi: bool, **options: Any
) -> None:  # fmt: skip
    """Run an ensemble and hold it against the exact solution.

    FILE describes it in TOML, or is a result, whose run is repeated to the same bits; options go before what it says.

    Real and imaginary parts of means are held against it in their standard errors, or in the error of the step where
    that is larger. Without options: the closed Tavis-Cummings model, 10 atoms, 10 photons, ground start, to τ = 5.
    """
    from sdeframe.studies.commands.performing import perform
    from sdeframe.studies.experiments.experiment import Experiment
    from sdeframe.studies.experiments.overriding import overridden
    from sdeframe.studies.experiments.reading import read

    if dask and mpi:
        raise ValueError(f"--dask {dask} and --mpi: give one of them")
    before = Experiment() if file is None else read(file)
    given = _given(**options) | {"engine": engine_given(threads, dask, mpi)}
    experiment = _with_output(overridden(before, given), file)
    on_engine(experiment.engine, partial(perform, experiment, dry_run=dry_run))


def _given(
    settings: tuple[str, ...], observers: tuple[str, ...], times: str | None, dt: float | None, integrator: str | None,
    gauge: str | None, sampling: str | None, until: tuple[str, ...], trajectories: str | None, **same: Any,
) -> dict[str, Any]:  # fmt: skip
    """Return what options say, as a table of an experiment."""
    scheme = parse_plugin("integrator", integrator)
    if dt is not None and "dt" in scheme:
        raise ValueError(f"--integrator {integrator} and --dt {dt:g}: give the step once")
    said: dict[str, Any] = {
        "parameters": parse_settings(settings), "integrator": _without_none({"dt": dt, **scheme}),
        "gauge": parse_plugin("gauge", gauge), "sampling": parse_plugin("sampling", sampling),
        "until": parse_until(until),
    }  # fmt: skip
    chosen = [parse_observer(text) for text in observers] or None
    read = {
        "times": None if times is None else parse_times(times),
        "trajectories": None if trajectories is None else parse_trajectories(trajectories),
    }
    return said | _without_none({**same, **read, "observers": chosen})


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value is not None}


def _with_output(experiment: Experiment, file: Path | None) -> Experiment:
    """Return an experiment that says where its result goes, which is not the file that it was read from."""
    import attrs

    from sdeframe.studies.experiments.reading import is_result

    if experiment.output is None and file is not None:
        again = f"{file.stem}-again.nc" if is_result(file) else f"{file.stem}.nc"
        return attrs.evolve(experiment, output=again)
    if file is not None and Path(experiment.output or "").resolve() == file.resolve():
        raise ValueError(f"--output {experiment.output}: is the file that says what to run; give another name")
    return experiment
