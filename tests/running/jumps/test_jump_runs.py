"""Runs with jumps: counted right, the same bits everywhere, with the averages that are known.

Means are compared within 6 standard errors: a false alarm has the probability 2e-9 for each of some 30.
"""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    parameters,
    poisson_noises,
    random_normal,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe import time as t
from sdeframe.conformance.values import Values
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.observers import Moments, WeightedMoments

x, y = real_variables("x y")
W = real_noises("W")
g = random_normal("g")
k = parameters("k", positive=True)

GROWTH = SDE({x: x}, {x: x * W}, jumps={poisson_noises("N", rate=2): {x: -x / 2}})
COMPOUND = SDE({x: 0}, jumps={poisson_noises("N", rate=50): {x: g}})
DEATH = SDE({x: 0}, jumps={poisson_noises("B", rate=4): {x: 1}, poisson_noises("D", rate=k * x, bound=30 * k): {x: -1}})
MIXED = SDE(
    {x: -x, y: 1}, {x: W},
    jumps={poisson_noises("M", rate=3): {x: g}, poisson_noises("N", rate=x**2, bound=200): {x: -x / 2, y: x}},
)  # fmt: skip


def run(sde, start, scheme, times, trajectories, values=None, **more):
    observers = more.pop("observers", None) or [Moments(x=x, xx=x**2)]
    return simulate(
        SymbolicModel(sde, start, values or {}), scheme, observers=observers, times=times, trajectories=trajectories,
        seed=3, progress=False, **more,
    )  # fmt: skip


def apart(dataset, name, exact):
    """Return how many standard errors a mean is off at the last time."""
    return abs(dataset[name].values[-1].real - exact) / dataset[f"{name}_se"].values[-1]


@pytest.fixture(scope="module")
def compound():
    return run(COMPOUND, {x: 0}, EulerMaruyama(0.1), [1.0], 10_000, observers=[Values({"x": x})])


def test_several_jumps_in_a_step_are_counted_and_added(compound):
    numbers = np.arange(400)
    counts = compound.replay(numbers)["dN"].values
    assert counts.max() >= 10
    assert np.array_equal(counts, np.round(counts))
    assert abs(counts.mean() - 5) < 6 * np.sqrt(5 / counts.size)
    # of a Poisson variable of mean 5 the fourth central moment is 5 + 3·25, so that the variance is known to √(55/n)
    assert abs(counts.var() - 5) < 6 * np.sqrt(55 / counts.size)
    before = np.hstack([np.zeros((400, 1)), np.cumsum(counts, axis=1)])
    assert abs(np.corrcoef(np.diff(before, axis=1)[:, 0], counts[:, 1])[0, 1]) < 6 / np.sqrt(400)


def test_compound_jumps_have_the_variance_of_all(compound):
    values = compound.dataset["x"].values.real.ravel()
    assert abs(values.mean()) < 6 * np.sqrt(50 / values.size)
    assert abs(values.var() - 50) < 6 * 50 * np.sqrt(2.06 / values.size)


def test_no_jump_depends_on_the_step(compound):
    fine = run(COMPOUND, {x: 0}, EulerMaruyama(0.05), [1.0], 200, observers=[Values({"x": x})])
    assert np.allclose(fine.dataset["x"].values[..., :200], compound.dataset["x"].values[..., :200], atol=1e-12)


def test_the_example_has_its_averages_and_a_wrong_rate_is_seen():
    found = run(GROWTH, {x: 1}, W2S4(1 / 16), [0.5, 1.0], 20_000).dataset
    assert apart(found, "x", 1) < 6
    assert apart(found, "xx", np.exp(1.5)) < 6
    assert apart(found, "x", np.exp(1 - 2.2 / 2)) > 6  # of a rate of 2.2


def test_births_and_deaths_with_a_rate_of_the_state():
    mean, found = 2 * (1 - np.exp(-2)), run(DEATH, {x: 0}, EulerMaruyama(0.25), [1.0], 4_000, {k: 2.0}).dataset
    assert apart(found, "x", mean) < 6  # a Poisson variable at all times
    assert apart(found, "xx", mean + mean**2) < 6
    assert apart(found, "x", 4 * (1 - np.exp(-1))) > 6  # of k = 1


def test_a_process_that_excites_itself():
    sde = SDE({x: -x}, jumps={poisson_noises("N", rate=x, bound=60): {x: 1}})
    found = run(sde, {x: 2}, W2S4(1 / 8), [1.0], 10_000).dataset
    assert apart(found, "x", 2) < 6
    assert apart(found, "xx", 6) < 6  # d<x²> = <x> dt
    assert apart(found, "xx", 5) > 6


@pytest.mark.long
def test_shot_noise_on_a_damped_variable_with_a_rate_in_time():
    rate = 3 * (1 + sp.cos(2 * t))
    sde = SDE({x: -x}, {x: W}, jumps={poisson_noises("N", rate=rate): {x: 1 + g}})
    found = run(sde, {x: 0}, W2S4(1 / 16), [2.0], 10_000).dataset
    s = np.linspace(0, 2, 20_001)
    values = 3 * (1 + np.cos(2 * s))
    mean = np.trapezoid(values * np.exp(s - 2), s)
    variance = np.trapezoid((1 + 2 * values) * np.exp(2 * (s - 2)), s)
    assert apart(found, "x", mean) < 6
    assert apart(found, "xx", variance + mean**2) < 6
    assert apart(found, "x", 3 * (1 - np.exp(-2))) > 6  # of the mean rate


