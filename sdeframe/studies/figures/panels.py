"""What figures 2 to 5 share: columns of photon numbers, rows of losses, closed means and open means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import attrs
import click
import numpy as np

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.drawing.bands import padded, shade_beyond
from sdeframe.drawing.colours import BLUE, FAINT, GREY, ORANGE
from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies.criteria import HIGH, LOW, SHARE
from sdeframe.studies.ensembles import (
    PHOTONS,
    SEARCHED,
    SEED,
    drawn_damping,
    ensemble,
    grid,
    reference,
    searched_damping,
    weighted,
)
from sdeframe.studies.figures.captions import EXACT, common_legend, describe, footnote, photons
from sdeframe.studies.figures.changes import Changes
from sdeframe.studies.figures.expected import expected
from sdeframe.studies.figures.paper import Drawing

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


PAPER: Final = Changes()
"""All is as in the paper."""
NARROWEST: Final = 7.5
"""Inches of a picture."""
LEVELS: Final = ("half", "minimal")
"""The two dampings of an open panel."""
STYLES: Final = {"half": (ORANGE, ":"), "minimal": (BLUE, "--")}
HEIGHTS: Final = (-0.12, 1.5)
"""Limits of the open panels, which share them, with room for the legend."""


@attrs.frozen
class Figure2To5:
    """One of figures 2 to 5."""

    number: str
    atoms: int
    start: str
    magnified: float = 1.0
    """Times how much the first open panel is drawn."""

    def draw(self, trajectories: int, threads: int | None, changes: Changes = PAPER) -> Drawing:
        """Compute and draw the figure, and say how long it takes."""
        store = Store()
        clock = expected(store, self.models(changes), trajectories, threads, changes)
        clock.tell(0)
        curves = self.compute(trajectories, threads, store, changes, clock.tell)
        return Drawing(self.picture(curves), curves)

    def models(self, changes: Changes) -> list[TavisCummings]:
        """Return the closed systems of the columns."""
        atoms = self.atoms if changes.atoms is None else changes.atoms
        photons = [s * atoms for s in PHOTONS[self.start]] if changes.photons is None else [changes.photons]
        return [TavisCummings(atoms, number, start=self.start) for number in photons]

    def compute(
        self, trajectories: int, threads: int | None, store: Store, changes: Changes = PAPER,
        tell: Callable[[int], None] = lambda done: None,
    ) -> xr.Dataset:  # fmt: skip
        """Return all curves, over "photons_per_atom", "damping" and "time"; nan where a column has no output time.

        What is told is how many columns are done.
        """
        import xarray as xr

        models, columns = self.models(changes), []
        for model in models:
            columns.append(column(store, model, trajectories, threads, changes))
            tell(len(columns))
        same = changes.atoms is None and changes.photons is None
        about = {
            "trajectories": trajectories, "searched_trajectories": SEARCHED, "atoms": models[0].atoms,
            "start": self.start, "bound": HIGH, "lower_bound": LOW, "allowed_share": SHARE, "seed": SEED,
            "integrators": ", ".join(str(default_scheme(model, grid(model, changes.last))) for model in models),
            "gauge": str(changes.gauge), "weighted": int(weighted(models[0], changes.gauge)), "last": changes.last,
            "other_columns": int(not same),
        }  # fmt: skip
        return xr.concat(columns, "photons_per_atom", join="outer").assign_attrs(about)

    def picture(self, curves: xr.Dataset) -> Figure:
        """Draw the panels: losses (ground start only), closed means, open means."""
        from matplotlib import rc_context
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine

        rows = [draw_remaining, draw_closed, draw_open] if self.start == "ground" else [draw_closed, draw_open]
        columns, about = curves.sizes["photons_per_atom"], curves.attrs
        magnifies = not about["other_columns"]
        with rc_context({"font.size": 12, "axes.titlesize": 13, "axes.labelsize": 13, "legend.fontsize": 10.5}):
            size = (max(4.3 * columns, NARROWEST), 0.9 + 3.4 * len(rows))
            figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06))
            panels = figure.subplots(len(rows), columns, squeeze=False)
            for (row, k), axes in np.ndenumerate(panels):
                case = curves.isel(photons_per_atom=k).dropna("time", subset=["closed_alive"])
                factor = self.magnified if magnifies and rows[row] is draw_open and k == 0 else 1.0
                rows[row](axes, case, factor)
                letter = "abcdefghi"[row * columns + k]
                magnified = f", values × {factor:g}" if factor != 1 else ""
                axes.set_title(f"({letter}) {photons(case, about)}{magnified}", loc="left")
                axes.set(xlim=(0, about["last"]), ylabel=axes.get_ylabel() if k == 0 else "")
            for axes in panels[-1]:
                axes.set_xlabel(r"$\tau = f\,t$")
            figure.legend(
                handles=common_legend(about), loc="outside upper center", ncols=5 if columns > 1 else 2, frameon=False
            )
            figure.supxlabel(footnote(curves), fontsize=10.5, color="0.25")
        return figure


def column(
    store: Store, model: TavisCummings, trajectories: int, threads: int | None, changes: Changes = PAPER
) -> xr.Dataset:
    """Return the curves of a closed model and of the same one at half and all of its minimal damping."""
    import xarray as xr

    name = f"N={model.atoms} {model.start} nph={model.photons:g}"
    closed = curves_of(store, model, trajectories, threads, changes)
    minimal = searched_damping(store, model, threads, changes.last, changes.bracket)
    click.echo(f"{name}: {minimal}")
    drawn = drawn_damping(minimal)
    decays = {"half": drawn / 2, "minimal": drawn}
    opens = [curves_of(store, attrs.evolve(model, decay=decays[k]), trajectories, threads, changes) for k in LEVELS]
    found = {"found": minimal.value} | dict(zip(("low", "high"), minimal.interval, strict=True))
    return xr.merge([
        prefixed("closed", closed), prefixed("open", xr.concat(opens, "damping")),
        xr.Dataset({f"minimal_{key}": value for key, value in found.items()}),
        xr.Dataset({"decay": ("damping", [decays[k] for k in LEVELS])}),
    ], combine_attrs="drop").assign_coords(
        damping=list(LEVELS), photons_per_atom=model.photons / model.atoms,
    )  # fmt: skip


def prefixed(prefix: str, dataset: xr.Dataset) -> xr.Dataset:
    """Return a dataset whose variables have a prefix."""
    return dataset.rename({name: f"{prefix}_{name}" for name in dataset.data_vars})


def curves_of(
    store: Store, model: TavisCummings, trajectories: int, threads: int | None, changes: Changes
) -> xr.Dataset:
    """Return means, losses and the exact curve of a model over "time"; under a weight, of whichever is lost first."""
    run = ensemble(store, model, trajectories, threads, gauge=changes.gauge, last=changes.last)
    ds, lost = run.dataset, run.runaway_time(SHARE)
    if weighted(model, changes.gauge):
        ds = ds.drop_vars(["excited", "excited_se"]).rename(
            excited_ratio="excited", excited_ratio_se="excited_se", beyond_low="lost_low"
        )
        ds["alive"] = ds[["alive", "weight_alive"]].to_array().min("variable")
        lost = min(lost, run.runaway_time(SHARE, of="weight"))
    kept = ["excited", "excited_se", "excited_low", "excited_low_se", "excited_horizon", "lost_low", "alive"]
    exact = reference(store, model, changes.last)[["excited", "excited_se"]]
    return ds[kept].real.assign(exact=exact["excited"], exact_se=exact["excited_se"], loss_time=lost).drop_attrs()


def draw_remaining(axes: Axes, case: xr.Dataset, factor: float) -> None:
    """Draw the share of trajectories that remain."""
    share = case["closed_alive"] / case.attrs["trajectories"]
    axes.plot(case["time"], 100 * share, color=BLUE, lw=1.8)
    lowest = 100 * min(float(share.min()), 0.98)
    axes.set(ylim=(lowest - 0.08 * (100 - lowest), 100 + 0.06 * (100 - lowest)), ylabel="trajectories left (%)")
    draw_loss(axes, float(case["closed_loss_time"]), GREY, "--")


def draw_closed(axes: Axes, case: xr.Dataset, factor: float) -> None:
    """Draw the survivors' mean of the closed system, the exact curve, and where 0.5 % are lost."""
    exact = case["closed_exact"].values
    lost = float(case["closed_loss_time"])
    axes.set(ylim=padded(exact), ylabel=r"$\langle\hat\sigma_{ee}\rangle$, closed")
    draw_mean(axes, case, "closed", factor, (BLUE, "--"), lost)
    axes.plot(case["time"], exact, **EXACT)
    draw_loss(axes, lost, GREY, "--")
    shade_beyond(axes, float(case["closed_excited_horizon"]), float(case["time"][-1]))


