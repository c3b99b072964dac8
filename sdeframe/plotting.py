"""Pictures of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#666666"
"""Colours that the colour-blind can tell apart (Okabe and Ito)."""


def draw_run(
    dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, loss_time: float, path: Path, title: str
) -> None:
    """Write a picture of a mean with its error band, its exact curve, the alive share and the 0.5 % line.

    Parameters
    ----------
    dataset
        Of a run with `Moments` of that name.
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
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5.5), dpi=150, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    time, mean, error = (dataset[k].values for k in ("time", name, f"{name}_se"))
    upper.fill_between(
        time, mean.real - error, mean.real + error, color=BLUE, alpha=0.3, lw=0, label="± standard error"
    )
    upper.plot(time, mean.real, color=BLUE, label="mean over live trajectories")
    if exact is not None:
        upper.plot(time, exact, color="black", ls="--", lw=1, label="exact")
        margin = 0.25 * max(float(np.ptp(exact)), 1e-3)
        upper.set_ylim(float(exact.min()) - margin, float(exact.max()) + margin)
    share = dataset["alive"].values / dataset.attrs["trajectories"]
    lower.plot(time, share, color=ORANGE)
    lower.set_ylim(0, 1.05)
    if np.isfinite(loss_time):
        for axes in (upper, lower):
            label = f"0.5 % lost at {loss_time:.3g}" if axes is upper else None
            axes.axvline(loss_time, color=GREY, ls=":", label=label)
    upper.set_ylabel(name.replace("_", " "))
    upper.set_title(title, fontsize="medium")
    upper.legend(frameon=False, fontsize="small")
    lower.set_ylabel("alive share")
    lower.set_xlabel("time")
    lower.set_xlim(time[0], time[-1])
    figure.savefig(path)