def test_compensated_jumps_keep_the_mean():
    N = poisson_noises("N", rate=5 / (1 + x**2), compensated=True)
    found = run(SDE({x: 0}, jumps={N: {x: 1 + g}}), {x: 1}, W2S4(1 / 8), [1.0], 10_000).dataset
    assert apart(found, "x", 1) < 6
    assert found["x_se"].values[-1] < 0.05


def test_the_coarse_run_of_the_step_error_has_the_same_jumps():
    sde = SDE({x: 1}, jumps={poisson_noises("N", rate=5): {x: g}})
    both = run(sde, {x: 0}, W2S4(1 / 8), [0.5, 1.0], 500, step_error=True, observers=[Values({"x": x})])
    fine, coarse = both.dataset["x"].values
    assert np.allclose(fine, coarse, atol=1e-12)
    assert fine.std() > 1


@pytest.fixture(scope="module")
def mixed():
    return run(MIXED, {x: 2, y: 0}, W2S4(1 / 8), [0.5, 1.0], 700, step_error=True, threads=1)


def test_no_bit_depends_on_threads_blocks_or_processes(mixed):
    with ProcessPoolExecutor(1) as pool:
        others = [{"threads": 2}, {"block": 37}, {"executor": pool}]
        for other in others:
            assert mixed.dataset.equals(
                run(MIXED, {x: 2, y: 0}, W2S4(1 / 8), [0.5, 1.0], 700, step_error=True, **other).dataset
            )


@pytest.mark.long
def test_no_bit_depends_on_lanes(mixed, monkeypatch):
    monkeypatch.setattr("sdeframe.running.problem.choose_lanes", lambda *_: 16)
    other = run(MIXED, {x: 2, y: 0}, W2S4(1 / 8), [0.5, 1.0], 700, step_error=True)
    assert mixed.dataset.equals(other.dataset)


def test_replay_has_the_values_of_the_run_and_its_jumps(mixed):
    values = run(MIXED, {x: 2, y: 0}, W2S4(1 / 8), [0.5, 1.0], 40, observers=[Values({"x": x, "y": y})]).dataset
    path = mixed.replay([5, 33])
    assert np.array_equal(path["x"].sel(time=[0.5, 1.0]).values, values["x"].values[0][:, [5, 33]].T.real)
    assert path["dM"].values.sum() > 0
    late = mixed.replay([33], window=(0.5, 1.0))
    for name in ("x", "y", "dW", "dM", "dN"):
        assert np.array_equal(late[name].values[0], path[name].values[1, -late[name].shape[1] :])


def test_a_run_with_a_checkpoint_has_the_same_bits(mixed, tmp_path):
    arguments = MIXED, {x: 2, y: 0}, W2S4(1 / 8), [0.5, 1.0], 700
    for _ in range(2):
        found = run(*arguments, step_error=True, checkpoint=tmp_path / "run")
        assert mixed.dataset.equals(found.dataset)


def test_the_dataset_says_what_jumped(mixed):
    assert mixed.dataset.attrs["jumps"] == "M: rate 3, bound 3; N: rate x**2, bound 200"
    assert not any("bound of" in name for name in mixed.dataset.attrs)


def test_a_lost_trajectory_jumps_no_more():
    sde = SDE({x: 0}, jumps={poisson_noises("N", rate=10): {x: 1}})
    found = run(sde, {x: 0}, EulerMaruyama(0.1), [1.0, 2.0], 300, observers=[Moments(bound=4.5, x=x)])
    path = found.replay(np.arange(300))
    assert int(path["x"].max()) == 4
    assert int(found.dataset["alive"][-1]) == int(path.alive[:, -1].sum()) < 300


def test_kernels_that_record_have_the_same_bits(mixed, monkeypatch):
    monkeypatch.setattr("sdeframe.running.problem.RECORDING", 1)
    found = run(MIXED, {x: 2, y: 0}, W2S4(1 / 8), [0.5, 1.0], 700, step_error=True)
    assert found.problem.summed is not None
    assert mixed.problem.summed is None
    assert mixed.dataset.equals(found.dataset)


def test_steps_that_end_where_a_coefficient_switches_change_no_jump():
    drift = sp.Piecewise((0, t < sp.Rational(1, 3)), (1, True))
    jumps = {poisson_noises("N", rate=8 * t): {x: 1}}
    switched, plain = (
        run(SDE({x: 0, y: row}, jumps=jumps), {x: 0, y: 0}, EulerMaruyama(1 / 8), [0.5, 1.0], 300,
            observers=[Values({"x": x, "y": y})])
        for row in (drift, sp.S.Zero)
    )  # fmt: skip
    assert len(switched.problem.stretches) > 1
    assert np.array_equal(switched.dataset["x"].values, plain.dataset["x"].values)
    assert np.allclose(switched.dataset["y"].values[0, -1], 2 / 3)


@pytest.mark.long
def test_weights_of_a_system_stay_as_they_are_at_jumps():
    sde = SDE({x: -x}, {x: W}, jumps={poisson_noises("N", rate=2): {x: 1}}, log_weight=(-sp.Rational(1, 2), W))
    found = run(sde, {x: 0}, W2S4(1 / 8), [1.0], 10_000, observers=[WeightedMoments(x=x)]).dataset
    # the weight adds <dx dC0> = 1 to the drift of x, and jumps add 2
    assert apart(found, "x", 3 * (1 - np.exp(-1))) < 6
    assert apart(found, "x", 2 * (1 - np.exp(-1))) > 6
