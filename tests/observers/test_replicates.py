"""Errors that observers tell of tied trajectories: from the trajectories themselves, in plain numpy."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from sdeframe import SDE, Poles, SymbolicModel, log_weight, random_normal, real_noises, real_variables, simulate
from sdeframe.integrators import W2S4
from sdeframe.observers import (
    Conserved,
    Moments,
    Runaways,
    TrustHorizon,
    WeightedMoments,
    WeightedTrustHorizon,
)
from sdeframe.observers.runaways import COVERAGE
from sdeframe.running.block import Lanes
from sdeframe.sampling import Balanced
from tests.support.replicate_formulas import by_replicates, ratio_by_replicates

x, y, W = real_variables("x"), real_variables("y"), real_noises("W")
QUARTER = sp.Rational(1, 4)
MODEL = SymbolicModel(
    SDE({x: x**3 / 2 - x, y: -y}, {x: W * (1 + x / 2) / 2, y: W / 2}, log_weight=(-sp.Rational(1, 8), W / 2)),
    {x: 1 + random_normal("n") / 2, y: 1}, initial_log_weight=sp.I * QUARTER,
    poles=Poles(scale=1.0, strongest=(x,)),
)  # fmt: skip
SIZE, REPLICATES, BOUND, LOW = 512, 16, 20.0, 2.0
TIMES = [0.5, 1.0, 2.0]
O = x + sp.I * y  # noqa: E741
OBSERVERS = [
    Moments(unweighted=True, bound=LOW, m=O),
    TrustHorizon(unweighted=True, low_bound=LOW, bound=BOUND, t=O),
    WeightedTrustHorizon(w=O),
    Runaways(LOW),
    Conserved(y=y),
]


def run(sampling=Balanced(block=SIZE), observers=OBSERVERS, replicates=REPLICATES, seed=8, block=None):  # noqa: B008
    return simulate(
        MODEL, W2S4(dt=0.05), observers=observers, times=TIMES, trajectories=SIZE * replicates, seed=seed,
        progress=False, sampling=sampling, step_error=True, block=block,
    )  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return run()


@pytest.fixture(scope="module")
def paths(result):
    """Return at the output times O, C0, who lives, and who has never passed the low bound; shape (times, n)."""
    path = result.replay(np.arange(SIZE * REPLICATES))
    at = [int(np.abs(path["time"].values - t).argmin()) for t in TIMES]
    peak = np.maximum.accumulate(np.maximum(np.abs(path["x"].values), np.abs(path["y"].values)), axis=1)
    alive = path["alive"].values
    values = path["x"].values + 1j * path["y"].values
    return [q[:, at].T for q in (values, path[log_weight.name].values, alive, alive & (peak <= LOW))]


def check(ds, name, values, counted, at):
    """Check a plain mean."""
    for part, suffix in ((np.real, ""), (np.imag, "_imag")):
        mean, error, floor = by_replicates(part(values), counted, REPLICATES)
        assert part(ds[name].values[at]) == pytest.approx(mean, rel=1e-11)
        assert ds[f"{name}{suffix}_se"].values[at] == pytest.approx(error, rel=1e-6)
        assert ds[f"{name}{suffix}_floor"].values[at] == pytest.approx(floor, rel=1e-9)


def test_plain_means(result, paths):
    ds, (values, _, alive, low) = result.dataset, paths
    assert low[-1].sum() < alive[-1].sum() < SIZE * REPLICATES  # some are lost at either bound
    survivors = low[-1].reshape(REPLICATES, SIZE).sum(axis=1)
    assert len(set(survivors.tolist())) > 8  # not as many in every replicate
    for at in range(3):
        check(ds, "m", values[at], low[at], at)
        check(ds, "t", values[at], alive[at], at)
        check(ds, "t_low", values[at], low[at], at)


def check_ratio(ds, name, omega, values, at):
    ratio, errors, exact = ratio_by_replicates(omega, values, REPLICATES)
    assert ds[name].values[at] == pytest.approx(ratio, rel=1e-11)
    for suffix, error in zip(("", "_imag"), errors, strict=True):
        floor = ds[f"{name}{suffix}_floor"].values[at]
        assert exact * (1 - 1e-9) <= floor <= 10 * exact
        assert ds[f"{name}{suffix}_se"].values[at] == pytest.approx(math.hypot(error, floor), rel=1e-6)


def test_weighted_means(result, paths):
    ds, (values, c, alive, _) = result.dataset, paths
    for at in range(3):
        omega = np.exp(c[at])
        check(ds, "weight", np.where(alive[at], omega, 0), alive[at], at)
        check(ds, "w", omega * values[at], alive[at], at)
        check(ds, "w_unweighted", values[at], alive[at], at)
        check_ratio(ds, "w_ratio", np.where(alive[at], omega, 0), values[at], at)


@pytest.mark.parametrize("policy", ["dropped", "kept", "zero"])
def test_policies(policy):
    observers = [WeightedMoments(bound=LOW, policy=policy, o=O), Runaways(LOW)]
    found = run(observers=observers)
    path = found.replay(np.arange(SIZE * REPLICATES), window=(2.0, 2.0))
    omega, alive = np.exp(path[log_weight.name].values[:, 0]), path["alive"].values[:, 0]
    values = path["x"].values[:, 0] + 1j * path["y"].values[:, 0]
    if policy != "kept":
        omega = np.where(alive, omega, 0)
    assert not alive.all()
    everybody = np.ones_like(alive)
    counted = alive if policy == "dropped" else everybody
    check(found.dataset, "weight", omega, counted, 2)
    check(found.dataset, "o", omega * values, counted, 2)
    check_ratio(found.dataset, "o_ratio", omega, values, 2)
    check(found.dataset, "o_unweighted", values, everybody if policy == "kept" else alive, 2)


def test_step_errors_and_means_without_them_are_those_of_pairs(result):
    """(m_2h − m_h)/3 and m_h less that, over those alive in both runs, with errors by their own replicates."""
    problem, both = result.problem, []
    for ratio in (1, 2):
        lanes = Lanes(problem, np.arange(SIZE * REPLICATES, dtype=np.uint64), ratio)
        lanes.advance(problem.steps[-1])
        state = lanes.complex_rows(problem.layout.state_rows())
        both.append((state[0] + 1j * state[1], np.exp(state[2]), lanes.row(problem.layout.alive) > 0))
    (fine, omega, alive), (coarse, coarse_omega, coarse_alive) = both
    counted = alive & coarse_alive
    assert counted.sum() < min(alive.sum(), coarse_alive.sum())
    for name, here, there in (("t", fine, coarse), ("w", omega * fine, coarse_omega * coarse)):
        check(result.dataset, f"{name}_step_error", (there - here) / 3, counted, 2)
        check(result.dataset, f"{name}_extrapolated", here - (there - here) / 3, counted, 2)


def test_shares_have_the_wider_of_two_intervals(result, paths):
    ds, low = result.dataset, paths[3]
    n = SIZE * REPLICATES
    for at in range(3):
        share, error, _ = by_replicates(low[at].astype(float), np.ones(n, dtype=bool), REPLICATES)
        spread = stats.t.ppf((1 + COVERAGE) / 2, REPLICATES - 1) * error
        binomial = stats.binomtest(int(low[at].sum()), n).proportion_ci(COVERAGE)
        assert ds["remaining_2"].values[at] == pytest.approx(share, rel=1e-12)
        assert ds["remaining_2_low"].values[at] == pytest.approx(min(binomial.low, share - spread), rel=1e-6)
        assert ds["remaining_2_high"].values[at] == pytest.approx(max(binomial.high, share + spread), rel=1e-6)


def test_what_tells_no_error_is_that_of_any_trajectories(result):
    assert not [name for name in result.dataset if str(name).startswith("y_drift") and "_se" in str(name)]
    assert not any("replicates" in line for line in result.warnings)
    assert not any("errors" in variable.attrs for variable in result.dataset.data_vars.values())


def test_where_nobody_is_left_there_is_no_error():
    found = run(observers=[Moments(bound=0.01, unweighted=True, m=O), Runaways(BOUND)], replicates=8)
    assert (found.dataset["m_alive"] == 0).all()
    for name in ("m", "m_se", "m_imag_se", "m_floor", "m_extrapolated_se", "m_step_error_se"):
        assert np.isnan(found.dataset[name]).all(), name


def test_a_horizon_is_told_by_errors_of_replicates(result):
    """The rule of the observer, by what its variables hold: no alarm is missed."""
    ds = result.dataset
    for at, time in enumerate(TIMES):
        quiet = all(
            ds[f"t{part}_se"][at] <= 3 * ds[f"t_low{part}_se"][at]
            and abs(of(ds["t"][at]) - of(ds["t_low"][at])) <= 1.75 * ds[f"t_low{part}_se"][at]
            for part, of in (("", np.real), ("_imag", np.imag))
        )
        assert quiet or result.horizon("t") < time
    assert 0 <= result.horizon("t") < TIMES[-1]


def test_no_grouping_changes_what_an_observer_writes(result):
    assert run(block=300).dataset.identical(result.dataset)


@pytest.mark.long
def test_intervals_of_shares_hold_the_truth():
    """95 % intervals of 150 runs of 16 replicates: 120 or more hold the share of 3e6 trajectories; false alarm 1e-7."""
    truth = run(observers=[Runaways(LOW)], replicates=6000).dataset["remaining_2"].values
    held = np.zeros(3)
    for seed in range(150):
        ds = run(observers=[Runaways(LOW)], seed=100 + seed).dataset
        held += (ds["remaining_2_low"].values <= truth) & (truth <= ds["remaining_2_high"].values)
    assert (held >= 120).all()
