"""``sdeframe paper 1``: single trajectories, one of which runs away, and the exact curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.campaigns.default_step import default_step
from sdeframe.drawing.colours import BLUE, GREEN, ORANGE
from sdeframe.integrators import W2S4
from sdeframe.interfaces.increments import Gaussian
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways
from sdeframe.storage.store import Store, cached_exact, cached_run
from sdeframe.studies.criteria import HIGH
from sdeframe.studies.ensembles import LAST, SEED
from sdeframe.studies.figures.paper import Drawing, paper_figure, simulated
from sdeframe.studies.validations.stretches import LostTrajectories

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ATOMS: Final = (10, 100)
PER_ATOM: Final = 10.0
"""Photons per atom."""
CALM: Final = 2
"""Trajectories that remain."""
HEIGHTS: Final = (-0.8, 2.2)
STYLES: Final = ((ORANGE, "-"), (GREEN, "-."), (BLUE, ":"))


@paper_figure("1")
@simulated(trajectories=100_000)
def figure1(trajectories: int, threads: int | None) -> Drawing:
    """Draw figure 1: three trajectories of ten and of a hundred atoms, one a runaway, and the exact curve."""
    curves = compute(trajectories, threads, Store())
    return Drawing(picture(curves), curves)


def compute(trajectories: int, threads: int | None, store: Store) -> xr.Dataset:
    """Return three trajectories at every step and the exact curve, over "atoms", "path" and "time"."""
    import xarray as xr

    cases = [compute_case(TavisCummings(n, PER_ATOM * n), trajectories, threads, store) for n in ATOMS]
    about = {"trajectories": trajectories, "seed": SEED, "bound": HIGH, "photons_per_atom": PER_ATOM}
    return xr.concat(cases, "atoms").assign_coords(atoms=list(ATOMS)).assign_attrs(about)


def compute_case(model: TavisCummings, trajectories: int, threads: int | None, store: Store) -> xr.Dataset:
    """Return the first runaway of an ensemble and the first two that are none, replayed, with the exact curve.

    Raises
    ------
    ValueError
        If the ensemble holds too few of either.
    """
    import xarray as xr

    grid = np.arange(101) * (LAST / 100)
    scheme = W2S4(default_step(model, W2S4, grid), increments=Gaussian())  # others make paths that mean nothing
    result = cached_run(
        store, model, scheme, observers=[Runaways(HIGH), LostTrajectories(HIGH)], times=grid,
        trajectories=trajectories, seed=SEED, threads=threads,
    )  # fmt: skip
    lost = result.dataset["lost"].values
    calm = np.setdiff1d(np.arange(min(trajectories, len(lost) + CALM)), lost)[:CALM]
    if not len(lost) or len(calm) < CALM:
        raise ValueError(
            f"trajectories={trajectories}: {len(lost)} of {model} run away, the figure shows one and {CALM} others; "
            f"give more trajectories, such as 10000"
        )
    chosen = [*calm.tolist(), int(lost[0])]
    paths = result.replay(chosen)
    excited = paths["rho_ee"].real
    ended = after_last_change(excited.values)
    return xr.Dataset(
        {
            "path_excited": (("path", "time"), np.where(ended, np.nan, excited.values)),
            "trajectory": ("path", chosen),
            "exact": ("time", cached_exact(store, model, paths["time"].values)["excited"].values),
            "lost_by": float(result.dataset["lost_by"][0]),
            "dt": scheme.dt,
        },
        coords={"time": paths["time"].values},
    )


def after_last_change(paths: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where a path, shape (paths, times), stands still for good, as one does that is lost."""
    moves = np.diff(paths, axis=1) != 0
    last = paths.shape[1] - 1 - np.argmax(moves[:, ::-1], axis=1)
    later: NDArray[np.bool_] = np.arange(paths.shape[1]) > last[:, None]
    return later


def picture(curves: xr.Dataset) -> Figure:
    """Draw a panel for each number of atoms."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with rc_context({"font.size": 12, "axes.titlesize": 13, "axes.labelsize": 13}):
        figure = Figure(figsize=(11, 8), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))
        panels = figure.subplots(2, 1, sharex=True)
        for k, axes in enumerate(panels):
            draw_case(axes, curves.isel(atoms=k))
            axes.set_title(f"({'ab'[k]}) $N = {ATOMS[k]}$, $n_\\mathrm{{ph}} = {PER_ATOM * ATOMS[k]:g}$", loc="left")
        panels[-1].set(xlabel=r"$\tau = f\,t$", xlim=(0, LAST))
        figure.supxlabel(
            f"$\\gamma = 0$, ground start; the first of {curves.attrs['trajectories']:,} trajectories by number, W2S4 "
            "with Gaussian increments.\nRunaway: $|\\rho_{ee}|$, $|\\rho_{eg}|$ or $|\\rho_{ge}|$ above 10³.",
            fontsize=10.5, color="0.25",
        )  # fmt: skip
    return figure


def draw_case(axes: Axes, case: xr.Dataset) -> None:
    """Draw the exact curve and the trajectories, the runaway to where it leaves the panel."""
    time = case["time"].values
    axes.plot(time, case["exact"], color="black", lw=2, label="exact")
    far = np.array(HEIGHTS) + np.array([-1, 1]) * np.ptp(HEIGHTS)
    for k, (color, style) in enumerate(STYLES):
        runaway = k == CALM
        label = f"trajectory {int(case['trajectory'][k])}"
        path = np.clip(case["path_excited"][k].values, *far)
        axes.plot(
            time, path, color=color, ls=style, lw=2 if runaway else 1.2,
            label=f"{label}: runs away by τ = {float(case['lost_by']):.3g}" if runaway else label,
        )  # fmt: skip
    axes.set(ylim=HEIGHTS, ylabel=r"$\mathrm{Re}\,\rho_{ee}$")
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, frameon=False, fontsize=11, borderaxespad=0.2,
        columnspacing=1.2,
    )  # fmt: skip
