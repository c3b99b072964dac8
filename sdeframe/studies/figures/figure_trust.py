"""``sdeframe paper trust``: beside the paper's figures, how a mean goes wrong and what tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.drawing.colours import BLUE, GREEN, GREY, ORANGE
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways, TrustHorizon
from sdeframe.running.simulation import simulate
from sdeframe.studies.criteria import SHARE
from sdeframe.studies.figures.paper import Drawing, paper_figure, simulated

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODEL: Final = TavisCummings(atoms=10, photons=10.0)
TIMES: Final = np.arange(91) / 20
SEED: Final = 11


@paper_figure("trust")
@simulated(trajectories=100_000)
def figure_trust(trajectories: int, threads: int | None) -> Drawing:
    """Draw a mean that goes wrong, beside the exact one, with what its standard error hides and its trust horizon."""
    result = simulate(
        MODEL, default_scheme(MODEL, TIMES), observers=[TrustHorizon(excited=MODEL.excited), Runaways()],
        times=TIMES, trajectories=trajectories, seed=SEED, threads=threads,
    )  # fmt: skip
    names = [k for k in result.dataset if str(k).startswith(("excited", "lost"))]
    curves = result.dataset[names].assign(
        exact=("time", MODEL.exact(TIMES)["excited"]), loss_time=result.runaway_time(SHARE)
    )
    return Drawing(picture(curves), curves)


def picture(curves: xr.Dataset) -> Figure:
    """Return three panels: the mean, its deviation beside both standard errors, and who is lost."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 9), layout="constrained")
    means, errors, lost = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
    time, exact = curves["time"].values, curves["exact"].values
    mean, own = curves["excited"].values.real, curves["excited_se"].values
    means.plot(time, mean, color=ORANGE, label="mean, bound 1000")
    means.fill_between(time, mean - own, mean + own, color=ORANGE, alpha=0.25, lw=0, label="± its standard error")
    means.plot(time, exact, color="black", ls="--", lw=1, label="exact")
    means.set(ylim=(-0.2, 1.1), ylabel=r"$\langle\hat\sigma_{ee}\rangle$")
    drawn = {
        "|mean − exact|": (np.abs(mean - exact), "black", "-"),
        "its own standard error": (own, ORANGE, "-"),
        "standard error of the survivors of bound 10": (curves["excited_low_se"].values, BLUE, "--"),
    }
    for label, (values, color, style) in drawn.items():
        errors.plot(time[1:], values[1:], color=color, ls=style, label=label)
    errors.set(yscale="log", ylim=(1e-5, 1), ylabel="deviation and errors")
    lost.plot(time[1:], curves["lost_low"].values[1:], color=BLUE, ls="--", label="past bound 10")
    lost.plot(time[1:], curves["lost"].values[1:], color=ORANGE, label="past bound 1000")
    lost.axhline(SHARE, color=GREY, lw=1, ls=":")
    lost.set(yscale="log", ylim=(1e-5, 1), xlim=(0, time[-1]), ylabel="share lost", xlabel=r"$\tau = f\,t$")
    for axes in (means, errors, lost):
        mark(axes, float(curves["excited_horizon"]), float(curves["loss_time"]), float(time[-1]))
        axes.legend(frameon=False, fontsize="small", loc="upper left")
    return figure


def mark(axes: Axes, horizon: float, loss_time: float, last: float) -> None:
    """Draw the horizon with what lies beyond it, and the line at which 0.5 % are lost."""
    axes.axvline(horizon, color=GREEN, lw=1.5, label=f"trust horizon: {horizon:.3g}")
    axes.axvspan(horizon, last, color=GREY, alpha=0.12, lw=0)
    if np.isfinite(loss_time):
        axes.axvline(loss_time, color=GREY, ls=":", label=f"0.5 % lost: {loss_time:.3g}")
