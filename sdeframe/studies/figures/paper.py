"""``sdeframe paper``: the paper's figures, each from one command, with the curves that it shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from sdeframe import registry
from sdeframe.studies.commands.registered import RegisteredGroup

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

DPI: Final = 300
BEYOND: Final = "revival"
"""The figure that takes longer than all others, of what the paper does not reach."""
CHANGED: Final = ("atoms", "photons", "gauge", "times")
"""Options that make another figure than that of the paper, whose files have another name."""


FOLDER: Final = click.option(
    "--output", default=".", show_default=True, type=click.Path(file_okay=False), help="Folder for the files."
)
THREADS: Final = click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors if not given.")


class Drawing(NamedTuple):
    """A picture and the curves in it."""

    figure: Figure
    curves: xr.Dataset


Draw = Callable[..., Drawing]
"""A figure: its options to a drawing; its docstring says what it shows."""


def paper_figure(number: str) -> Callable[[Draw], click.Command]:
    """Turn a function that draws into the command that writes figure<number>.png and figure<number>.nc.

    Options of its own are click options below this decorator; see `simulated`.
    """

    def decorate(draw: Draw) -> click.Command:
        @wraps(draw)
        def command(output: str, **options: Any) -> None:
            ending = "-changed" if any(options.get(name) is not None for name in CHANGED) else ""
            write(f"figure{number}{ending}", output, lambda: draw(**options))

        return click.command(number)(FOLDER(command))

    return decorate


def simulated(trajectories: int) -> Callable[[Draw], Draw]:
    """Give a figure that simulates the options --trajectories and --threads.

    Parameters
    ----------
    trajectories
        Size of each ensemble if not given.
    """
    size = click.option(
        "--trajectories", type=click.IntRange(min=1), default=trajectories, show_default=True,
        help="Size of each ensemble.",
    )  # fmt: skip
    return lambda draw: size(THREADS(draw))


def write(name: str, folder: str, draw: Callable[[], Drawing]) -> None:
    """Draw, and write the picture and its curves into a folder.

    Raises
    ------
    ValueError
        If the folder does not exist or cannot be written to, before anything is drawn.
    """
    from importlib.metadata import version
    from pathlib import Path

    from sdeframe.drawing.picture import save_picture
    from sdeframe.files import writable
    from sdeframe.running.provenance import FORMAT
    from sdeframe.running.result import Result

    picture, file = (writable(Path(folder) / f"{name}.{kind}") for kind in ("png", "nc"))
    begin = time.perf_counter()
    figure, curves = draw()
    about = {"sdeframe_format": FORMAT, "figure": name, "version_sdeframe": version("sdeframe")}
    Result(curves.assign_attrs({**about, **curves.attrs})).save(file)
    save_picture(figure, picture, dpi=DPI)
    click.echo(f"wrote {picture} and {file} in {time.perf_counter() - begin:.1f} s")


@click.command("all")
@FOLDER
@click.option(
    "--trajectories", type=click.IntRange(min=1), help="Size of each ensemble; that of each figure if not given."
)
@THREADS
@click.pass_context
def every_figure(context: click.Context, /, **options: Any) -> None:
    """Draw all figures but that of the revival, one after the other."""
    begin = time.perf_counter()
    for name in sorted({*registry.names("figures")} - {BEYOND}):
        try:
            command: click.Command = registry.find("figures", name)
        except registry.BrokenPluginError as error:
            click.echo(str(error), err=True)
            continue
        if command is not every_figure:
            known = {parameter.name for parameter in command.params}
            context.invoke(command, **{k: v for k, v in options.items() if k in known and v is not None})
    click.echo(f"all figures in {time.perf_counter() - begin:.1f} s")


paper = RegisteredGroup(
    "figures", name="paper", help="Figures of the paper, each a PNG and the NetCDF file of its curves."
)
