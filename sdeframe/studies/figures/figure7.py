"""``sdeframe paper 7``: what the w⁴ drift gauge with its switch does to means, and to single trajectories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.drawing.bands import draw_trusted
from sdeframe.drawing.colours import BLUE, GREEN, GREY, ORANGE
from sdeframe.gauges import QuarticDrift, TanhSwitch
from sdeframe.integrators import W2S4
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, Trajectories, WeightedTrustHorizon
from sdeframe.observers.trust import last_before
from sdeframe.storage.store import Store, cached_exact, cached_run
from sdeframe.studies.criteria import HIGH, SHARE, WEIGHT_BOUND
from sdeframe.studies.figures.paper import Drawing, paper_figure, simulated
from sdeframe.studies.weights import carried
from sdeframe.symbolic.symbols import log_weight

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from sdeframe.running.result import Result

DECAYS: Final = (0.0, 2.6)
SWITCH: Final = TanhSwitch()
SCHEME: Final = W2S4(dt=0.01)
TIMES: Final = np.arange(201) / 25
GAUGED_SEED, UNGAUGED_SEED = 7, 8
WATCHED: Final = 500
"""Among so many trajectories the one of the lower panels is found."""
HEIGHTS: Final = ((-0.35, 1.15), (-0.1, 0.7))
LOSSES: Final = {
    "ungauged states": ("ungauged_loss_time", "ungauged_alive", GREY, ":"),
    "gauged states": ("state_loss_time", "alive", ORANGE, "-."),
    "weights": ("weight_loss_time", "weight_alive", BLUE, "--"),
}
"""What is lost: when, who remains, colour and style of the line."""
RATIO: Final = r"$\langle\rho_{ee}\Omega\rangle / \langle\Omega\rangle$"
INSET: Final = ((0.3, 0.08, 0.66, 0.36), (4.0, 8.0), (0.28, 0.44))
"""Place and limits of the enlarged part of panel (b)."""


@paper_figure("7")
@simulated(trajectories=100_000)
def figure7(trajectories: int, threads: int | None) -> Drawing:
    """Draw figure 7: weighted and unweighted means of the gauged system, closed and open, and a trajectory of each."""
    curves = compute(trajectories, threads, Store())
    return Drawing(picture(curves), curves)


def compute(trajectories: int, threads: int | None, store: Store) -> xr.Dataset:
    """Return means, losses and one trajectory of the closed and the open system."""
    import xarray as xr

    cases = [compute_case(TavisCummings(10, 100.0, decay=g), trajectories, threads, store) for g in DECAYS]
    about = {
        "trajectories": trajectories, "model": str(TavisCummings(10, 100.0)), "integrator": str(SCHEME),
        "gauge": str(QuarticDrift(SWITCH)), "dt": SCHEME.dt, "bound": HIGH, "weight_bound": WEIGHT_BOUND,
        "seed_gauged": GAUGED_SEED, "seed_ungauged": UNGAUGED_SEED,
    }  # fmt: skip
    return xr.concat(cases, "decay").assign_coords(decay=list(DECAYS)).assign_attrs(about)


def compute_case(model: TavisCummings, trajectories: int, threads: int | None, store: Store) -> xr.Dataset:
    """Return what is drawn of one model, over "time"."""
    import xarray as xr

    def ensemble(gauge: Gauge, seed: int, *observers: Any) -> Result:
        return cached_run(
            store, model, SCHEME, gauge=gauge, observers=[*observers, Runaways(HIGH, WEIGHT_BOUND)],
            times=TIMES, trajectories=trajectories, seed=seed, threads=threads,
        )  # fmt: skip

    x = sp.re(model.excited)
    watched = Trajectories(
        range(min(WATCHED, trajectories)), path_excited=x, path_c0=sp.re(log_weight), path_kappa=SWITCH.strength(x)
    )
    gauged = ensemble(QuarticDrift(SWITCH), GAUGED_SEED, WeightedTrustHorizon(excited=model.excited), watched)
    ungauged = ensemble(Identity(), UNGAUGED_SEED, Moments(ungauged=model.excited))
    shown, plain = gauged.dataset, ungauged.dataset
    paths = shown[["path_excited", "path_c0", "path_kappa"]].real
    means = [k for k in shown if shown[k].dims == ("time",) and not str(k).startswith("remaining")]
    single = {
        "carried_until": last_before(TIMES, ~carried(shown)),
        "horizon": gauged.horizon("excited"),
        "state_loss_time": gauged.runaway_time(SHARE),
        "weight_loss_time": gauged.runaway_time(SHARE, of="weight"),
        "ungauged_loss_time": ungauged.runaway_time(SHARE),
    }
    return xr.merge([
        shown[means],
        plain[["ungauged", "ungauged_se", "ungauged_imag_se"]],
        plain["alive"].rename("ungauged_alive"),
        paths.sel(trajectory=instructive(shown["trajectory"].values, paths["path_c0"].values)),
        cached_exact(store, model, TIMES)[["excited"]].rename(excited="exact"),
        xr.Dataset(single),
    ], combine_attrs="drop")  # fmt: skip


def instructive(numbers: NDArray[Any], log_weights: NDArray[Any]) -> int:
    """Return the first trajectory whose weight passes its bound; where none does, that whose weight strays furthest.

    Parameters
    ----------
    numbers
        Of the trajectories.
    log_weights
        Re C0, shape (trajectories, times), not a number once one is lost.
    """
    known = np.where(np.isfinite(log_weights), log_weights, 0.0)
    passed = (known > np.log(WEIGHT_BOUND)).any(axis=1)
    return int(numbers[np.argmax(passed) if passed.any() else np.argmax(np.abs(known).max(axis=1))])


def picture(curves: xr.Dataset) -> Figure:
    """Return the four panels: means above, one trajectory below as ρee, log-weight and κ."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with rc_context({"font.size": 12, "axes.labelsize": 13}):
        figure = Figure(figsize=(13, 11), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.05))
        rows = figure.subplots(4, 2, sharex=True, height_ratios=(3.6, 1.2, 1.2, 0.9))
        for k, column in enumerate(rows.T):
            case = curves.isel(decay=k)
            draw_means(column[0], case, k)
            draw_path(column[1:], case, k)
            column[-1].set(xlabel=r"$\tau = f\,t$", xlim=(0, TIMES[-1]))
        handles, labels = rows[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False)
        figure.supxlabel(footnote(curves), fontsize=10.5, color="0.25")
    return figure


