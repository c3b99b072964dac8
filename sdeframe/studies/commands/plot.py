"""``sdeframe plot``: a saved result as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sdeframe.running.result import Result


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1)
@click.option("--output", type=click.Path(path_type=Path), help="PNG file.  [default: FILE's name with .png]")
@click.option("--exact", is_flag=True, help="Draw the exact curves too, of a result of `sdeframe run`.")
def plot(file: Path, names: tuple[str, ...], output: Path | None, exact: bool) -> None:
    """Draw a saved result, all of it or some NAMES: means with error bands, histograms, spectra, trajectories.

    It is the picture that `Result.plot` draws.
    """
    from sdeframe.drawing.picture import save_picture
    from sdeframe.files import writable
    from sdeframe.running.result import load
    from sdeframe.studies.experiments.reading import is_result

    result = load(file)
    target = file.with_suffix(".png") if output is None else output
    if target.resolve() == file.resolve() or (target.is_file() and is_result(target)):
        raise ValueError(f"--output {target}: is a result, which the picture would overwrite; give another name")
    picture = writable(target)
    save_picture((_with_model(result, file) if exact else result).plot(*names, exact=exact), picture)
    click.echo(f"wrote {picture}")


def _with_model(result: Result, file: Path) -> Result:
    """Return a result with the registered model that its file names, with parameters."""
    import attrs

    from sdeframe.studies.experiments.reading import read
    from sdeframe.studies.experiments.resolved import make_model

    return attrs.evolve(result, model=make_model(read(file)).value)
