"""Noise with a memory: its stationary law from the start, in equations and in master equations."""

import pickle

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, QuantumModel, SymbolicModel, complex_variables, parameters, real_variables, simulate, time
from sdeframe.derivation import Boson, Coherent, Master, PositiveP
from sdeframe.drives import filtered_noise, ornstein_uhlenbeck_noise, partially_coherent, pulse
from sdeframe.integrators import W2S4, Heun
from sdeframe.observers import Moments, TrustHorizon

a, z = complex_variables("a z")


def means(model, times, trajectories, dt=0.05, scheme=W2S4, **expressions):
    run = simulate(
        model, scheme(dt=dt), observers=[Moments(**expressions)], times=times, trajectories=trajectories, seed=1
    )
    return run.dataset


def assert_agrees(found, name, expected):
    """Within 5 standard errors of each real part: a false alarm in 6e-7 of correct runs for each."""
    off = np.abs(found[name].values.real - expected)
    assert (off < 5 * found[f"{name}_se"].values + 1e-12).all(), (found[name].values, expected)


def test_a_phase_that_an_ornstein_uhlenbeck_process_turns():
    """exp(−(t − 1 + e^(−t))), from the stationary start on: 0.321314 at t = 2, and 0.135 without correlation time."""
    y = ornstein_uhlenbeck_noise("y", rate=1)
    model = pickle.loads(pickle.dumps(SymbolicModel(SDE(drift={z: sp.I * y * z}), {z: 1})))
    found = means(model, [0, 1, 2], 4000, z=z, square=y**2)
    t = np.array([0, 1, 2])
    assert_agrees(found, "z", np.exp(-(t - 1 + np.exp(-t))))
    assert_agrees(found, "square", 1.0)


def test_a_filter_starts_in_its_stationary_state():
    """A noisy oscillator: <x²> = <v²> = 1, <xv> = 0 for ẍ = −x − ẋ/2 + ξ."""
    x, v = filtered_noise("x v", [[0, 1], [-1, -0.5]], [[0], [1]])
    model = SymbolicModel(SDE(drift={z: x * z * sp.I}), {z: 1})
    found = means(model, [0, 3], 4000, dt=0.025, xx=x * x, vv=v * v, xv=x * v)
    for name, expected in (("xx", 1.0), ("vv", 1.0), ("xv", 0.0)):
        assert_agrees(found, name, expected)
    assert set(model.system().variables) == {"z", "x", "v"}


def test_a_partially_coherent_pulse():
    """<|∫E|²> is the double integral of the coherence."""
    tau = parameters("tau", positive=True)
    E = partially_coherent(pulse("gaussian", centre=3, width=0.5), "c", tau)
    model = SymbolicModel(SDE(drift={a: E}), {a: 0}, parameters={tau: 0.4})
    found = means(model, [6], 4000, n=a * sp.conjugate(a))
    t = np.linspace(0, 6, 1201)
    f = np.exp(-((t - 3) ** 2) / 0.5)
    expected = np.sum(f[:, None] * f * np.exp(-np.abs(t[:, None] - t) / 0.4)) * (t[1] - t[0]) ** 2
    assert_agrees(found, "n", expected)


def test_a_frequency_that_wanders_in_a_master_equation():
    """<a> as that of the phase above, times the decay of the cavity; the noise itself does not end the horizon."""
    mode, y = Boson("a"), ornstein_uhlenbeck_noise("y", rate=1)
    master = Master(y * mode.dag() * mode, loss=[(0.2, mode)])
    model = QuantumModel(master, PositiveP(), start={mode: Coherent(1)}, observables={"a": mode})
    run = simulate(
        model, W2S4(dt=0.05), observers=[TrustHorizon(**model.observables)], times=[0, 2], trajectories=4000, seed=2,
    )  # fmt: skip
    assert run.horizon("a") == 2
    assert abs(run.dataset["a"].values[1] - 0.321314 * np.exp(-0.2)) < 0.05
    with pytest.raises(ValueError, match=r"y in the coefficient .* is random"):
        model.exact([1])


@pytest.mark.parametrize(
    ("shape", "edge", "area"), [("gaussian", None, np.sqrt(2 * np.pi)), ("sech", None, np.pi), ("square", 0.05, 1.0)]
)
def test_areas_of_pulses(shape, edge, area):
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: pulse(shape, centre=10, width=1, height=2, edge=edge)}), {x: 0})
    assert means(model, [20], 1, dt=0.025, scheme=Heun, x=x)["x"].values[0].real == pytest.approx(2 * area, rel=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ornstein_uhlenbeck_noise("y", rate=-1), "must be a positive number"),
        (lambda: ornstein_uhlenbeck_noise("y", rate=parameters("k")), "positive=True"),
        (lambda: ornstein_uhlenbeck_noise("2y", rate=1), "must be a letter"),
        (lambda: filtered_noise("x", [[1]], [[1]]), "only negative ones have a stationary state"),
        (lambda: filtered_noise("x y", [[-1]], [[1]]), "for 2 variables"),
        (lambda: filtered_noise("x", [[np.nan]], [[1]]), "matrix of finite real numbers"),
        (lambda: pulse("box", centre=0, width=1), "'gaussian', 'sech', 'square'"),
        (lambda: pulse("square", centre=0, width=1), "a square pulse has an edge"),
        (lambda: pulse("sech", centre=0, width=0), "width=0: must be positive"),
        (lambda: partially_coherent(time, "c", 0), "must be a positive number"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_two_processes_of_one_name_are_refused():
    one, other = (ornstein_uhlenbeck_noise("y", rate=rate) for rate in (1, 2))
    with pytest.raises(ValueError, match="two symbols are named"):
        SDE(drift={z: (one + other) * z})
