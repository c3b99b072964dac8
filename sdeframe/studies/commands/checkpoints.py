"""``sdeframe resume`` and ``sdeframe status``: runs that were kept while they went on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from sdeframe.studies.commands.engines import engine_given, engine_options, on_engine
from sdeframe.validators import printable

PATH = click.argument("path", type=click.Path(path_type=Path))


@click.command()
@PATH
@engine_options
def resume(path: Path, threads: int | None, dask: str | None, mpi: bool) -> None:
    """Go on with what `sdeframe run --checkpoint PATH` began, as it was described, on any engine."""
    from sdeframe.checkpoints import file
    from sdeframe.studies.commands.performing import perform
    from sdeframe.studies.experiments.experiment import Experiment
    from sdeframe.studies.experiments.reading import is_result

    page, _ = file.read(path)
    if page.command is None:
        raise ValueError(f"{path}: was begun by a script, not by `sdeframe run`: run the script again, it goes on")
    where = {"checkpoint": str(path), "engine": engine_given(threads, dask, mpi)}
    try:
        experiment = Experiment.of({**page.command, **where})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: holds no experiment that `sdeframe run` takes ({error}): begin anew") from None
    output = Path(experiment.output or "run.nc")
    if output.is_file() and not is_result(output):  # where it goes is said by the checkpoint, which may be anybody's
        raise ValueError(f"{path}: its result would be written over {output}, which is none: move that one first")
    on_engine(experiment.engine, partial(perform, experiment, dry_run=False))


@click.command()
@PATH
def status(path: Path) -> None:
    """Say what a checkpoint holds: of what run, how far it is, how fast, and when it was written."""
    from sdeframe.checkpoints import file
    from sdeframe.running.ensemble.keeping import UNTIL

    page, _ = file.read(path)
    for name, text in page.about.items():
        click.echo(printable(f"{name.replace('_', ' ')}: {text}"))
    share = page.done / max(page.trajectories, 1)
    most = " at most" if UNTIL in page.about else ""
    click.echo(f"trajectories: {page.done} of {page.trajectories}{most} ({share:.1%})")
    if page.done:
        rate = page.done / max(page.seconds, 1e-9)
        left = max(page.trajectories - page.done, 0) / rate
        click.echo(f"rate: {rate:.4g} trajectories a second, {page.seconds:.0f} s so far, {left:.0f} s left{most}")
    click.echo(printable(f"written: {page.written}"))
    click.echo("go on with: " + ("the same call" if page.command is None else f"sdeframe resume {path}"))
