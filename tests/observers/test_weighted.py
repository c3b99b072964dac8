"""Weights in the log domain: exact moments, every number against plain numpy, lost trajectories, lost weights."""

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr
from sympy import I

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    conformance,
    load,
    log_weight,
    random_choice,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces.observer import Observer
from sdeframe.observers import Moments, Runaways, WeightedMoments

x, y, z = *real_variables("x y"), complex_variables("z")
W, F = real_noises("W"), complex_noises("F")
POLICIES = ("dropped", "kept", "zero")
ERRORS = 5.5
"""Standard errors at which a mean and its exact value part; the false-alarm probability of one comparison is 4e-8."""


def girsanov(start=0):
    """Return dx = dW with the weight that gives W the drift 1/2."""
    system = SDE(drift={x: 0}, noise={x: W}, log_weight=(-sp.Rational(1, 8), W / 2))
    return SymbolicModel(system, initial={x: 0}, initial_log_weight=start)


def lossy(start=0):
    """Return a process that explodes the sooner the larger its complex weight, never in a step that W decides."""
    g = sp.Rational(1, 2) + sp.Rational(3, 10) * I
    system = SDE(drift={y: 0, z: z**2 * (1 + sp.tanh(y))}, noise={y: W, z: F / 10}, log_weight=(-(g**2) / 2, g * W))
    return SymbolicModel(system, initial={y: 0, z: 1}, initial_log_weight=start, runaway_variables=(z,))


def run(model, observers, times=(0.0, 0.5, 1.0), trajectories=600, **settings):
    scheme = EulerMaruyama(dt=1 / 32)
    return simulate(
        model, scheme, observers=observers, times=times, trajectories=trajectories, seed=5, progress=False, **settings
    )


def test_the_exact_case_of_a_shifted_brownian_motion():
    """<Ω> = 1, <xΩ> = 1/2, <x²Ω> = 5/4; together less than 3e-7 of false alarm."""
    n, g = 20_000, 0.5
    ds = run(girsanov(), [WeightedMoments(x=x, xx=x**2)], [1.0], n).dataset
    for name, exact in (("weight", 1.0), ("x", 0.5), ("xx", 1.25), ("x_ratio", 0.5), ("xx_ratio", 1.25)):
        assert abs(ds[name].item() - exact) < ERRORS * ds[f"{name}_se"].item(), name
        assert ds[f"{name}_se"].item() < 0.03
        assert ds[f"{name}_imag_se"].item() == 0.0
    assert abs(ds["x_unweighted"].item()) < ERRORS / np.sqrt(n)
    second, third, fourth = (np.exp(k * g**2) for k in (1, 3, 6))
    share = ds["effective_sample_size"].item() / n
    slopes = np.array([2 / second, -1 / second**2])
    covariance = np.array([[second - 1, third - second], [third - second, fourth - second**2]])
    assert share == pytest.approx(0.778801, abs=ERRORS * np.sqrt(slopes @ covariance @ slopes / n))


@pytest.mark.parametrize("start", [-2000, 2000, 700, -745, -2000 + 1e15 * I, 1e12])
def test_ratios_do_not_depend_on_where_the_log_weight_starts(start):
    observers = [WeightedMoments(x=x, xx=x**2)]
    there, here = run(girsanov(start), observers).dataset, run(girsanov(), observers).dataset
    digits = 1e-3 if abs(start) > 1e10 else 1e-10  # a C0 near 1e12 holds four digits behind the point
    for name in ("x_ratio", "x_ratio_se", "xx_ratio", "xx_ratio_se", "effective_sample_size", "heaviest_share"):
        assert there[name].values == pytest.approx(here[name].values, rel=digits), name
    modulus = np.abs(there["weight"].values)
    assert np.all(np.isinf(modulus)) if sp.re(start) > 710 else np.all(modulus < 1e305)
    assert np.all(modulus == 0.0) == (sp.re(start) < -746)


@pytest.mark.parametrize("start", [-1.2e200, 1.1e300])
def test_log_weights_without_a_digit_left_for_what_happens(start):
    ds = run(girsanov(start), [WeightedMoments(x=x)]).dataset
    assert ds["x_ratio"].values == pytest.approx(ds["x_unweighted"].values, rel=1e-12)
    assert ds["effective_sample_size"].values.tolist() == [600.0] * 3


@pytest.mark.parametrize("policy", POLICIES)
def test_the_lost_do_not_hide_weights_that_no_float_holds(policy):
    there, here = (run(lossy(s), [WeightedMoments(policy=policy, bound=5.0, z=z)]).dataset for s in (-3000, 0))
    assert there["alive"][-1] < 500
    for name in ("z_ratio", "z_ratio_se", "z_unweighted", "effective_sample_size", "heaviest_share"):
        assert there[name].values == pytest.approx(here[name].values, rel=1e-10), name


