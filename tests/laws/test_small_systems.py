"""Small systems that users of SDE libraries bring, with their known answers.

A value is right within 5 standard errors (a false alarm has probability 6e-7 for each number) plus twice the measured
step error.
"""

import numpy as np
import pytest
import sympy as sp
from sympy import I, conjugate, cos, sqrt

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    parameters,
    real_noises,
    real_variables,
    simulate,
    time,
)
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.observers import Moments, Trajectories
from tests.support.small_systems import assert_right, run

SCHEMES = [EulerMaruyama, StochasticRK2]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_several_real_noises_on_complex_variables(scheme):
    u = complex_variables("u1 u2")
    W = real_noises("W:4")
    strength = {u[0]: (0.3, 0.6, 0.9, 0.12), u[1]: (1.2, 0.2, 0.3, 1.8)}
    sde = SDE({x: 1.01 * x for x in u}, {x: sum(g * x * w for g, w in zip(strength[x], W, strict=True)) for x in u})
    ds = run(
        sde, dict.fromkeys(u, 1), scheme(dt=1 / 256), [0.25], trajectories=100_000,
        u1=u[0], u2=u[1], n1=u[0] * conjugate(u[0]), s1=u[0] ** 2, n2=u[1] * conjugate(u[1]),
        cross=u[0] * conjugate(u[1]),
    )  # fmt: skip
    assert_right(ds, "u1", 1.28724)
    assert_right(ds, "u2", 1.28724)
    assert_right(ds, "n1", 2.27869)
    assert_right(ds, "s1", 2.27869)
    assert_right(ds, "n2", 5.51516)
    assert_right(ds, "cross", 2.10960)
    assert ds["s1_imag_se"].item() == 0  # real noises keep a real state real, exactly
    assert ds["s1"].item() == ds["n1"].item()


