"""Pictures of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sdeframe.drawing.bands import legend
from sdeframe.drawing.colours import BLUE, GREY, ORANGE
from sdeframe.drawing.contents import label_of
from sdeframe.drawing.lines import draw_shares
from sdeframe.drawing.means import draw_mean
from sdeframe.drawing.picture import along, panels, save_picture

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = Mapping[str, NDArray[Any]]


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
        draw_mean(axes, dataset, name, exact.get(name), trusted, "mean over live trajectories")
    draw_shares(lower, dataset)
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
        drawn = draw_mean(axes, dataset, f"{name}_ratio", exact.get(name), trusted, label)
        for part in drawn:
            plain, named = part.of(dataset[f"{name}_unweighted"].values), part is drawn[0]
            axes.plot(time, plain, color=ORANGE, ls="-.", label="unweighted mean" if named else None)
    draw_shares(lower, dataset)
    states, weights = losses
    _draw_losses(panels, lower, {"0.5 % of states lost": (states, ORANGE), "0.5 % of weights lost": (weights, BLUE)})
    _finish(figure, panels, path)


def _panels(dataset: xr.Dataset, names: Sequence[str], title: str) -> tuple[Figure, list[Axes], Axes]:
    """Return a figure with a panel for each mean above one for shares."""
    figure, places, lower = panels(len(names), title, lower=True)
    assert lower is not None
    for axes, label in zip((*places, lower), (*([""] * len(places)), "time"), strict=True):
        along(axes, dataset["time"].values, label)
    for axes, name in zip(places, names, strict=True):
        axes.set_ylabel(label_of(name))
    return figure, places, lower


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
        legend(axes)
    save_picture(figure, path)
