"""``sdeframe paper 6``: the effective potential of the inversion, and what the w⁴ gauge makes of it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np

from sdeframe.drawing.colours import BLUE, GREEN, GREY, ORANGE
from sdeframe.gauges import Always, QuarticDrift
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.inversion import InversionMotion
from sdeframe.studies.figures.paper import Drawing, paper_figure

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ATOMS: Final = 10
CASES: Final = (("ground", 0.5), ("ground", 2.0), ("excited", 0.1))
"""Start and photons per atom of the plain potentials; the last one is gauged too."""
SHOWN: Final = (((-1.5, 1.9), (-1.2, 1.5)), ((-1.5, 4.2), (-4.0, 9.5)), ((-1.5, 1.9), (-0.7, 2.2)))
"""Which inversions and energies of each case are shown."""
STRENGTHS: Final = (0.0, 0.4, 0.5, 1.0)
SHOWN_GAUGED: Final = ((-3.2, 7.6), (-16.5, 9.0))
POINTS: Final = 801
REGIONS: Final = {"bound": (BLUE, 0.16), "forbidden": (GREY, 0.28), "unbound": (ORANGE, 0.20)}
"""Colour and opacity of what the motion at the energy h_w can do."""
NARROW: Final = 0.16
"""Share of a panel's width below which a region's name stands upright."""


def draw() -> Drawing:
    """Draw figure 6: bound and unbound motion in the effective potential, and the gauged potential for four κ."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    curves = compute()
    with rc_context({"font.size": 12, "axes.titlesize": 12.5, "axes.labelsize": 13}):
        figure = Figure(figsize=(11, 9), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1))
        *plain, gauged = figure.subplots(2, 2).ravel()
        for k, axes in enumerate(plain):
            draw_case(axes, curves.isel(case=k), SHOWN[k])
            axes.set_title(f"({'abc'[k]}) {_describe(curves.isel(case=k))}")
        draw_gauged(gauged, curves)
        gauged.set_title("(d) the start of (c) with the $w^4$ drift gauge")
        add_legend(figure)
    return Drawing(figure, curves)


figure6 = paper_figure("6")(draw)


def compute() -> xr.Dataset:
    """Return the potentials, levels, turning points and barriers of all panels."""
    import xarray as xr

    models = [TavisCummings(atoms=ATOMS, photons=share * ATOMS, start=start) for start, share in CASES]
    plain = [InversionMotion(model) for model in models]
    gauged = [InversionMotion(models[-1], QuarticDrift(Always(kappa))) for kappa in STRENGTHS]
    w = np.array([np.linspace(*span, POINTS) for span, _ in SHOWN])
    far = np.linspace(*SHOWN_GAUGED[0], POINTS)
    barriers = [motion.barrier for motion in plain]
    return xr.Dataset(
        {
            "inversion": (("case", "point"), w),
            "potential": (("case", "point"), [motion.potential(row) for motion, row in zip(plain, w, strict=True)]),
            "h_w": ("case", [motion.h for motion in plain]),
            "turning_point": (("case", "root"), [motion.turning_points for motion in plain]),
            "barrier": ("case", [np.nan if top is None else top.w for top in barriers]),
            "barrier_height": ("case", [np.nan if top is None else top.height for top in barriers]),
            "gauged_inversion": ("point", far),
            "gauged_potential": (("kappa", "point"), [motion.potential(far) for motion in gauged]),
            "gauged_h_w": ("kappa", [motion.h for motion in gauged]),
            "gauged_reach": ("kappa", [motion.allowed[-1][1] for motion in gauged]),
        },
        coords={
            "start": ("case", [start for start, _ in CASES]),
            "photons_per_atom": ("case", [share for _, share in CASES]),
            "kappa": list(STRENGTHS),
        },
    )


def draw_case(axes: Axes, case: xr.Dataset, shown: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Draw a potential with its level, and shade and name what lies between the turning points."""
    level, turns = float(case["h_w"]), case["turning_point"].values
    w, U = case["inversion"].values, case["potential"].values
    (low, high), heights = shown
    for left, right in itertools.pairwise([low, *turns, high]):
        allowed = np.interp((left + right) / 2, w, U) < level
        name = "forbidden" if not allowed else "unbound" if right == high else "bound"
        color, alpha = REGIONS[name]
        axes.axvspan(left, right, color=color, alpha=alpha, lw=0)
        upright = right - left < NARROW * (high - low)
        axes.text(
            (left + right) / 2, 0.03 if upright else 0.97, name, rotation=90 if upright else 0,
            ha="center", va="bottom" if upright else "top", transform=axes.get_xaxis_transform(),
        )  # fmt: skip
    axes.axhline(level, color=ORANGE, ls="--", lw=1.8)
    axes.plot(w, U, color="black", lw=2.2)
    axes.plot(turns, np.full(turns.size, level), "o", color="white", mec="black", ms=8, mew=1.6)
    axes.plot(1.0 if case["start"] == "excited" else -1.0, level, "o", color="black", ms=8)
    axes.plot(case["barrier"], case["barrier_height"], "^", color=BLUE, mec="black", ms=9)
    axes.set(xlim=(low, high), ylim=heights, xlabel="inversion $w$", ylabel=r"$U(w)$")


def draw_gauged(axes: Axes, curves: xr.Dataset) -> None:
    """Draw gauged potentials above their levels."""
    w, styles = curves["gauged_inversion"].values, (("black", "-"), (BLUE, "-"), (GREEN, "-."), (GREY, ":"))
    axes.axhline(0, color=ORANGE, ls="--", lw=1.8)
    for kappa, (color, style) in zip(curves["kappa"].values, styles, strict=True):
        one = curves.sel(kappa=kappa)
        height = one["gauged_potential"] - one["gauged_h_w"]
        reach = float(one["gauged_reach"])
        end = "open" if np.isinf(reach) else f"closed at {reach:.3g}"
        axes.plot(w, height, color=color, ls=style, lw=2.4, label=f"$\\kappa = {kappa:g}$: {end}")
    (low, high), heights = SHOWN_GAUGED
    axes.set(xlim=(low, high), ylim=heights, xlabel="inversion $w$", ylabel=r"$U_\kappa(w) - h_w$")
    axes.legend(loc="lower left", frameon=False, fontsize="small", borderaxespad=0.8)


def add_legend(figure: Figure) -> None:
    """Explain lines and marks below the panels."""
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], color="black", lw=2.2, label="effective potential $U(w)$"),
        Line2D([], [], color=ORANGE, ls="--", lw=1.8, label="effective energy $h_w$"),
        Line2D([], [], ls="", marker="o", color="black", ms=8, label="start, at rest"),
        Line2D([], [], ls="", marker="o", color="white", mec="black", mew=1.6, ms=8, label="other turning points"),
        Line2D([], [], ls="", marker="^", color=BLUE, mec="black", ms=9, label="barrier"),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, handletextpad=0.5)


def _describe(case: xr.Dataset) -> str:
    """Return the case as text: start, photons and energy."""
    share, level = float(case["photons_per_atom"]), float(case["h_w"])
    return f"{case['start'].values!s} start, $n_\\mathrm{{ph}} = {share:g}\\,N$, $2E = {level:g}$"
