"""A figure that shows itself in a notebook, with panels that share its width."""

from __future__ import annotations

import textwrap
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sdeframe.files import write_whole

WIDTH: Final = 7.5
"""Of a column of panels, in inches."""
LETTERS: Final = 78
"""How many letters of a title stand above a column of panels."""
ROWS: Final = 4
"""Panels that stand above one another."""


class Picture(Figure):
    """A figure of matplotlib, which needs no pyplot: a notebook shows it, and nothing of it outlives its last name."""

    def _repr_png_(self) -> bytes:
        return png(self)


def png(figure: Figure, **options: Any) -> bytes:
    """Return a picture as the content of a PNG file."""
    content = BytesIO()
    figure.savefig(content, format="png", **options)
    return content.getvalue()


def save_picture(figure: Figure, path: Path, **options: Any) -> None:
    """Write a PNG file whole or not at all; raise OSError where it cannot be written, as on a full disk."""
    write_whole(path, png(figure, **options))


def panels(count: int, title: str, lower: bool) -> tuple[Picture, list[Axes], Axes | None]:
    """Return a figure with some panels in columns, and a low one below all of them where it is wanted."""
    columns = -(-count // ROWS)
    rows = -(-count // columns)
    height = (4.1 if rows == 1 else 2.5 * rows) + 1.4 * lower
    figure = Picture(figsize=(WIDTH * columns, height), dpi=150, layout="constrained")
    grid = figure.add_gridspec(rows + lower, columns, height_ratios=[*[3] * rows, *[1.3] * lower])
    found = [figure.add_subplot(grid[divmod(k, columns)]) for k in range(count)]
    below = figure.add_subplot(grid[rows, :]) if lower else None
    lines = [part for line in title.splitlines() for part in textwrap.wrap(line, LETTERS * columns)]
    figure.suptitle("\n".join(lines), fontsize="medium")
    return figure, found, below


def along(axes: Axes, values: Any, label: str = "") -> None:
    """Let an axis reach from the first to the last of some values."""
    first, last = float(values[0]), float(values[-1])
    axes.set_xlim(first, last if last > first else first + 1)
    axes.set_xlabel(label)
