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
    conformance,
    log_weight,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces.observer import Observer
from sdeframe.observers import Moments, Runaways, WeightedMoments
from tests.support.weighted_systems import ERRORS, POLICIES, W, girsanov, lossy, run, x, y, z


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


@attrs.frozen(eq=False)
class Whole(Observer):
    """Keeps the snapshots of a run of one block."""

    seen: list = attrs.field(factory=list)

    def start(self, ensemble):
        return []

    def update(self, record, snapshot):
        for seen in (snapshot, snapshot.coarse):
            assert seen is None or len(seen.state) + len(seen.alive)  # which is kept from then on
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


def test_the_error_of_a_ratio_is_that_of_the_jackknife(ensemble):
    policy, ds, snapshots = ensemble
    weight, values, *_ = naive(snapshots[-1], policy)
    n, product = weight.size, weight * values[1]
    left_out = (product.sum() - product) / (weight.sum() - weight)
    for part, suffix in ((left_out.real, "_se"), (left_out.imag, "_imag_se")):
        jackknife = np.sqrt((n - 1) * part.var())
        assert ds[f"sum_ratio{suffix}"].values[-1] == pytest.approx(jackknife, rel=0.01)


@pytest.mark.filterwarnings("ignore:70 of 600 trajectories left the range of numbers")
def test_without_spread_there_is_no_error():
    """Ω = 1 gives the bits of plain means; a value that is the same for all has an exact ratio, whatever Ω is."""
    flat = SymbolicModel(SDE(drift={x: -x}, noise={x: W}, log_weight=(0, 0)), initial={x: 0.1})
    observers = [WeightedMoments(x=x, power=x**3 + I * x), Moments(plain=x, plain_power=x**3 + I * x, unweighted=True)]
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


@pytest.mark.parametrize("start", [0, -3000, 1e6 + 1e9 * I])
@pytest.mark.parametrize("policy", POLICIES)
def test_the_record_adds(policy, start):
    observer = WeightedMoments(policy=policy, bound=5.0, z=z, zz=z**2)
    conformance.check_observer(observer, lossy(start), EulerMaruyama(dt=1 / 32), [0.0, 0.5, 1.0])


def test_an_expression_may_hold_the_log_weight():
    ds = run(girsanov(), [WeightedMoments(one=sp.exp(-log_weight))]).dataset
    assert ds["one"].values == pytest.approx([1, 1, 1], rel=1e-12)
