"""Drives by their values: in a run, beyond their times, and what is refused."""

import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    parameters,
    random_uniform,
    real_noises,
    real_variables,
    sampled,
    simulate,
    time,
)
from sdeframe.compiled import cache
from sdeframe.integrators import RK4, W2S4, EulerMaruyama, Heun, Milstein, SemiImplicitMidpoint, StochasticRK2
from sdeframe.observers import Moments
from sdeframe.running.compose import compose
from sdeframe.storage.keys import run_key

TIMES = np.linspace(0, 10, 201)
PULSE = np.exp(-((TIMES - 5) ** 2) / 2)
a, x = complex_variables("a"), real_variables("x")
F, W = complex_noises("F"), real_noises("W")


def cavity(drive, noise=0):
    return SymbolicModel(SDE(drift={a: -a / 2 - sp.I * drive}, noise={a: noise}), {a: 0})


def mean(model, integrator, times, trajectories=1, **options):
    run = simulate(
        model, integrator, observers=[Moments(a=a)], times=times, trajectories=trajectories, seed=3, **options
    )
    return run.dataset["a"].values


def test_a_measured_pulse_drives_a_cavity():
    eps = sampled("eps", times=TIMES, values=PULSE, order=3)
    found = mean(cavity(eps(time)), RK4(dt=0.05), [5, 7, 10])
    np.testing.assert_allclose(found, [-0.876364j, -0.975110j, -0.233152j], atol=1e-6)


def test_values_are_arguments_of_compiled_code():
    def run(times, values):
        return mean(cavity(sampled("eps", times=times, values=values)(time)), W2S4(dt=0.1), [10])

    before = run(TIMES, PULSE)
    known = len(cache._functions)
    fewer = TIMES[::2]
    np.testing.assert_allclose(run(fewer, 2 * PULSE[::2]), 2 * before, rtol=1e-4)
    assert len(cache._functions) == known


@pytest.mark.parametrize("order", [1, 3])
def test_a_complex_drive_on_unequal_times_is_that_of_scipy(order):
    rng = np.random.default_rng(1)
    times = np.sort(np.concatenate([[0, 4], rng.uniform(0, 4, 20)]))
    values = rng.normal(size=22) + 1j * rng.normal(size=22)
    eps = sampled("eps", times=times, values=values, order=order)
    at = rng.uniform(0, 4, 30)
    smooth = CubicSpline(times, values)
    expected = smooth(at) if order == 3 else np.interp(at, times, values)
    np.testing.assert_allclose([complex(eps(t)) for t in at], expected, atol=1e-12)
    if order == 3:
        np.testing.assert_allclose([complex(eps(time).diff(time).subs(time, t)) for t in at], smooth(at, 1), atol=1e-11)


@pytest.mark.parametrize(
    ("scheme", "order"),
    [(EulerMaruyama, 1), (Milstein, 1), (Heun, 2), (StochasticRK2, 2), (W2S4, 2), (SemiImplicitMidpoint, 2), (RK4, 4)],
)
def test_schemes_keep_their_order(scheme, order):
    """Halved steps on knots, at which the third derivative jumps: every stage sees the drive at its own time."""
    smooth = CubicSpline(TIMES, PULSE)
    exact = solve_ivp(lambda t, y: -y / 2 - 1j * smooth(t), (0, 8), [0j], rtol=1e-12, atol=1e-13, max_step=0.05).y[
        0, -1
    ]
    model = cavity(sampled("eps", times=TIMES, values=PULSE)(time))
    errors = [abs(mean(model, scheme(dt=dt), [8])[0] - exact) for dt in (0.1, 0.05, 0.025)]
    assert np.log2(errors[1] / errors[2]) > order - 0.25, errors


def test_what_holds_outside_is_said():
    times = np.linspace(2, 3, 11)
    for outside, expected in ((0, 0.0), ("hold", 7.1), (0.5, 3.55)):
        eps = sampled("eps", times=times, values=np.ones(11), outside=outside)
        model = SymbolicModel(SDE(drift={x: eps(time)}), {x: 0})
        run = simulate(model, Heun(dt=0.3), observers=[Moments(x=x)], times=[3, 8.1], trajectories=1, seed=1)
        assert run.dataset["x"].values[-1] == pytest.approx(1 + expected)
    bare = sampled("eps", times=times, values=np.ones(11))
    with pytest.raises(ValueError, match=r"known from 2 to 3 and needed from 0 to 3: .*outside=0"):
        mean(cavity(bare(time)), Heun(dt=0.1), [3])
    assert mean(cavity(bare(time / 3 + 2)), Heun(dt=0.1), [3]).size == 1
    with pytest.raises(ValueError, match="the state or a random number decides"):
        mean(cavity(bare(sp.re(a))), Heun(dt=0.1), [3])


