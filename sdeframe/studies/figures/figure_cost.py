"""``sdeframe paper cost``: beside the paper's figures, how the time of a run grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import click
import numpy as np

from sdeframe.drawing.colours import BLUE, ORANGE
from sdeframe.studies.benchmarks.cost import Measured, fit, measured
from sdeframe.studies.benchmarks.cost_cases import NAMES, NOISES, NORMALS, OUTPUTS, SIZES, SMALL_SIZES, VARIABLES, Case
from sdeframe.studies.figures.paper import Drawing, paper_figure

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

PANELS: Final[dict[str, tuple[Sequence[Case], Callable[[Measured], int]]]] = {
    "trajectories": ((*SMALL_SIZES, *SIZES), lambda run: run.problem.trajectories),
    "variables": (VARIABLES, lambda run: len(run.problem.sde.state)),
    "noises": (NOISES, lambda run: len(run.problem.sde.noises)),
    "outputs": (OUTPUTS, lambda run: run.case.outputs),
}
"""What the time grows with: the runs, and how much of it a run has."""


@paper_figure("cost")
@click.option("--trajectories", type=click.IntRange(min=1), help="Largest size of an ensemble, if not its own.")
def figure_cost(trajectories: int | None) -> Drawing:
    """Draw how the time of a trajectory grows with whatever it grows with, beside the formula that is fitted to it."""
    import xarray as xr

    found = {name: [*measured(cases, trajectories)] for name, (cases, _) in PANELS.items()}
    small = [case.sized(trajectories) for case in SMALL_SIZES]
    others = [*measured((*NORMALS, *NAMES), trajectories)]
    formula = fit([run for runs in (*found.values(), others) for run in runs if run.case not in small])
    curves = xr.Dataset()
    for name, runs in found.items():
        steps = np.array([run.problem.steps[-1] for run in runs])
        curves[name] = f"{name}_run", [PANELS[name][1](run) for run in runs]
        curves[f"{name}_measured"] = f"{name}_run", [run.nanoseconds for run in runs] / steps
        curves[f"{name}_formula"] = f"{name}_run", [float(formula @ run.counts) for run in runs] / steps
    return Drawing(picture(curves), curves)


def picture(curves: xr.Dataset) -> Figure:
    """Return a panel for everything with which the time grows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    panels = figure.subplots(1, len(PANELS))
    for axes, name in zip(panels, PANELS, strict=True):
        size = curves[name].values
        axes.plot(size, curves[f"{name}_formula"].values, color=ORANGE, label="formula")
        axes.plot(size, curves[f"{name}_measured"].values, "o", color=BLUE, label="measured")
        axes.set(xscale="log", xlabel=name, ylim=(0, None))
    panels[0].set_ylabel("ns a trajectory and step")
    panels[0].legend(frameon=False, fontsize="small")
    return figure