def phase_noise(interpretation, noise, scheme, dt, trajectories=20_000):
    z = complex_variables("z")
    sde = SDE({z: 0}, {z: I * z * noise}, interpretation=interpretation)
    size = z * conjugate(z)
    return run(sde, {z: 1}, scheme(dt=dt), [1.0], trajectories, z=z, norm=size, square=z**2, off=(sqrt(size) - 1) ** 2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_phase_noise_in_both_calculi(scheme):
    W = real_noises("W")
    circle, spiral = (phase_noise(kind, W, scheme, dt=1 / 128) for kind in ("stratonovich", "ito"))
    assert_right(circle, "z", np.exp(-0.5))
    assert_right(circle, "norm", 1.0)
    assert_right(spiral, "z", 1.0)
    assert_right(spiral, "norm", np.e)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_path_of_stratonovich_phase_noise_stays_on_the_circle(scheme):
    """The root mean square distance from it shrinks at the strong order, 1 for two stages and one real noise, at least.

    2,000 paths give the exponent to 0.02, so that 0.15 is 7 standard errors.
    """
    coarse, fine = (
        phase_noise("stratonovich", real_noises("W"), scheme, dt, trajectories=2000)["off"].item().real
        for dt in (1 / 32, 1 / 512)
    )
    assert np.log2(coarse / fine) / 8 > {EulerMaruyama: 0.5, StochasticRK2: 1.0}[scheme] - 0.15
    assert np.sqrt(fine) < 0.05


@pytest.mark.parametrize("scheme", SCHEMES)
def test_complex_phase_noise_differs_from_a_real_one(scheme):
    ds = phase_noise("ito", complex_noises("F"), scheme, dt=1 / 128)
    assert_right(ds, "z", 1.0)
    assert_right(ds, "square", 1.0)
    assert_right(ds, "norm", np.e)


@pytest.mark.parametrize(("interpretation", "mean"), [("ito", 1.0), ("stratonovich", 1.648721)])
def test_the_interpretation_decides_the_mean(interpretation, mean):
    c, W = real_variables("c"), real_noises("W")
    sde = SDE({c: 0}, {c: sqrt(sp.Float(0.1)) * c * W}, interpretation=interpretation)
    assert_right(run(sde, {c: 1}, EulerMaruyama(dt=1 / 32), [10.0], c=c), "c", mean)


def test_the_normalisation_of_complex_noise():
    a, F = complex_variables("a"), complex_noises("F")
    sde = SDE({a: -a / 2}, {a: sqrt(sp.Float(0.5)) * F})
    ds = run(sde, {a: 0}, StochasticRK2(dt=1 / 16), [20.0], n=a * conjugate(a), square=a**2)
    assert_right(ds, "n", 0.5)
    assert_right(ds, "square", 0.0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_time_in_the_noise(scheme):
    X, W = real_variables("X"), real_noises("W")
    ds = run(SDE({X: 0}, {X: (cos(time) + 1.1) * W}), {X: 0}, scheme(dt=1 / 64), [1.0, 10.0], square=X**2)
    assert_right(ds, "square", 3.788561, time=1.0)
    assert_right(ds, "square", 16.131390, time=10.0)


@pytest.mark.parametrize(
    ("scheme", "otherwise"), [(EulerMaruyama, (0, True)), (StochasticRK2, (0, True)), (EulerMaruyama, (0, time <= 20))]
)
def test_a_drive_that_is_switched_off(scheme, otherwise):
    """Without spread nothing but the step error is allowed, which shrinks at first order (the drive jumps)."""
    a = complex_variables("a")
    sde = SDE({a: -a / 2 - I * sp.Piecewise((1, time < 5), otherwise)})
    distances = []
    for dt in (1 / 64, 1 / 128):
        ds = run(sde, {a: 0}, scheme(dt=dt), [10.0], trajectories=3, a=a)
        assert_right(ds, "a", 2j * (np.exp(-5) - np.exp(-2.5)))
        assert ds["a_se"].item() == ds["a_imag_se"].item() == 0
        distances.append(abs(ds["a"].item() + 0.150694j))
    assert distances[1] < 0.55 * distances[0] + 5e-7


@pytest.mark.parametrize("place", ["drift", "noise", "observer"])
@pytest.mark.parametrize(("function", "name"), [(sp.gamma, "gamma"), (sp.Function("mine"), "mine")])
def test_an_unknown_function_is_named_before_anything_runs(function, name, place, monkeypatch):
    monkeypatch.setattr("sdeframe.running.simulation.run_ensemble", lambda *_: pytest.fail("ran"))
    z, W = complex_variables("z"), real_noises("W")
    bad = {place: function(z)}

    def simulated():
        sde = SDE({z: bad.get("drift", z)}, {z: bad.get("noise", z) * W})
        run(sde, {z: 1}, EulerMaruyama(dt=0.25), [1.0], value=bad.get("observer", z))

    with pytest.raises(ValueError, match=rf"{name}.* is not supported"):
        simulated()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_functions_of_complex_arguments(scheme):
    """A deterministic system with closed form |z|, whose phase turns by |z|²; each function written another way."""
    z = complex_variables("z")
    x, y = sp.re(z), sp.im(z)
    same = sp.Piecewise((conjugate(z) * z, sp.Abs(z) > 0), (0, True)) + sp.Min(x, 9) - x + y - sp.Max(y, -9)
    ds = run(SDE({z: -z / 2 + I * z * same}), {z: 1 + I}, scheme(dt=1 / 256), [1.0], trajectories=3, z=z)
    assert_right(ds, "z", (1 + 1j) * np.exp(-0.5 + 2j * (1 - np.exp(-1))))


def correlated(covariance, values=()):
    """Return the moments of two real noises of strength 2 and 3 with a covariance."""
    X, Y = real_variables("X Y")
    W = real_noises("W1 W2")
    sde = SDE({X: 0, Y: 0}, {X: 2 * W[0], Y: 3 * W[1]}, covariance={W: covariance})
    named = {"X": X, "Y": Y, "XX": X**2, "YY": Y**2, "XY": X * Y}
    return run(sde, {X: 0, Y: 0}, EulerMaruyama(dt=1 / 8), [1.0], values=values, **named)


def test_a_covariance_of_noises_is_what_their_strengths_multiply():
    r = parameters("r")
    for ds in (correlated(0.3), correlated(r, {r: 0.3})):
        for name, value in {"X": 0, "Y": 0, "XX": 4, "YY": 9, "XY": 1.8}.items():
            assert_right(ds, name, value)


@pytest.mark.parametrize("value", [1.8, -2.0])
def test_a_covariance_above_one_is_refused_also_as_a_parameter(value):
    r = parameters("r")
    with pytest.raises(ValueError, match=r"covariance of W1 and W2"):
        correlated(value)
    with pytest.raises(ValueError, match=r"covariance of W1 and W2"):
        correlated(r, {r: value})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_noises_that_do_not_commute(scheme):
    X = real_variables("X1 X2")
    W = real_noises("W1 W2")
    sde = SDE(dict.fromkeys(X, 0), {X[0]: W[0], X[1]: X[0] * W[1]})
    moments = {"square": X[1] ** 2, "fourth": X[1] ** 4, "mixed": X[0] ** 2 * X[1] ** 2}
    ds = run(sde, dict.fromkeys(X, 0), scheme(dt=1 / 64), [1.0], trajectories=100_000, **moments)
    for name, value in {"square": 0.5, "fourth": 1.75, "mixed": 7 / 6}.items():
        assert_right(ds, name, value)


@pytest.mark.parametrize(("scheme", "end"), [(EulerMaruyama, 0.9**10), (StochasticRK2, 0.905**10)])
@pytest.mark.parametrize("noises", [False, True])
def test_without_noise_there_is_no_spread_and_no_nan(scheme, end, noises):
    """The noise is zero as written, or by the value of its parameter."""
    x, W, s = real_variables("x"), real_noises("W"), parameters("s")
    sde = SDE({x: -x}, {x: s * W} if noises else {x: 0 * W})
    model = SymbolicModel(sde, initial={x: 1}, parameters={s: 0.0} if noises else {})
    result = simulate(
        model, scheme(dt=0.1), observers=[Moments(x=x), Trajectories(range(100), path=x)],
        times=np.arange(11) / 10, trajectories=100, seed=1, progress=False,
    )  # fmt: skip
    ds = result.dataset
    assert complex(ds["x"][-1]) == pytest.approx(end, rel=1e-14)
    assert np.all(ds["path"] == ds["path"][0])
    assert np.all(ds["x_se"] == 0)
    assert np.all(ds["x_imag_se"] == 0)
    assert np.all(ds["alive"] == 100)
