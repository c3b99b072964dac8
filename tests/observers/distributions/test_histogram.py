"""Histograms against trajectories that are collected, and laws that are known."""

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    load,
    random_complex_normal,
    random_normal,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import TavisCummings
from sdeframe.observers import Histogram, Moments, Runaways
from sdeframe.observers.distributions.intervals import count_interval
from sdeframe.observers.distributions.replicate_counts import ReplicateCounts
from sdeframe.observers.runaways import binomial_interval, spread_of
from sdeframe.sampling import Balanced

x, y, a, b = *real_variables("x y"), *complex_variables("a b")
W, F = real_noises("W"), complex_noises("F")
OU = SymbolicModel(SDE({x: -x, y: x - y}, {x: W, y: 0}), {x: random_normal("n") / sp.sqrt(2), y: 0})
FIELD = SymbolicModel(SDE({a: -a / 2}, {a: F}), {a: random_complex_normal("g")})
EDGES, WIDE = np.linspace(-1, 1, 9), [-2.0, -0.5, 0.0, 0.1, 3.0]


def run(*observers, model=OU, trajectories=3000, scheme=W2S4, **options):
    return simulate(
        model, scheme(dt=0.05), observers=observers,
        **{"times": [0.0, 0.5, 1.0], "trajectories": trajectories, "seed": 3, "progress": False} | options,
    )  # fmt: skip


def values(result, name="x"):
    return result.replay(np.arange(result.dataset.attrs["trajectories"]))[name].sel(time=[0.0, 0.5, 1.0]).values.T


@pytest.mark.parametrize("recorded", [0, 2**20])
def test_counts_are_those_of_collected_trajectories(monkeypatch, recorded):
    monkeypatch.setattr("sdeframe.running.problem.RECORDING", recorded)
    result = run(Histogram(EDGES, x=x), Histogram((EDGES, WIDE), u=x, v=y), Moments(m=x), block=512)
    ds = result.dataset
    for at, (one, other) in enumerate(zip(values(result), values(result, "y"), strict=True)):
        assert ds["x"][at].values.tolist() == np.histogram(one, EDGES)[0].tolist()
        assert ds["u_v"][at].values.tolist() == np.histogram2d(one, other, (EDGES, WIDE))[0].tolist()
        assert ds["x_below"][at] == (one < -1).sum() == ds["u_below"][at]
        assert ds["x_above"][at] == (one > 1).sum()
        assert ds["x_outside"][at] == 3000 - ds["x"][at].sum()
        assert ds["u_v_outside"][at] == 3000 - ds["u_v"][at].sum()
        assert ds["v_above"][at] == (other > 3).sum()
    assert ds["x"].dims == ("time", "x_bin")
    assert ds["x"].dtype == np.int64
    assert ds["u_v"].dims == ("time", "u_bin", "v_bin")
    assert ds["v_bin"].values == pytest.approx([-1.25, -0.25, 0.05, 1.55])
    assert ds["v_left"].values.tolist() == WIDE[:-1]
    assert ds["v_right"].values.tolist() == WIDE[1:]


def test_intervals_are_binomial():
    ds = run(Histogram(EDGES, x=x)).dataset
    low, high = binomial_interval(ds["x"].values, 3000)
    assert ds["x_low"].values == pytest.approx(3000 * low)
    assert ds["x_high"].values == pytest.approx(3000 * high)


def test_a_stationary_law():
    """A chi-square of 8 + 2 cells at each of 3 times, one of which passes 60 with a chance of 4e-9."""
    ds = run(Histogram(EDGES, x=x), trajectories=20_000).dataset
    inner = np.diff(stats.norm.cdf(EDGES, scale=np.sqrt(0.5)))
    tail = stats.norm.cdf(-1, scale=np.sqrt(0.5))
    expected = 20_000 * np.array([tail, *inner, tail])
    seen = np.column_stack([ds["x_below"], ds["x"], ds["x_above"]])
    assert ((seen - expected) ** 2 / expected).sum(axis=1).max() < 60


@pytest.mark.parametrize("block", [2048, 300])
def test_tied_trajectories(block):
    result = run(
        Histogram(EDGES, x=x), Histogram((EDGES, WIDE), u=x, v=y), trajectories=8192, sampling=Balanced(block=512),
        block=block,
    )  # fmt: skip
    ds = result.dataset
    for at, one in enumerate(values(result)):
        counts = np.array([np.histogram(r, EDGES)[0] for r in one.reshape(16, 512)])
        total = counts.sum(axis=0)
        assert ds["x"][at].values.tolist() == total.tolist()
        spread = 8192 * spread_of(total / 8192, counts.astype(float), np.full(8, 8192))
        low, high = (8192 * limit for limit in binomial_interval(total, np.full(8, 8192)))
        assert ds["x_low"][at].values == pytest.approx(np.fmin(low, total - spread))
        assert ds["x_high"][at].values == pytest.approx(np.fmax(high, total + spread))