def draw_means(axes: Axes, case: xr.Dataset, k: int) -> None:
    """Draw the means, the lines at which 0.5 % are lost, and of the open system an enlarged part."""
    axes.set(ylim=HEIGHTS[k], ylabel=r"$\langle\hat\sigma_{ee}\rangle$")
    draw_curves(axes, case)
    if case["decay"]:
        place, times, heights = INSET
        inset = axes.inset_axes(place)
        inset.set_ylim(heights)
        draw_curves(inset, case)
        inset.set(xlim=times, xticks=range(4, 9), yticks=(0.3, 0.35, 0.4))
        inset.tick_params(labelsize="small")
        axes.indicate_inset_zoom(inset, edgecolor="black", alpha=0.6)
    axes.legend(
        handles=draw_losses(axes, case), title=f"({'ab'[k]}) {describe(case)}", alignment="left", loc="lower left",
        bbox_to_anchor=(-0.02, 1.0), frameon=False, fontsize=11, title_fontsize=13,
    )  # fmt: skip


def draw_losses(axes: Axes, case: xr.Dataset) -> list[Line2D]:
    """Draw a line where 0.5 % are lost, and return for the legend when, or how many are lost at the end."""
    from matplotlib.lines import Line2D

    entries = []
    for name, (key, alive, color, style) in LOSSES.items():
        time, lost = float(case[key]), 1 - float(case[alive][-1]) / case.attrs["trajectories"]
        if np.isfinite(time):
            label = f"0.5 % of {name} lost: τ = {time:.2f}"
            axes.axvline(time, color=color, ls=style, lw=1.8)
        else:
            label, style = f"{name}: {100 * lost:.2g} % lost by τ = {TIMES[-1]:g}", ""
        entries.append(Line2D([], [], color=color, ls=style, lw=1.8, label=label))
    return entries


def draw_curves(axes: Axes, case: xr.Dataset) -> None:
    """Draw the means."""
    mean, error = (case[f"excited_ratio{end}"].values.real for end in ("", "_se"))
    if not case["decay"]:
        axes.plot(TIMES, case["ungauged"].values.real, color=GREY, lw=0.6, label="ungauged survivors")
    draw_trusted(axes, TIMES, mean, error, float(case["horizon"]), "gauged, weighted: " + RATIO)
    axes.plot(TIMES, case["excited_unweighted"].values.real, color=ORANGE, ls="-.", lw=1.6, label="gauged, unweighted")
    axes.plot(TIMES, case["exact"].values, color="black", ls=(0, (4, 2)), lw=1.4, label="exact")


def draw_path(panels: NDArray[Any], case: xr.Dataset, k: int) -> None:
    """Draw ρee, the log-weight and κ along a trajectory."""
    excited, weight, kappa = panels
    number = int(case["trajectory"])
    passes = case["path_c0"].max() > np.log(WEIGHT_BOUND)
    which = "the first with |Ω| > 10³" if passes else "the weight that strays furthest"
    excited.set_title(f"({'cd'[k]}) trajectory {number} of ({'ab'[k]}): {which}", loc="left", fontsize=13)
    for axes, name, color, label in (
        (excited, "path_excited", "black", r"$\mathrm{Re}\,\rho_{ee}$"),
        (weight, "path_c0", BLUE, r"$\mathrm{Re}\,C_0$"),
        (kappa, "path_kappa", GREEN, r"$\kappa$"),
    ):
        axes.plot(TIMES, case[name].values, color=color, lw=1.3)
        axes.set_ylabel(label)
    for axes, level, name in (
        (excited, float(SWITCH.lower), "$x_1$"), (excited, float(SWITCH.upper), "$x_2$"),
        (weight, np.log(WEIGHT_BOUND), "$|\\Omega| = 10^3$"),
    ):  # fmt: skip
        low, high = axes.get_ylim()
        if low < level < high:
            axes.axhline(level, color=GREY, ls=":", lw=1)
            axes.text(0.06, level, name, color="0.25", fontsize=10.5, va="bottom")
    kappa.set_ylim(-0.05, 1.1)


def describe(case: xr.Dataset) -> str:
    """Return the case as text."""
    g = float(case["decay"])
    return f"$\\gamma = {g:g}\\,f$: open" if g else r"$\gamma = 0$: closed"


def footnote(curves: xr.Dataset) -> str:
    """Return what the numbers of the figure depend on."""
    return (
        f"$N = 10$, $n_\\mathrm{{ph}} = 100$, ground start; $w^4$ drift gauge with {SWITCH}; "
        f"{curves.attrs['trajectories']:,} trajectories, dτ = {SCHEME.dt:g}.\n"
        "Lost: $|\\rho_{ee}|$, $|\\rho_{eg}|$ or $|\\rho_{ge}|$ above 10³, weights: $|\\Omega|$ above 10³. "
        "Shaded: beyond the trust horizon of the weighted mean."
    )