def draw_open(axes: Axes, case: xr.Dataset, factor: float) -> None:
    """Draw both dampings with their exact curves, half of the minimal one until 0.5 % are lost.

    Shaded is what lies beyond the trust horizon of the minimal one.
    """
    axes.set(ylim=HEIGHTS, ylabel=r"$\langle\hat\sigma_{ee}\rangle$, open")
    for level, style in STYLES.items():
        one = case.sel(damping=level)
        lost = float(one["open_loss_time"])
        shown = one.where(one["time"] <= lost) if level == "half" else one
        draw_mean(axes, shown, "open", factor, style, lost, f"$\\gamma = {float(one['decay']):.3g}\\,f$")
        axes.plot(one["time"], factor * one["open_exact"], **EXACT)
        draw_loss(axes, lost, *style)
    shade_beyond(axes, float(case["open_excited_horizon"].sel(damping="minimal")), float(case["time"][-1]))
    handles = [line for line in axes.lines if str(line.get_label()).startswith("$")]
    axes.legend(
        handles=handles, title=describe(case), loc="upper right", alignment="right", borderaxespad=0.3,
        title_fontsize=10.5, edgecolor="none", framealpha=0.9, handlelength=2.6,
    )  # fmt: skip


def draw_mean(
    axes: Axes, case: xr.Dataset, which: str, factor: float, style: tuple[str, str], lost: float, label: str = ""
) -> None:
    """Draw a mean with its error band, faintly from the time on at which 0.5 % are lost."""
    color, dashes = style
    time = case["time"].values
    mean, error = (factor * case[f"{which}_excited{end}"].values for end in ("", "_se"))
    before, after = time <= lost, time >= lost
    axes.fill_between(time[before], (mean - error)[before], (mean + error)[before], color=color, alpha=0.25, lw=0)
    axes.plot(time[before], mean[before], color=color, ls=dashes, lw=2.4, label=label)
    axes.plot(time[after], mean[after], color=color, alpha=FAINT, lw=1)


def draw_loss(axes: Axes, time: float, color: str, style: str) -> None:
    """Draw a line where 0.5 % are lost, if they are."""
    if np.isfinite(time):
        axes.axvline(time, color=color, ls=style, lw=1.3)