@pytest.mark.long
def test_a_drive_of_noise_and_of_the_state():
    """The Stratonovich correction and the derivative of Milstein know a drive at a place that the state decides."""
    eps = sampled("eps", times=np.linspace(-8, 8, 401), values=np.sin(np.linspace(-8, 8, 401)), outside="hold")
    for scheme in (Milstein(dt=0.02), Heun(dt=0.02)):
        found, expected = (
            simulate(
                SymbolicModel(SDE(drift={x: -x}, noise={x: f * W / 2}), {x: 1}), scheme,
                observers=[Moments(x=x)], times=[1], trajectories=64, seed=5,
            ).dataset["x"].values
            for f in (eps(x + time), sp.sin(x + time))
        )  # fmt: skip
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_same_bits_everywhere():
    model = cavity(sampled("eps", times=TIMES, values=PULSE * np.exp(1j * TIMES))(time), noise=F / 3)
    model = pickle.loads(pickle.dumps(model))
    whole = mean(model, W2S4(dt=0.1), [5, 10], trajectories=200, threads=1)
    np.testing.assert_array_equal(mean(model, W2S4(dt=0.1), [5, 10], trajectories=200, threads=2, block=16), whole)
    with ProcessPoolExecutor(1) as pool:
        there = mean(model, W2S4(dt=0.1), [5, 10], trajectories=200, executor=pool, block=64)
    np.testing.assert_array_equal(there, whole)


def test_keys_tell_values_apart():
    def key(values):
        model = cavity(sampled("eps", times=TIMES, values=values)(time))
        asked = {"observers": [Moments(a=a)], "times": [1.0], "trajectories": 1, "seed": 1}
        return run_key(compose(model, Heun(dt=0.1), **asked))

    assert key(PULSE) == key(PULSE.copy())
    assert key(PULSE) != key(PULSE + np.where(TIMES == 9, 1e-9, 0))


def test_results_name_their_drives():
    k = parameters("k")
    eps = sampled("eps", times=TIMES, values=PULSE)
    model = SymbolicModel(SDE(drift={a: -k * a + eps(time)}), {a: 0}, parameters={k: 1.0})
    run = simulate(model, Heun(dt=0.1), observers=[Moments(a=eps(time) * a)], times=[5], trajectories=1, seed=1)
    assert run.dataset.attrs["drive_eps"].startswith("order 3 from 0 to 10, 200 polynomials, sha256 ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": TIMES[::-1]}, "increase; sort them with their values"),
        ({"times": [0, 1, 1, 2], "values": [0, 1, 1, 0]}, "finite times that increase"),
        ({"times": [0, 1], "values": [0, 1]}, "at least 4"),
        ({"values": PULSE[:-1]}, r"values of shape \(200,\) for 201 times"),
        ({"values": np.where(TIMES == 5, np.nan, PULSE)}, "the value at t = 5 is no finite number"),
        ({"order": 2}, "must be 1 for lines or 3"),
        ({"outside": "zero"}, "must be a finite number, such as 0, or 'hold'"),
        ({"outside": np.inf}, "must be a finite number"),
        ({"name": "2x"}, "the name must be a letter"),
    ],
)
def test_wrong_values_are_refused(change, message):
    given = {"name": "eps", "times": TIMES, "values": PULSE} | change
    with pytest.raises(ValueError, match=message):
        sampled(given.pop("name"), **given)


def test_names_stand_for_one_thing():
    eps, other = (sampled("eps", times=TIMES, values=v) for v in (PULSE, 2 * PULSE))
    with pytest.raises(ValueError, match="two sampled drives are named eps"):
        SDE(drift={a: eps(time) + other(time)})
    with pytest.raises(ValueError, match="a sampled drive and a variable are named a"):
        SDE(drift={a: sampled("a", times=TIMES, values=PULSE)(time)})
    with pytest.raises(ValueError, match="function of a real time"):
        eps(sp.I * time)
    with pytest.raises(TypeError, match="give a time"):
        eps("t")


@pytest.mark.parametrize("count", [2, 3, 4, 5, 8, 9, 33])
def test_tables_of_all_lengths_are_read_right(count):
    """Every row of a table, by 64 trajectories that begin at other places."""
    times = np.sort(np.random.default_rng(count).uniform(0, 1, count))
    values = np.random.default_rng(1).normal(size=count)
    spread = random_uniform("spread")
    for outside in (0, "hold"):
        eps = sampled("eps", times=times, values=values, order=1, outside=outside)
        model = SymbolicModel(SDE(drift={x: eps(x)}), {x: 1.2 * spread - 0.1})
        run = simulate(model, EulerMaruyama(dt=1), observers=[Moments(x=x)], times=[1], trajectories=64, seed=1)
        start, end = run.replay(np.arange(64))["x"].values[:, [0, 1]].T
        beyond = {"left": 0, "right": 0} if outside == 0 else {}
        np.testing.assert_allclose(end - start, np.interp(start, times, values, **beyond), atol=1e-12)
