"""Pictures of a run."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.files import write_whole

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
"""Colours that the colour-blind can tell apart (Okabe and Ito)."""

FAINT = 0.35
"""Opacity of what cannot be trusted."""


def draw_run(
    dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, loss_time: float, path: Path, title: str
) -> None:
    """Write a picture of a mean with its error band, its exact curve, the alive share and the 0.5 % line.

    What lies beyond the trust horizon, where the dataset has one, is shaded.

    Parameters
    ----------
    dataset
        Of a run with `TrustHorizon` or `Moments` of that name.
    name
        The observable that is drawn.
    exact
        Its exact values at the output times, if known.
    loss_time
        Where the line stands, inf for none.
    path
        The file, PNG.
    title
        Stands above the picture.
    """
    figure, upper, lower = _panels(dataset, title)
    time, mean, error = (dataset[k].values for k in ("time", name, f"{name}_se"))
    upper.fill_between(
        time, mean.real - error, mean.real + error, color=BLUE, alpha=0.3, lw=0, label="± standard error"
    )
    upper.plot(time, mean.real, color=BLUE, label="mean over live trajectories")
    if exact is not None:
        _draw_exact(upper, time, exact)
        upper.set_ylim(padded(exact))
    lower.plot(time, dataset["alive"].values / dataset.attrs["trajectories"], color=ORANGE)
    _draw_losses((upper, lower), {"0.5 % lost": (loss_time, GREY)})
    _shade_beyond_horizon((upper, lower), dataset, name)
    upper.set_ylabel(name.replace("_", " "))
    upper.legend(frameon=False, fontsize="small")
    lower.set_ylabel("alive share")
    save_picture(figure, path)


def draw_weighted_run(
    dataset: xr.Dataset,
    name: str,
    exact: NDArray[Any] | None,
    losses: tuple[float, float],
    until: float,
    path: Path,
    title: str,
) -> None:
    """Write a picture of a weighted mean beside the unweighted and the exact one, and of what carries it.

    Parameters
    ----------
    dataset
        Of a run with `WeightedMoments` of that name, and with `Runaways`.
    name
        The observable that is drawn.
    exact
        Its exact values at the output times, if known.
    losses
        When 0.5 % of states and of weights were lost, inf for never.
    until
        The time from which the weighted mean is drawn faintly.
    path
        The file, PNG.
    title
        Stands above the picture.
    """
    figure, upper, lower = _panels(dataset, title)
    time, mean, error, plain = (
        dataset[f"{k}"].values.real for k in ("time", f"{name}_ratio", f"{name}_ratio_se", f"{name}_unweighted")
    )
    limits = padded(np.concatenate([mean[time <= until], plain]) if exact is None else exact)
    upper.set_ylim(limits)
    draw_trusted(upper, time, mean, error, until, "weighted mean $\\langle O\\Omega\\rangle/\\langle\\Omega\\rangle$")
    upper.plot(time, plain, color=ORANGE, ls="-.", label="unweighted mean")
    if exact is not None:
        _draw_exact(upper, time, exact)
    shares = {
        "live states": ("alive", ORANGE, "-."),
        "weights within their bound": ("weight_alive", BLUE, "-"),
        "effective sample": ("effective_sample_size", GREEN, "--"),
    }
    for label, (key, color, style) in shares.items():
        lower.plot(time, dataset[key].values / dataset.attrs["trajectories"], color=color, ls=style, label=label)
    states, weights = losses
    _draw_losses((upper, lower), {"0.5 % of states lost": (states, ORANGE), "0.5 % of weights lost": (weights, BLUE)})
    upper.set_ylabel(name.replace("_", " "))
    lower.set_ylabel("share")
    for axes in (upper, lower):
        axes.legend(frameon=False, fontsize="small")
    save_picture(figure, path)


def save_picture(figure: Figure, path: Path, **options: Any) -> None:
    """Write a PNG file whole or not at all; raise OSError where it cannot be written, as on a full disk."""
    content = BytesIO()
    figure.savefig(content, format="png", **options)
    write_whole(path, content.getvalue())


def draw_trusted(
    axes: Axes, time: NDArray[Any], mean: NDArray[Any], error: NDArray[Any], until: float, label: str
) -> None:
    """Draw a weighted mean with its error band, faintly and shaded from the time on at which it is not to be trusted.

    The vertical limits of the axes must be set: the curve breaks off far beyond them, where no renderer takes it.
    """
    low, high = axes.get_ylim()
    far = (2 * low - high, 2 * high - low)
    below, above = (np.clip(mean + k * error, *far) for k in (-1, 1))
    middle = np.where((mean > far[0]) & (mean < far[1]), mean, np.nan)
    good, gone = time <= until, time >= until
    axes.fill_between(time[good], below[good], above[good], color=BLUE, alpha=0.25, lw=0)
    axes.plot(time[good], middle[good], color=BLUE, lw=2.4, label=label)
    if gone.sum() > 1:
        axes.plot(time[gone], middle[gone], color=BLUE, alpha=FAINT, lw=1)
        shade_beyond(axes, until, time[-1], f"not to be trusted beyond {until:.3g}")


def shade_beyond(axes: Axes, horizon: float, last: float, label: str = "") -> None:
    """Shade what lies beyond a trust horizon, up to the last output time."""
    if horizon < last:
        axes.axvspan(horizon, last, color=GREY, alpha=0.12, lw=0, label=label)


def padded(values: NDArray[Any]) -> tuple[float, float]:
    """Return limits of an axis with a quarter of the range on both sides of finite values."""
    finite = values[np.isfinite(values)]
    margin = 0.25 * max(float(np.ptp(finite)), 1e-3)
    return float(finite.min()) - margin, float(finite.max()) + margin


def _panels(dataset: xr.Dataset, title: str) -> tuple[Figure, Axes, Axes]:
    """Return a figure with a panel for means above one for shares."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5.5), dpi=150, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    time = dataset["time"].values
    upper.set_title(title, fontsize="medium")
    lower.set(xlabel="time", xlim=(time[0], time[-1]), ylim=(0, 1.05))
    return figure, upper, lower


def _draw_exact(axes: Axes, time: NDArray[Any], exact: NDArray[Any]) -> None:
    axes.plot(time, exact, color="black", ls="--", lw=1, label="exact")


def _shade_beyond_horizon(panels: tuple[Axes, Axes], dataset: xr.Dataset, name: str) -> None:
    """Shade what lies beyond the trust horizon of a mean in both panels, labelled in the upper one."""
    last = float(dataset["time"][-1])
    until = float(dataset.get(f"{name}_horizon", last))
    upper, lower = panels
    shade_beyond(upper, until, last, f"not to be trusted beyond {until:.3g}")
    shade_beyond(lower, until, last)


def _draw_losses(panels: tuple[Axes, Axes], losses: Mapping[str, tuple[float, str]]) -> None:
    """Draw a line in both panels, labelled in the upper one, at every loss that happened."""
    upper, lower = panels
    for label, (time, color) in losses.items():
        if np.isfinite(time):
            upper.axvline(time, color=color, ls=":", label=f"{label} at {time:.3g}")
            lower.axvline(time, color=color, ls=":")