@attrs.frozen(eq=False)
class Whole(Observer):
    """Keeps the snapshots of a run of one block."""

    seen: list = attrs.field(factory=list)

    def start(self, ensemble):
        return []

    def update(self, record, snapshot):
        record.append(snapshot)

    def finish(self, record):
        self.seen[:] = record
        return xr.Dataset()


def naive(snapshot, policy):
    """Return Ω, the values and who counts, in plain numpy."""
    alive, (b, c, C0) = snapshot.alive, snapshot.state
    carries = alive | (policy == "kept")
    counted = alive | (policy != "dropped")
    values = np.array([c**2, b + c])
    return np.where(carries, np.exp(C0), 0)[counted], values[:, counted], carries, counted


def mean_and_errors(values):
    return values.mean(), values.real.std(ddof=1) / np.sqrt(values.size), values.imag.std(ddof=1) / np.sqrt(values.size)


def close(ds, name, index, expected):
    found = [ds[name + suffix].values[index] for suffix in ("", "_se", "_imag_se")]
    assert found == pytest.approx(list(expected), rel=1e-9, abs=1e-13), name


@pytest.fixture(scope="module", params=POLICIES)
def ensemble(request):
    whole, trajectories = Whole(), 2300
    weighted = WeightedMoments(policy=request.param, zz=z**2, sum=y + z)
    settings = {"trajectories": trajectories, "block": trajectories, "step_error": True}
    ds = run(lossy(), [weighted, Runaways(bound=20.0), whole], **settings).dataset
    return request.param, ds, whole.seen


def test_every_number_is_that_of_plain_numpy(ensemble):
    policy, ds, snapshots = ensemble
    assert 300 < ds["alive"][-1] < 2000
    for i, snapshot in enumerate(snapshots):
        weight, values, carries, counted = naive(snapshot, policy)
        close(ds, "weight", i, mean_and_errors(weight))
        modulus = np.sort(np.abs(weight))[::-1]
        assert ds["effective_sample_size"].values[i] == pytest.approx(modulus.sum() ** 2 / (modulus**2).sum())
        heaviest = modulus[: int(np.ceil(modulus.size / 1000))].sum()
        assert ds["heaviest_share"].values[i] == pytest.approx(heaviest / modulus.sum())
        for name, value in zip(("zz", "sum"), values, strict=True):
            close(ds, name, i, mean_and_errors(weight * value))
            ratio = (weight * value).mean() / weight.mean()
            close(ds, f"{name}_ratio", i, (ratio, *mean_and_errors(weight * (value - ratio) / weight.mean())[1:]))
            close(ds, f"{name}_unweighted", i, mean_and_errors(value[carries[counted]]))


def test_the_step_error_is_that_of_the_weighted_mean_over_pairs(ensemble):
    policy, ds, snapshots = ensemble
    for i, snapshot in enumerate(snapshots):
        products, kept = [], np.ones(snapshot.alive.size, dtype=bool)
        for one in (snapshot.coarse, snapshot):
            product = np.zeros(snapshot.alive.size, dtype=complex)
            weight, values, _, counted = naive(one, policy)
            product[counted] = weight * values[0]
            products.append(product)
            kept &= counted
        close(ds, "zz_step_error", i, mean_and_errors((products[0] - products[1])[kept]))


def test_the_step_error_leaves_out_who_is_lost_in_the_coarse_run_alone():
    """Euler's factor is -1/4 in the fine run and -3/2 in the coarse one, which loses all that do not start at 0."""
    system = SDE(drift={x: -40 * x}, log_weight=(0, 0))
    model = SymbolicModel(system, initial={x: random_choice("start", [0, 1])})
    ds = run(model, [WeightedMoments(bound=2.0, x=x)], [0.0, 1.0], step_error=True).dataset
    assert ds["alive"].values.tolist() == [600, 600]
    assert ds["x"].values[1] != 0.0
    assert ds["x_step_error"].values.tolist() == ds["x_step_error_se"].values.tolist() == [0.0, 0.0]


def test_the_error_of_a_ratio_is_that_of_the_jackknife(ensemble):
    policy, ds, snapshots = ensemble
    weight, values, *_ = naive(snapshots[-1], policy)
    n, product = weight.size, weight * values[1]
    left_out = (product.sum() - product) / (weight.sum() - weight)
    for part, suffix in ((left_out.real, "_se"), (left_out.imag, "_imag_se")):
        jackknife = np.sqrt((n - 1) * part.var())
        assert ds[f"sum_ratio{suffix}"].values[-1] == pytest.approx(jackknife, rel=0.01)


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


