"""An experiment, performed: an ensemble or a scan, a file, a picture, what is said of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from sdeframe.studies.commands.report import print_step_error, show_plain, show_weighted
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.reading import ATTRIBUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import xarray as xr
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sdeframe.interfaces.model import Model
    from sdeframe.running.result import Result
    from sdeframe.studies.experiments.resolved import Resolved

    Curves = dict[str, NDArray[Any]]


def perform(experiment: Experiment, threads: int | None, executor: Any, *, dry_run: bool) -> None:
    """Run an experiment, write its result and say what was found; or say what it costs.

    Raises
    ------
    TypeError, ValueError
        If something does not fit, before anything is run.
    OSError
        If a file could not be written.
    """
    from sdeframe.files import writable
    from sdeframe.interfaces.filing import Filing
    from sdeframe.studies.commands.costing import cost
    from sdeframe.studies.experiments.resolved import resolved

    output = experiment.output or "run.nc"
    file = writable(output)
    found = resolved(experiment)
    picture = writable(file.with_suffix(".png"))
    if picture == file:
        raise ValueError(f"--output {output}: the picture has this name; give that of the NetCDF file, such as run.nc")
    kept = experiment.checkpoint
    if kept is not None and Path(kept).resolve() in (file.resolve(), picture.resolve()):
        raise ValueError(f"--checkpoint {kept}: the result or its picture would overwrite it; give another name")
    for observer in found.options["observers"]:
        written = observer.file if isinstance(observer, Filing) else None
        if written is not None and Path(written).resolve() in (file.resolve(), picture.resolve()):
            raise ValueError(f"file={written!r} of an observer: the result or picture would overwrite it: rename it")
    if dry_run:
        click.echo(cost(found, threads))
    elif experiment.scan:
        _scan(found, file, picture, threads, executor)
    else:
        _run(found, file, picture, threads, executor)


def _run(found: Resolved, file: Path, picture: Path, threads: int | None, executor: Any) -> None:
    """Run an ensemble and hold it against the exact solution."""
    result = kept_run(found, threads, executor)
    unwritten = failures(file, lambda: result.save(file))
    unwritten += failures(picture, lambda: _show(found, result, picture))
    if found.until is not None:
        click.echo(result.ended)
    names = _means(found, result.dataset)
    step_errors = [name for name in names if f"{name}_step_error" in result.dataset]
    dt = float(result.dataset.attrs["dt"])
    print_step_error(result, tuple(step_errors), dt)
    coarse = 1.5 if found.experiment.step_error else 1.0
    steps = coarse * round(float(result.dataset["time"][-1]) / dt) * result.dataset.attrs["trajectories"]
    click.echo(f"{result.seconds:.1f} s, {1e9 * result.seconds / max(steps, 1):.1f} ns per trajectory and step")
    _tell_written(unwritten, file, *([picture] if names else []))


def kept_run(found: Resolved, threads: int | None, executor: Any) -> Result:
    """Run an ensemble; in its checkpoint and in its result stands the experiment, as plain values."""
    from sdeframe.progress import progress_bar
    from sdeframe.running.compose import compose
    from sdeframe.running.ensemble.keeping import Keep
    from sdeframe.running.simulation import run_problem
    from sdeframe.studies.experiments.ending import with_end

    problem = compose(found.model, found.integrator_of(found.model), **found.options)
    said = found.experiment
    command = {name: value for name, value in said.table.items() if name not in ("engine", "checkpoint")}
    keep = None if said.checkpoint is None else Keep(said.checkpoint, command)
    result = run_problem(problem, threads, executor, progress_bar(problem.trajectories, True), keep, found.until)
    ended = with_end(said, result.dataset.attrs["trajectories"])
    dataset = result.dataset.assign_attrs({ATTRIBUTE: ended.text})
    return attrs.evolve(result, dataset=dataset, model=found.model)


def _scan(found: Resolved, file: Path, picture: Path, threads: int | None, executor: Any) -> None:
    """Run an ensemble for every combination of parameters, and draw means at the end."""
    from sdeframe.campaigns.sweeps import sweep
    from sdeframe.drawing.picture import save_picture
    from sdeframe.running.result import Result

    said = found.experiment
    dataset = sweep(
        found.model, said.scan, found.integrator, threads=threads, executor=executor, **found.options
    ).assign_attrs({ATTRIBUTE: said.text})
    unwritten = failures(file, lambda: Result(dataset).save(file))
    drawn = _drawn(Result(dataset))
    unwritten += [] if drawn is None else failures(picture, lambda: save_picture(drawn, picture))
    for name in (str(key) for key in dataset if str(key).endswith("_horizon")):
        least, most = float(dataset[name].min()), float(dataset[name].max())
        click.echo(f"trusted up to t = {least:.4g} to {most:.4g} ({name.removesuffix('_horizon')})")
    _tell_written(unwritten, file, *([] if drawn is None else [picture]))


def _drawn(swept: Result) -> Figure | None:
    """Return the picture of a scan; where there is none, say why."""
    try:
        return swept.plot()
    except ValueError as refusal:
        click.echo(f"no picture: {refusal}")
        return None


def _tell_written(unwritten: list[str], *files: Path) -> None:
    if unwritten:
        raise OSError(f"{'; '.join(unwritten)}: make room or change --output; the same run gives the same numbers")
    click.echo(f"wrote {' and '.join(map(str, files))}")


def _means(found: Resolved, dataset: xr.Dataset) -> tuple[str, ...]:
    """Return the names of means over time, which an exact curve can stand beside."""
    from sdeframe.studies.experiments.observing import observables

    known = [name for name in observables(found.model) if f"{name}_imag_se" in dataset]
    return tuple(name for name in known if dataset[name].dims == ("time",))


def _show(found: Resolved, result: Result, picture: Path) -> None:
    """Say what was found, and draw it."""
    ds, said = result.dataset, found.experiment
    names = _means(found, ds)
    weighted = found.weighted and bool(names) and "weight_alive" in ds and all(f"{name}_ratio" in ds for name in names)
    exact = exact_values(found.model, ds["time"].values) if weighted or not found.weighted else {}
    exact = {name: values for name, values in exact.items() if name.removesuffix("_se") in names}
    gauged = f"{found.options['gauge']}\n" if found.weighted else ""
    size, sampling = ds.attrs["trajectories"], said.sampling["name"]
    title = f"{found.model}\n{gauged}{ds.attrs['integrator']}, {size:,} {sampling} trajectories, seed {said.seed}"
    show = show_weighted if weighted else show_plain
    show(result, names, exact, picture, title)


def failures(file: Path, write: Callable[[], object]) -> list[str]:
    """Write a file, and return why the disk did not take it, if so: what was computed is shown all the same."""
    try:
        write()
    except OSError as error:
        return [f"{file} was not written ({os.strerror(error.errno or 0)})"]
    return []


def exact_values(model: Model, times: NDArray[np.float64]) -> Curves:
    """Return the exact observables with their standard errors, none where a model cannot; say how, or why not."""
    from sdeframe.interfaces.model import EXACT, SolvableModel
    from sdeframe.progress import busy

    if not isinstance(model, SolvableModel):
        click.echo(f"no exact curve: {type(model).__name__} has no exact solution")
        return {}
    try:
        with busy("exact solution"):
            exact = dict(model.exact(times))
    except ValueError as refusal:
        click.echo(f"no exact curve: {refusal}")
        return {}
    if (method := model.exact_method(times)) != EXACT:
        click.echo(f"exact curve: {method}")
    return exact