def test_replicates_add_in_any_grouping():
    rng = np.random.default_rng(4)
    shape = (2, 5)

    def of(number, trajectories):
        found = ReplicateCounts.of_none(8, shape)
        found.part(number, trajectories)[:] = rng.integers(0, 5, shape)
        return found

    parts = [of(0, 8), of(1, 3), of(1, 5), of(2, 8), of(3, 4)]
    whole = [
        parts[0].others[0].counts,
        parts[1].others[1].counts + parts[2].others[1].counts,
        parts[3].others[2].counts,
    ]
    none = ReplicateCounts.of_none(8, shape)
    left = none + parts[0] + parts[1] + parts[2] + parts[3] + parts[4]
    right = (parts[4] + (parts[2] + parts[3])) + (parts[1] + (parts[0] + none))
    for found in (left, right):
        assert found.whole == 3
        assert found.squares.tolist() == sum(c**2 for c in whole).tolist()
        total = sum(whole) + parts[4].others[3].counts
        assert found.error(total) == pytest.approx(np.std(whole, axis=0, ddof=1) * np.sqrt(3))


def test_counts_that_differ_much_between_replicates_have_wide_intervals():
    counts = np.array([[[0, 30, 34]], [[60, 0, 4]], [[10, 50, 4]], [[64, 0, 0]]])
    none = ReplicateCounts.of_none(64, (1, 3))
    for number, own in enumerate(counts):
        part = ReplicateCounts.of_none(64, (1, 3))
        part.part(number, 64)[:] = own
        none = none + part
    total = counts.sum(axis=0)
    low, high = count_interval(total, none)
    spread = 256 * spread_of(total[0] / 256, counts[:, 0].astype(float), np.full(3, 256))
    plain = count_interval(total, None)
    assert low[0] == pytest.approx(np.clip(np.fmin(plain[0][0], total[0] - spread), 0, 256))
    assert high[0] == pytest.approx(np.clip(np.fmax(plain[1][0], total[0] + spread), 0, 256))
    assert (high > plain[1] + 1).all()


def test_no_trajectories_have_an_interval():
    low, high = count_interval(np.zeros((1, 3), dtype=np.int64), None)
    assert low.tolist() == high.tolist() == [[0, 0, 0]]


def test_lost_trajectories_are_in_no_bin():
    model = SymbolicModel(SDE({x: x**2}, {x: 0}), {x: 2 * random_normal("n")})
    ds = run(Histogram([-1.0, 0.0, 1.0], x=x), Runaways(100.0), model=model).dataset
    counted = ds["x"].sum("x_bin") + ds["x_outside"]
    assert counted.values.tolist() == ds["alive"].values.tolist()
    assert ds["alive"][-1] < 3000


def test_a_phase_space_density():
    """<|a|²> = 1 stays, and a chi-square of 9 cells passes 60 with a chance of 1e-9."""
    edges = np.array([-np.sqrt(2), -0.3, 0.3, np.sqrt(2)])
    model = SymbolicModel(SDE({a: -a / 2}, {a: F}), {a: random_complex_normal("g")})
    ds = run(Histogram((edges, edges), re=sp.re(a), im=sp.im(a)), model=model, trajectories=20_000).dataset
    share = np.diff(stats.norm.cdf(edges, scale=np.sqrt(0.5)))
    expected = 20_000 * np.multiply.outer(share, share)
    chi = ((ds["re_im"].values - expected) ** 2 / expected).sum(axis=(1, 2))
    assert chi.max() < 60
    density = ds["re_im"] / 20_000 / (ds["re_right"] - ds["re_left"]) / (ds["im_right"] - ds["im_left"])
    assert density[0, 1, 1] == pytest.approx(1 / np.pi, rel=0.2)


def test_no_number_is_counted_apart():
    model = SymbolicModel(SDE({x: 0}, {x: 0}), {x: random_normal("n")})
    ds = run(Histogram([0.0, 1.0], r=sp.log(x)), model=SymbolicModel(SDE({x: 0}, {x: 0}), {x: 0}), times=[1.0]).dataset
    assert ds["r_below"].item() == 3000  # log 0 is -inf
    with pytest.raises(Exception, match=r"r=log\(x\).*has the value .*j, and bins are of real numbers"):
        run(Histogram([0.0, 1.0], r=sp.log(x)), model=model, times=[1.0])
    found = run(
        Histogram([0.0, 1.0], r=sp.re(sp.sqrt(x)) / sp.Abs(sp.im(sp.sqrt(x)))), model=model, times=[1.0]
    ).dataset
    assert found["r_nan"].item() + found["r_above"].item() > 1000  # positive: over 0