def test_without_spread_there_is_no_error():
    """Ω = 1 gives the bits of plain means; a value that is the same for all has an exact ratio, whatever Ω is."""
    flat = SymbolicModel(SDE(drift={x: -x}, noise={x: W}, log_weight=(0, 0)), initial={x: 0.1})
    observers = [WeightedMoments(x=x, power=x**3 + I * x), Moments(plain=x, plain_power=x**3 + I * x)]
    ds = run(flat, observers).dataset
    for name in ("", "_power"):
        mine = f"{name[1:] or 'x'}"
        for suffix in ("", "_se", "_imag_se"):
            plain = ds[f"plain{name}{suffix}"].values
            assert np.array_equal(ds[f"{mine}{suffix}"], plain)
            assert np.array_equal(ds[f"{mine}_unweighted{suffix}"], plain)
            assert ds[f"{mine}_ratio{suffix}"].values == pytest.approx(plain, rel=1e-12, abs=1e-15)
    assert ds["weight_se"].values.tolist() == [0.0] * 3
    assert ds["effective_sample_size"].values.tolist() == [600.0] * 3
    ds = run(lossy(), [WeightedMoments(number=0.1 + 0.7 * I, one=1)]).dataset
    assert ds["number_ratio"].values.tolist() == [0.1 + 0.7j] * 3
    for name in ("number_ratio_se", "number_ratio_imag_se", "number_unweighted_se"):
        assert ds[name].values.tolist() == [0.0] * 3
    assert np.array_equal(ds["one"], ds["weight"])
    assert np.array_equal(ds["one_se"], ds["weight_se"])
    assert ds["weight_se"].values[0] == 0.0


def test_when_all_are_lost():
    ds = run(lossy(), [WeightedMoments(policy="zero", bound=0.5, z=z)], [0.0]).dataset
    assert ds["weight"].item() == ds["z"].item() == 0.0
    assert np.isnan([ds[name].item() for name in ("z_ratio", "z_unweighted", "heaviest_share")]).all()
    ds = run(lossy(), [WeightedMoments(bound=0.5, z=z)], [0.0]).dataset
    assert np.isnan([ds[name].item() for name in ("weight", "z", "z_ratio", "effective_sample_size")]).all()


@pytest.mark.parametrize("start", [0, -3000, 1e6 + 1e9 * I])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_record_adds(policy, start):
    observer = WeightedMoments(policy=policy, bound=5.0, z=z, zz=z**2)
    conformance.check_observer(observer, lossy(start), EulerMaruyama(dt=1 / 32), [0.0, 0.5, 1.0])


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
    assert ds["weight_losses"].dims == ("step",)
    assert ds["weight_losses"].values.tolist() == counts.tolist()
    assert ds["weight_alive"].values.tolist() == (n - np.cumsum(counts)[[0, 16, 32]]).tolist()
    reached = np.flatnonzero(np.cumsum(counts) >= 0.05 * n)[0] / 32
    assert result.runaway_time(0.05, of="weight") == reached == result.runaway_time(0.05, bound=limit, of="weight")
    assert result.runaway_time(0.05) not in (reached, np.inf)
    result.save(tmp_path / "run.nc")
    loaded = load(tmp_path / "run.nc")
    assert loaded.dataset.identical(ds)
    assert loaded.runaway_time(0.05, of="weight") == reached
    assert result.runaway_time(1.0, of="weight") == np.inf
    unbound = run(lossy(), [Runaways(bound=20.0, weight_bound=np.inf)], trajectories=n).dataset
    assert unbound["weight_alive"].values.tolist() == [n] * 3
    assert np.array_equal(unbound["losses"], ds["losses"])  # nothing is frozen for a weight


def test_a_weight_that_starts_beyond_its_bound_is_lost_at_once():
    ds = run(girsanov(start=1), [Runaways(weight_bound=2.0)]).dataset
    assert ds["weight_losses"].values.tolist() == [600] + [0] * 32
    assert ds["alive"].values.tolist() == [600] * 3


def test_the_weight_of_a_lost_trajectory_is_not_lost_again():
    ds = run(lossy(start=1), [Runaways(bound=0.5, weight_bound=2.0)]).dataset
    assert ds["alive"].values.tolist() == [0] * 3
    assert ds["weight_losses"].values.tolist() == [0] * 33


def test_nothing_is_written_without_a_weight_or_without_a_bound_on_it():
    plain = SymbolicModel(SDE(drift={x: -x}, noise={x: W}), initial={x: 1})
    for model, observer in ((plain, Runaways()), (girsanov(), Moments(x=x))):
        result = run(model, [observer])
        assert not {"weight_alive", "weight_losses"} & set(result.dataset)
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
        (lambda: run(girsanov(), [Moments(weight_alive=x)]), "'weight_alive', and so does the run itself"),
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


def test_an_expression_may_hold_the_log_weight():
    ds = run(girsanov(), [WeightedMoments(one=sp.exp(-log_weight))]).dataset
    assert ds["one"].values == pytest.approx([1, 1, 1], rel=1e-12)
