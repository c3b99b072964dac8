"""``sdeframe paper``: the paper's figures, each from one command, with the curves that it shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from sdeframe import registry

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

DPI: Final = 300


class Drawing(NamedTuple):
    """A picture and the curves in it."""

    figure: Figure
    curves: xr.Dataset


Draw = Callable[..., Drawing]
"""A figure: its options to a drawing; its docstring says what it shows."""


class FigureGroup(click.Group):
    """The registered figures, each a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the registered figures."""
        return sorted(registry.names("figures"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command that draws a figure; the error for an unknown name lists the known ones."""
        command: click.Command = registry.find("figures", cmd_name)
        return command


def paper_figure(number: str) -> Callable[[Draw], click.Command]:
    """Turn a function that draws into the command that writes figure<number>.png and figure<number>.nc.

    Options of its own are click options below this decorator; see `simulated`.
    """

    def decorate(draw: Draw) -> click.Command:
        @wraps(draw)
        def command(output: str, **options: Any) -> None:
            write(f"figure{number}", output, lambda: draw(**options))

        folder = click.option(
            "--output", default=".", show_default=True, type=click.Path(file_okay=False), help="Folder for both files."
        )
        return click.command(number)(folder(command))

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
    threads = click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors if not given.")
    return lambda draw: size(threads(draw))


def write(name: str, folder: str, draw: Callable[[], Drawing]) -> None:
    """Draw, and write the picture and its curves into a folder.

    Raises
    ------
    ValueError
        If the folder does not exist or cannot be written to, before anything is drawn.
    """
    from importlib.metadata import version
    from pathlib import Path

    from sdeframe.provenance import FORMAT
    from sdeframe.result import Result, writable

    picture, file = (writable(Path(folder) / f"{name}.{kind}") for kind in ("png", "nc"))
    figure, curves = draw()
    about = {"sdeframe_format": FORMAT, "figure": name, "version_sdeframe": version("sdeframe")}
    Result(curves.assign_attrs({**about, **curves.attrs})).save(file)
    figure.savefig(picture, dpi=DPI)
    click.echo(f"wrote {picture} and {file}")


paper = FigureGroup("paper", help="Figures of the paper, each a PNG and the NetCDF file of its curves.")
