"""Pictures of a run."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.files import write_whole
from sdeframe.studies.parts import Part, drawn_parts

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = Mapping[str, NDArray[Any]]

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
"""Colours that the colour-blind can tell apart (Okabe and Ito)."""

FAINT = 0.35
"""Opacity of what cannot be trusted."""

WIDTH: Final = 7.5
"""Of a column of panels, in inches."""
LETTERS: Final = 78
"""How many letters of a title stand above a column of panels."""
ROWS: Final = 4
"""Panels that stand above one another."""


def draw_run(
    dataset: xr.Dataset, until: Mapping[str, float], exact: Curves, loss_time: float, path: Path, title: str
) -> None:
    """Write a picture of all means with their error bands and exact curves, of the alive share and the 0.5 % line.

    The imaginary part of a mean is drawn where it is not 0.

    Parameters
    ----------
    dataset
        Of a run with `TrustHorizon` or `Moments` of these names.
    until
        The observables, each with the time from which its mean is drawn faintly and shaded.
    exact
        Their exact values at the output times, of those for which they are known.
    loss_time
        Where the line stands, inf for none.
    path
        The file, PNG.
    title
        Stands above the picture.
    """
    figure, panels, lower = _panels(dataset, tuple(until), title)
    for (name, trusted), axes in zip(until.items(), panels, strict=True):
        _draw_mean(axes, dataset, name, exact.get(name), trusted, "mean over live trajectories")
    lower.plot(dataset["time"].values, dataset["alive"].values / dataset.attrs["trajectories"], color=ORANGE)
    lower.set_ylabel("alive share")
    _draw_losses(panels, lower, {"0.5 % lost": (loss_time, GREY)})
    _finish(figure, panels, path)


def draw_weighted_run(
    dataset: xr.Dataset,
    until: Mapping[str, float],
    exact: Curves,
    losses: tuple[float, float],
    path: Path,
    title: str,
) -> None:
    """Write a picture of all weighted means beside the unweighted and the exact ones, and of what carries them.

    Parameters
    ----------
    dataset
        Of a run with `WeightedTrustHorizon` or `WeightedMoments` of these names and `Runaways`.
    until, exact
        As in `draw_run`.
    losses
        When 0.5 % of states and of weights were lost, inf for never.
    path
        The file, PNG.
    title
        Stands above the picture.
    """
    figure, panels, lower = _panels(dataset, tuple(until), title)
    time = dataset["time"].values
    for (name, trusted), axes in zip(until.items(), panels, strict=True):
        label = "weighted mean $\\langle O\\Omega\\rangle/\\langle\\Omega\\rangle$"
        drawn = _draw_mean(axes, dataset, f"{name}_ratio", exact.get(name), trusted, label)
        for part in drawn:
            plain, named = part.of(dataset[f"{name}_unweighted"].values), part is drawn[0]
            axes.plot(time, plain, color=ORANGE, ls="-.", label="unweighted mean" if named else None)
    shares = {
        "live states": ("alive", ORANGE, "-."),
        "weights within their bound": ("weight_alive", BLUE, "-"),
        "effective sample": ("effective_sample_size", GREEN, "--"),
    }
    for label, (key, color, style) in shares.items():
        lower.plot(time, dataset[key].values / dataset.attrs["trajectories"], color=color, ls=style, label=label)
    states, weights = losses
    _draw_losses(panels, lower, {"0.5 % of states lost": (states, ORANGE), "0.5 % of weights lost": (weights, BLUE)})
    lower.set_ylabel("share")
    lower.legend(frameon=False, fontsize="small")
    _finish(figure, panels, path)


def save_picture(figure: Figure, path: Path, **options: Any) -> None:
    """Write a PNG file whole or not at all; raise OSError where it cannot be written, as on a full disk."""
    content = BytesIO()
    figure.savefig(content, format="png", **options)
    write_whole(path, content.getvalue())


def draw_trusted(
    axes: Axes, time: NDArray[Any], mean: NDArray[Any], error: NDArray[Any], until: float, label: str
) -> None:
    """Draw a mean with its error band, faintly and shaded from the time on at which it is not to be trusted.

    The vertical limits of the axes must be set: the curve breaks off far beyond them, where no renderer takes it.
    """
    _draw_fading(axes, time, mean, error, until, label, BLUE)
    if (time >= until).sum() > 1:
        shade_beyond(axes, until, time[-1], f"not to be trusted beyond {until:.3g}")


def shade_beyond(axes: Axes, horizon: float, last: float, label: str = "") -> None:
    """Shade what lies beyond a trust horizon, up to the last output time."""
    if horizon < last:
        axes.axvspan(horizon, last, color=GREY, alpha=0.12, lw=0, label=label)


def padded(values: NDArray[Any]) -> tuple[float, float]:
    """Return limits of an axis with a quarter of the range on both sides of finite values.

    Where they hardly differ, a twentieth of their size is added, so that a constant is drawn as one.
    """
    finite = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    low, high = float(finite.min()), float(finite.max())
    margin = max(0.25 * (high - low), 0.05 * max(abs(low), abs(high))) or 0.25
    return low - margin, high + margin


def _draw_mean(
    axes: Axes, dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, until: float, label: str
) -> list[Part]:
    """Draw the parts of a mean and of its exact curve, on limits that all of them need while trusted; return them."""
    time, drawn = dataset["time"].values, drawn_parts(dataset, name, exact, until)
    seen = [part.mean[time <= until] + k * part.error[time <= until] for part in drawn for k in (-1, 1)]
    curves = [] if exact is None else [part.of(exact) for part in drawn]
    axes.set_ylim(padded(np.concatenate([*seen, *curves])))
    real, *imaginary = drawn
    draw_trusted(axes, time, real.mean, real.error, until, label)
    for part in imaginary:
        _draw_fading(axes, time, part.mean, part.error, until, "imaginary part", GREEN)
    for curve, named in zip(curves, ("exact", None), strict=False):
        axes.plot(time, curve, color="black", ls="--", lw=1, label=named)
    return drawn


def _draw_fading(
    axes: Axes, time: NDArray[Any], mean: NDArray[Any], error: NDArray[Any], until: float, label: str, color: str
) -> None:
    low, high = axes.get_ylim()
    far = (2 * low - high, 2 * high - low)
    below, above = (np.clip(mean + k * error, *far) for k in (-1, 1))
    middle = np.where((mean > far[0]) & (mean < far[1]), mean, np.nan)
    good, gone = time <= until, time >= until
    axes.fill_between(time[good], below[good], above[good], color=color, alpha=0.25, lw=0)
    axes.plot(time[good], middle[good], color=color, lw=2.4, label=label)
    if gone.sum() > 1:
        axes.plot(time[gone], middle[gone], color=color, alpha=FAINT, lw=1)


def _panels(dataset: xr.Dataset, names: Sequence[str], title: str) -> tuple[Figure, list[Axes], Axes]:
    """Return a figure with a panel for each mean above one for shares."""
    from matplotlib.figure import Figure

    columns = -(-len(names) // ROWS)
    rows = -(-len(names) // columns)
    height = (4.1 if rows == 1 else 2.5 * rows) + 1.4
    figure = Figure(figsize=(WIDTH * columns, height), dpi=150, layout="constrained")
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[*[3] * rows, 1.3])
    time = dataset["time"].values
    lower = figure.add_subplot(grid[rows, :])
    lower.set(xlabel="time", ylim=(0, 1.05))
    panels = [figure.add_subplot(grid[divmod(k, columns)]) for k in range(len(names))]
    for axes in (*panels, lower):
        axes.set_xlim(time[0], time[-1] if time[-1] > time[0] else time[0] + 1)
    for axes, name in zip(panels, names, strict=True):
        axes.set_ylabel(name.replace("_", " "))
    lines = [part for line in title.splitlines() for part in textwrap.wrap(line, LETTERS * columns)]
    figure.suptitle("\n".join(lines), fontsize="medium")
    return figure, panels, lower


def _draw_losses(panels: Sequence[Axes], lower: Axes, losses: Mapping[str, tuple[float, str]]) -> None:
    """Draw a line in all panels, labelled in those of means, at every loss that happened."""
    for label, (time, color) in losses.items():
        if math.isfinite(time):
            for axes in panels:
                axes.axvline(time, color=color, ls=":", label=f"{label} at {time:.3g}")
            lower.axvline(time, color=color, ls=":")


def _finish(figure: Figure, panels: Sequence[Axes], path: Path) -> None:
    """Write a legend into every panel, and the figure to its file."""
    for axes in panels:
        axes.legend(frameon=False, fontsize="small")
    save_picture(figure, path)
