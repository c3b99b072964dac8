"""What figures 2 to 5 say in words: titles, legends, the footnote."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sdeframe.drawing.colours import BLUE, GREY, ORANGE
from sdeframe.studies.ensembles import IDENTITY, PHOTONS, SMALLEST

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.artist import Artist

EXACT: Final[dict[str, Any]] = {"color": "black", "lw": 1.1, "label": "exact"}
LETTERS, LETTERS_OF_ONE = 60, 105
"""Of a line of the footnote, for each column and for one alone; formulas take more than are drawn."""


def common_legend(about: Mapping[str, Any]) -> list[Artist]:
    """Return the entries that hold for all panels."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Line2D(
            [],
            [],
            color=BLUE,
            ls="--",
            lw=2.6,
            label="mean by the weight" if about["weighted"] else "mean over survivors",
        ),
        Line2D([], [], color=ORANGE, ls=":", lw=2.6, label="at half of the damping"),
        Line2D([], [], **EXACT),
        Line2D([], [], color=GREY, ls="--", lw=1.3, label="0.5 % lost; the mean thereafter is faint"),
        Patch(color=GREY, alpha=0.12, lw=0, label="beyond the trust horizon"),
    ]


def photons(case: xr.Dataset, about: Mapping[str, Any]) -> str:
    """Return the field at the start as text."""
    share = float(case["photons_per_atom"])
    if share and share not in PHOTONS[about["start"]]:
        return f"$n_\\mathrm{{ph}} = {share * about['atoms']:g}$"
    return "$n_\\mathrm{ph} = 0$" if share == 0 else f"$n_\\mathrm{{ph}} = {'' if share == 1 else f'{share:g}'}N$"


def describe(case: xr.Dataset) -> str:
    """Return the minimal damping as text."""
    found, low, high = (float(case[f"minimal_{k}"]) for k in ("found", "low", "high"))
    if found == 0:
        return "none needed; an example:"
    if found < SMALLEST:
        return f"minimum {found:.2g}, below {SMALLEST:g}; drawn:"
    return f"minimum {found:.3g} ({low:.3g} to {high:.3g}):"


def footnote(curves: xr.Dataset) -> str:
    """Return what the numbers of the figure depend on."""
    about = curves.attrs
    weights = about["weighted"]
    gauge = "" if about["gauge"] == str(IDENTITY) else f" under {about['gauge']}"
    text = (
        f"$N = {about['atoms']}$, {about['start']} start; {about['trajectories']:,} trajectories, W2S4{gauge}. "
        f"Lost: $|\\rho_{{ee}}|$, $|\\rho_{{eg}}|$ or $|\\rho_{{ge}}|$ above 10³"
        f"{', or the weight above 10³' if weights else ''}. Minimum: the smallest $\\gamma/f$\n"
        f"at which at most 0.5 % of {about['searched_trajectories']:,} are lost by $\\tau = {about['last']:g}$"
        f"{' without the gauge' if gauge else ''}, with two "
        "binomial errors. Bands: one standard error of the mean."
    )
    columns = curves.sizes["photons_per_atom"]
    return text if columns > 1 and not gauge else textwrap.fill(text, max(LETTERS * columns, LETTERS_OF_ONE))
