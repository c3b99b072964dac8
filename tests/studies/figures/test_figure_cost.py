"""``sdeframe paper cost``: what is drawn, with runs that are not run."""

import numpy as np
import pytest

from sdeframe import registry
from sdeframe.running.compose import compose
from sdeframe.studies.benchmarks.cost import Measured
from sdeframe.studies.figures import figure_cost
from sdeframe.studies.figures.figure_cost import PANELS, picture


@pytest.mark.long
def test_every_panel_shows_runs_beside_the_formula(monkeypatch, tmp_path):
    assert registry.find("figures", "cost") is figure_cost.figure_cost

    def small(cases, trajectories):
        for case in cases[:3]:
            run = case.sized(trajectories)
            yield Measured(run, compose(run.model, run.integrator, **run.options), 1e-3)

    drawn = []
    monkeypatch.setattr(figure_cost, "measured", small)
    monkeypatch.setattr(figure_cost, "picture", lambda curves: drawn.append(curves) or picture(curves))
    figure_cost.figure_cost.main(["--output", str(tmp_path), "--trajectories", "100"], standalone_mode=False)
    [curves] = drawn
    assert (tmp_path / "figurecost.png").read_bytes().startswith(b"\x89PNG")
    assert curves["variables"].values.tolist() == [5, 20, 50]
    for name in PANELS:
        assert np.all(curves[f"{name}_measured"].values > 0)
        assert np.all(np.isfinite(curves[f"{name}_formula"].values))
