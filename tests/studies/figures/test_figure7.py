"""Figure 7: weighting against the numbers, and the picture."""

import itertools
import math

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from matplotlib.figure import Figure

import sdeframe
from sdeframe.drawing.bands import draw_trusted
from sdeframe.integrators import StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies.figures import figure7
from sdeframe.studies.weights import carried
from tests.support.drawn_text import extents


@pytest.mark.long
def test_with_decay_weighted_and_ungauged_mean_are_exact_and_the_unweighted_is_not(monkeypatch, tmp_path):
    """20,000 trajectories each, at 5 standard errors: false alarms below 6e-7 a comparison.

    At τ = 6 the unweighted mean is off by some 10 of them; later, rare runaways inflate the ungauged mean's own error.
    """
    monkeypatch.setattr(figure7, "TIMES", np.array([4.0, 6.0]))
    monkeypatch.setattr(figure7, "SCHEME", StochasticRK2(dt=1 / 256))
    case = figure7.compute_case(
        TavisCummings(10, 100.0, decay=2.6), trajectories=20_000, threads=1, store=store_in(tmp_path)
    )
    assert case["carried_until"] == 6.0
    assert all(math.isinf(case[name]) for name in ("state_loss_time", "weight_loss_time", "ungauged_loss_time"))

    def deviations(kind):
        return np.abs(case[kind].values.real - case["exact"].values) / case[f"{kind}_se"].values

    assert (deviations("excited_ratio") < 5).all()
    assert (deviations("ungauged") < 5).all()
    assert deviations("excited_unweighted")[1] > 5


def store_in(folder):
    """Return a store in a folder of its own."""
    return Store(folder / "store")


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    """Return a small ensemble with a large step, which loses weights and states."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figure7, "SCHEME", StochasticRK2(dt=0.02))
        return figure7.compute(trajectories=600, threads=1, store=store_in(tmp_path_factory.mktemp("figure7")))


@pytest.mark.long
def test_the_curves_say_what_was_run(curves):
    about = curves.attrs
    assert (about["trajectories"], about["dt"], about["bound"], about["weight_bound"]) == (600, 0.02, 1e3, 1e3)
    assert "TanhSwitch(k=1, lower=-1, upper=2)" in about["gauge"]
    assert about["seed_gauged"] != about["seed_ungauged"]
    assert curves["decay"].values.tolist() == [0.0, 2.6]
    closed, open_ = curves.isel(decay=0), curves.isel(decay=1)
    for case, decay in ((closed, 0.0), (open_, 2.6)):
        exact = TavisCummings(10, 100.0, decay=decay).exact(figure7.TIMES)["excited"]
        assert case["exact"].values == pytest.approx(exact, abs=1e-12)
    assert 2 < closed["carried_until"] < 5
    assert closed["ungauged_alive"][-1] < 0.85 * 600
    assert closed["alive"][-1] > 0.9 * 600


@pytest.mark.long
def test_kappa_follows_the_path(curves):
    x, kappa = (curves[name].values for name in ("path_excited", "path_kappa"))
    assert kappa == pytest.approx(1 + (np.tanh(-1 - x) + np.tanh(x - 2)) / 2, abs=1e-12)


def test_the_chosen_trajectory():
    bound = math.log(1e3)
    calm, far = [0.0, -1.0, 0.5], [0.0, 2.0, -3.0]
    assert figure7.instructive(np.array([4, 5]), np.array([calm, far])) == 5
    passing, later = [0.0, bound + 0.1, np.nan], [0.0, 0.0, bound + 9]
    assert figure7.instructive(np.array([4, 5, 6]), np.array([far, passing, later])) == 5
    assert figure7.instructive(np.array([7]), np.array([[np.nan, np.nan]])) == 7


def test_weights_carry_a_mean_while_the_sample_is_large_and_no_few_dominate():
    ds = xr.Dataset(
        {
            "effective_sample_size": ("time", [100.0, 2.0, 1.0, 50.0, np.nan]),
            "heaviest_share": ("time", [0.01, 0.49, 0.01, 0.5, np.nan]),
        },
        attrs={"trajectories": 100},
    )
    assert carried(ds).tolist() == [True, True, False, False, False]


def test_a_mean_beyond_its_horizon_is_faint_and_marked():
    axes = Figure().subplots()
    axes.set_ylim(0, 1)
    time, mean = np.arange(6.0), np.array([0.1, 0.2, 0.3, 1e30, np.inf, 0.6])
    draw_trusted(axes, time, mean, np.full(6, 0.01), 2.0, "weighted")
    solid, faint = axes.lines
    assert solid.get_xdata().tolist() == [0, 1, 2]
    assert solid.get_alpha() is None
    assert faint.get_xdata().tolist() == [2, 3, 4, 5]
    assert faint.get_alpha() < 0.5
    assert np.isnan(faint.get_ydata()).tolist() == [False, True, True, False]
    assert axes.get_legend_handles_labels()[1] == ["weighted", "not to be trusted beyond 2"]


def test_a_mean_that_is_trusted_to_the_end_is_not():
    axes = Figure().subplots()
    draw_trusted(axes, np.arange(3.0), np.zeros(3), np.ones(3), 2.0, "weighted")
    assert axes.get_legend_handles_labels()[1] == ["weighted"]


def test_no_text_overlaps_another_or_leaves_the_page(curves):
    figure = figure7.picture(curves)
    boxes = extents(figure)
    assert len(boxes) > 50
    for (first, a), (second, b) in itertools.combinations(boxes.items(), 2):
        assert not a.overlaps(b), f"{first!r} overlaps {second!r}"
    for name, box in boxes.items():
        assert figure.bbox.x0 <= box.x0, name
        assert figure.bbox.x1 >= box.x1, name
        assert figure.bbox.y0 <= box.y0, name
        assert figure.bbox.y1 >= box.y1, name


def test_the_command_writes_a_picture_and_its_curves(curves, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(figure7, "compute", lambda *options: asked.append(options) or curves)
    options = ["--trajectories", "50", "--threads", "1", "--output", str(tmp_path)]
    done = CliRunner().invoke(figure7.figure7, options, catch_exceptions=False)
    assert done.exit_code == 0
    assert asked == [(50, 1, Store())]
    header = (tmp_path / "figure7.png").read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert int.from_bytes(header[16:20], "big") == 3900
    ds = sdeframe.load(tmp_path / "figure7.nc").dataset
    assert ds.attrs["figure"] == "figure7"
    assert ds.attrs["trajectories"] == 600
    drawn = ("excited_ratio", "excited_unweighted", "ungauged", "exact", "path_excited", "path_c0", "path_kappa")
    assert all(ds[name].dims == ("decay", "time") for name in drawn)