@pytest.mark.parametrize("expression", [a, a**2, a * b, sp.exp(a) + x])
def test_analytic_expressions_are_complex(expression):
    model = SymbolicModel(SDE({a: -a, b: -b, x: -x}, {a: F, b: F, x: W}), {a: 1, b: 1, x: 0})
    with pytest.raises(ValueError, match=r"Histogram\(q=.*is complex, .*sympy.re"):
        run(Histogram([0.0, 1.0], q=expression), model=model)


@pytest.mark.parametrize("expression", [a * sp.conjugate(a), sp.conjugate(a), sp.im(a) + sp.I * sp.re(a)])
def test_values_tell_what_is_not_known_to_be_real(expression):
    if expression == a * sp.conjugate(a):
        assert run(Histogram([0.0, 1.0], q=expression), model=FIELD).dataset["q"].sum() > 0
        return
    with pytest.raises(Exception, match=r"Histogram\(q=.*has the value .*j, and bins are of real numbers.*sympy.re"):
        run(Histogram([0.0, 1.0], q=expression), model=FIELD)


def test_weights_are_refused():
    model = TavisCummings(10, 10.0)
    with pytest.raises(ValueError, match=r"Histogram\(q=...\): this run has a weight"):
        run(Histogram([0.0, 1.0], q=sp.re(model.excited)), model=model, gauge=QuarticDrift(), scheme=EulerMaruyama)


@pytest.mark.parametrize(
    ("edges", "named", "message"),
    [
        ([1.0], {"x": x}, "two increasing finite numbers at least"),
        ([0.0, 0.0], {"x": x}, "increasing"),
        ([0.0, np.inf], {"x": x}, "finite"),
        ([-1e308, 1e308], {"x": x}, "increasing finite"),
        ("ab", {"x": x}, "increasing"),
        (5, {"x": x}, "increasing"),
        ([[0, 1], [0, 1]], {"x": x}, "increasing"),
        ([0.0, 1.0], {"x": x, "y": y}, "of both expressions"),
        (([0, 1], [0, 1], [0, 1]), {"x": x, "y": y}, "of both expressions"),
        (([0, 1], 3.0), {"x": x, "y": y}, "of both expressions"),
        (([0, 1], [1, 0]), {"x": x, "y": y}, "increasing"),
        ([0.0, 1.0], {}, "has no expression"),
        ([0.0, 1.0], {"x": x, "y": y, "z": x}, "takes one expression or two"),
        (([0, 1], [0, 1]), {"x": x, "x_low": y}, "is written for 'x'"),
        (([0, 1], [0, 1]), {"x": x, "nan": y}, "'x_nan' is written for 'x'"),
        (([0, 1], [0, 1]), {"x": x, "bin": y}, "'x_bin' is written for 'x'"),
        ([0.0, 1e-300], {"x": x}, "it is 1e-290 or more"),
    ],
)
def test_bad_input(edges, named, message):
    with pytest.raises(ValueError, match=message):
        Histogram(edges, **named)


def test_too_many_counts_are_refused():
    fine = np.linspace(0, 1, 3001)
    with pytest.raises(ValueError, match=r"9,018,009 bins at 3 output times are more than 10,000,000 counts"):
        run(Histogram((fine, fine), x=x, y=y))


def test_files_hold_histograms(tmp_path):
    result = run(Histogram((EDGES, WIDE), x=x, y=y))
    result.save(tmp_path / "r.nc")
    assert load(tmp_path / "r.nc").dataset.identical(result.dataset)


def test_checkpoints_hold_histograms(tmp_path):
    options = {"trajectories": 8192, "sampling": Balanced(block=512), "block": 300}
    plain = run(Histogram(EDGES, x=x), **options)
    kept = run(Histogram(EDGES, x=x), **options, checkpoint=tmp_path / "c")
    assert run(Histogram(EDGES, x=x), **options, checkpoint=tmp_path / "c").dataset.identical(plain.dataset)
    assert kept.dataset.identical(plain.dataset)


@pytest.mark.long
@pytest.mark.parametrize("options", [{}, {"sampling": Balanced(block=512)}], ids=["independent", "tied"])
def test_intervals_cover_what_they_say(options):
    """Of 200 seeds with 8 counts each 95 % or more are expected inside; 92 % are missed with a chance below 1e-7."""
    expected = 8192 * np.diff(stats.norm.cdf(EDGES, scale=np.sqrt(0.5)))
    inside = []
    for seed in range(200):
        ds = run(Histogram(EDGES, x=x), trajectories=8192, times=[1.0], seed=seed, scheme=W2S4, **options).dataset
        inside.append((ds["x_low"].values <= expected) & (expected <= ds["x_high"].values))
    assert np.mean(inside) > 0.92
