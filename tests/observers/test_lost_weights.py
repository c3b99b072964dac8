"""Weights that pass their bound, and lost trajectories that carried some."""

import numpy as np
import pytest

from sdeframe import (
    SDE,
    SymbolicModel,
    conformance,
    load,
    random_choice,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Moments, Runaways, WeightedMoments
from tests.support.weighted_systems import ERRORS, POLICIES, W, girsanov, lossy, run, x, z


@pytest.mark.parametrize("policy", POLICIES)
def test_the_lost_do_not_hide_weights_that_no_float_holds(policy):
    there, here = (run(lossy(s), [WeightedMoments(policy=policy, bound=5.0, z=z)]).dataset for s in (-3000, 0))
    assert there["alive"][-1] < 500
    for name in ("z_ratio", "z_ratio_se", "z_unweighted", "effective_sample_size", "heaviest_share"):
        assert there[name].values == pytest.approx(here[name].values, rel=1e-10), name


@pytest.mark.filterwarnings("ignore:dt=0.03125 is too large")
def test_the_step_error_leaves_out_who_is_lost_in_the_coarse_run_alone():
    """Euler's factor is -1/4 in the fine run and -3/2 in the coarse one, which loses all that do not start at 0."""
    system = SDE(drift={x: -40 * x}, log_weight=(0, 0))
    model = SymbolicModel(system, initial={x: random_choice("start", [0, 1])})
    ds = run(model, [WeightedMoments(bound=2.0, x=x)], [0.0, 1.0], step_error=True).dataset
    assert ds["alive"].values.tolist() == [600, 600]
    assert ds["x"].values[1] != 0.0
    assert ds["x_step_error"].values.tolist() == ds["x_step_error_se"].values.tolist() == [0.0, 0.0]


def test_what_the_policies_do_to_the_mean_weight():
    """Each comparison has less than 4e-8 of false alarm; a martingale that is stopped keeps its mean."""
    mean, error, ratio = {}, {}, {}
    for policy in POLICIES:
        ds = run(lossy(), [WeightedMoments(policy=policy, bound=20.0, z=z)], [1.0], 8000).dataset
        mean[policy], error[policy] = ds["weight"].item().real, ds["weight_se"].item()
        ratio[policy] = ds["z_ratio"].item()
        remain = ds["alive"].item() / 8000
    assert abs(mean["kept"] - 1) < ERRORS * error["kept"]
    assert abs(mean["dropped"] - 1) > 2 * ERRORS * error["dropped"]
    assert mean["zero"] == pytest.approx(mean["dropped"] * remain, rel=1e-12)
    assert ratio["zero"] == pytest.approx(ratio["dropped"], rel=1e-12)
    assert abs(ratio["kept"] - ratio["dropped"]) > 0.1


def test_a_bound_of_its_own():
    low, high = (
        run(lossy(), [WeightedMoments(bound=5.0, z=z), *more]).dataset for more in ([], [Runaways(bound=50.0)])
    )
    for name in ("z", "z_ratio", "z_unweighted", "weight", "heaviest_share"):
        assert low[name].values == pytest.approx(high[name].values, rel=1e-12), name
    assert low["alive"][-1] < high["alive"][-1]


def test_when_all_are_lost():
    ds = run(lossy(), [WeightedMoments(policy="zero", bound=0.5, z=z)], [0.0]).dataset
    assert ds["weight"].item() == ds["z"].item() == 0.0
    assert np.isnan([ds[name].item() for name in ("z_ratio", "z_unweighted", "heaviest_share")]).all()
    ds = run(lossy(), [WeightedMoments(bound=0.5, z=z)], [0.0]).dataset
    assert np.isnan([ds[name].item() for name in ("weight", "z", "z_ratio", "effective_sample_size")]).all()


@pytest.mark.long
def test_weights_beyond_their_bound_add():
    conformance.check_observer(
        Runaways(bound=5.0, weight_bound=1.2), lossy(), EulerMaruyama(dt=1 / 32), [0.0, 0.5, 1.0]
    )


def test_weights_beyond_their_bound_are_those_of_the_replayed_paths(tmp_path):
    n, limit = 600, 1.5
    result = run(lossy(), [Runaways(bound=20.0, weight_bound=limit)], trajectories=n)
    ds, paths = result.dataset, result.replay(range(n))
    above = paths["C0"].values.real > np.log(limit)
    first = above.argmax(axis=1)[above.any(axis=1)]
    counts = np.bincount(first, minlength=33)
    assert 50 < counts.sum() < n - 50
    assert result.losses["weight_losses"].dims == ("step",)
    assert result.losses["weight_losses"].values.tolist() == counts.tolist()
    assert ds["weight_alive"].values.tolist() == (n - np.cumsum(counts)[[0, 16, 32]]).tolist()
    reached = np.flatnonzero(np.cumsum(counts) >= 0.05 * n)[0] / 32
    assert result.runaway_time(0.05, of="weight") == reached == result.runaway_time(0.05, bound=limit, of="weight")
    assert result.runaway_time(0.05) not in (reached, np.inf)
    result.save(tmp_path / "run.nc")
    loaded = load(tmp_path / "run.nc")
    assert loaded.dataset.identical(ds)
    assert loaded.runaway_time(0.05, of="weight") == reached
    assert result.runaway_time(1.0, of="weight") == np.inf
    unbound = run(lossy(), [Runaways(bound=20.0, weight_bound=np.inf)], trajectories=n)
    assert unbound.dataset["weight_alive"].values.tolist() == [n] * 3
    assert np.array_equal(unbound.losses["losses"], result.losses["losses"])  # nothing is frozen for a weight


def test_a_weight_that_starts_beyond_its_bound_is_lost_at_once():
    result = run(girsanov(start=1), [Runaways(weight_bound=2.0)])
    assert result.losses["weight_losses"].values.tolist() == [600] + [0] * 32
    assert result.dataset["alive"].values.tolist() == [600] * 3


def test_the_weight_of_a_lost_trajectory_is_not_lost_again():
    result = run(lossy(start=1), [Runaways(bound=0.5, weight_bound=2.0)])
    assert result.dataset["alive"].values.tolist() == [0] * 3
    assert result.losses["weight_losses"].values.tolist() == [0] * 33


def test_nothing_is_written_without_a_weight_or_without_a_bound_on_it():
    plain = SymbolicModel(SDE(drift={x: -x}, noise={x: W}), initial={x: 1})
    for model, observer in ((plain, Runaways()), (girsanov(), Moments(x=x, unweighted=True))):
        result = run(model, [observer])
        assert not {"weight_alive", "weight_losses"} & {*result.dataset, *result.losses}
        with pytest.raises(ValueError, match=r"of='weight': this run counted no weights; give it Runaways"):
            result.runaway_time(0.1, of="weight")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WeightedMoments(), r"WeightedMoments\(\) has no expression"),
        (lambda: WeightedMoments(x="x"), "must be a sympy expression"),
        (lambda: WeightedMoments(policy="lost", x=x), "policy='lost' in WeightedMoments: must be one of 'dropped'"),
        (lambda: WeightedMoments(bound=0, x=x), "bound=0 in WeightedMoments"),
        (lambda: WeightedMoments(weight=x), "'weight' is written for all names"),
        (lambda: WeightedMoments(x=x, x_ratio_se=x), "'x_ratio_se' is written for 'x'"),
        (lambda: WeightedMoments(x=x, x_unweighted=x), "'x_unweighted' is written for 'x'"),
        (lambda: Runaways(weight_bound=0.0), "weight_bound=0.0 in Runaways: must be a positive number"),
        (lambda: run(girsanov(), [WeightedMoments(x=z)]), "WeightedMoments expression z"),
        (lambda: run(girsanov(), [WeightedMoments(x=x), WeightedMoments(q=x)]), "writes 'weight', and so does"),
        (
            lambda: run(girsanov(), [Moments(weight_alive=x, unweighted=True)]),
            "'weight_alive', and so does the run itself",
        ),
        (
            lambda: run(SymbolicModel(SDE(drift={x: -x}), initial={x: 1}), [WeightedMoments(x=x)]),
            "this run has no weight; use Moments, or give the run a drift gauge",
        ),
        (
            lambda: run(girsanov(), [Runaways(bound=1.0, weight_bound=2.0), Runaways(bound=3.0)]),
            "weight_bound is 2 and 1000 in different observers",
        ),
        (lambda: run(girsanov(), [Runaways()]).runaway_time(0.1, of="weights"), "must be 'state' or 'weight'"),
        (lambda: run(girsanov(), [Runaways()]).runaway_time(0.1, 5.0, "weight"), r"1000; add Runaways\(weight_bound"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises((TypeError, ValueError), match=message) as refusal:
        make()
    assert "\n" not in str(refusal.value)
