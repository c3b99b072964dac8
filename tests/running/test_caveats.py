"""What is said beside the numbers of a run."""

import math

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, Poles, SymbolicModel, load, random_normal, real_variables, simulate
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces.bounds import SAFE
from sdeframe.observers import Moments, Runaways, WeightedMoments, WeightedTrustHorizon

x, y = real_variables("x y")


def run(drift, observers, initial, **options):
    model = SymbolicModel(SDE(drift=drift), initial=initial, **options)
    return simulate(
        model, EulerMaruyama(dt=0.01), observers=observers, times=[0, 1, 2], trajectories=1000, seed=1, progress=False
    )


def squared(*observers):
    """dx = x² dt runs away at t = 1/x₀ for every x₀ > 0: at most one more step, 0.01, and some to explode."""
    return run({x: x**2}, observers, {x: random_normal("start")})


def test_without_a_bound_what_leaves_the_safe_range_is_frozen_counted_and_told():
    with pytest.warns(UserWarning, match="309 of 1,000 trajectories left the range") as seen:
        result = squared(Moments(x=x, power=x**8))
    assert [warning.filename for warning in seen] == [__file__], "it is said where simulate is called"
    ds = result.dataset
    assert result.losses["bound"].values.tolist() == [SAFE]
    assert ds["alive"].values.tolist() == [1000, 861, 691]
    assert result.losses["losses"].sum() == 309
    assert np.isfinite(ds["x"]).all()
    assert np.isfinite(ds["x_se"]).all()
    assert math.isinf(ds["power_se"][-1])
    (told,) = result.warnings
    assert told.startswith("309 of 1,000 trajectories")
    assert "Moments(bound=1e3, ...)" in told
    assert "TrustHorizon" in told


@pytest.mark.parametrize(
    ("observer", "way_out"),
    [
        (WeightedMoments(x=x), "WeightedMoments(bound=1e3, ...), or take WeightedTrustHorizon, which tells"),
        (WeightedTrustHorizon(x=x), "WeightedTrustHorizon(bound=1e3, ...)"),
    ],
)
def test_the_way_out_is_one_that_fits_the_run(observer, way_out):
    """Where there are weights TrustHorizon is refused, and who has a horizon is not sent for one."""
    weighted = SDE(drift={x: x**2}, log_weight=(0, 0))
    model = SymbolicModel(weighted, initial={x: random_normal("start")}, poles=Poles(scale=1.0, strongest=(x,)))
    with pytest.warns(UserWarning, match="left the range") as said:
        simulate(
            model, EulerMaruyama(dt=0.01), observers=[observer], times=[0, 2], trajectories=1000, seed=1, progress=False
        )  # fmt: skip
    (told,) = [str(one.message) for one in said]
    assert way_out in told
    assert told.endswith(way_out) == isinstance(observer, WeightedTrustHorizon)


def test_warnings_stay_with_the_file(tmp_path):
    with pytest.warns(UserWarning, match="left the range"):
        result = squared(Moments(x=x))
    result.save(tmp_path / "run.nc")
    assert load(tmp_path / "run.nc").warnings == result.warnings


def test_a_bound_that_was_asked_for_needs_no_warning():
    for observers in ([Moments(bound=1e3, x=x)], [Moments(x=x), Runaways(bound=10.0)]):
        result = squared(*observers)
        (told,) = result.warnings
        assert "nothing tells how long they can be trusted; take TrustHorizon" in told
        assert "warnings" not in result.dataset.attrs
    unbound = squared(Moments(bound=math.inf, x=x))
    assert unbound.warnings == ()
    assert unbound.losses["bound"].values.tolist() == [math.inf]


def test_the_safe_range_holds_for_variables_that_no_bound_tests():
    """y follows x, which alone is declared to run away: of what leaves the range no observer says a word."""
    drift, initial = {x: sp.Integer(0), y: y**2}, {x: 0, y: 2}
    with pytest.warns(UserWarning, match="1,000 of 1,000 trajectories"):
        result = run(drift, [Moments(y=y)], initial, runaway_variables=(x,))
    assert result.dataset["alive"].values.tolist() == [1000, 0, 0]
    assert result.dataset.attrs["tested_variables"] == "x, y"


def test_who_stays_within_the_range_is_not_warned():
    assert run({x: -x}, [Moments(x=x)], {x: 1e49}).warnings == ()
