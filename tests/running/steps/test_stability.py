"""Steps that are too large for a mode of the system are told, with a step that is not."""

from contextlib import nullcontext

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    parameters,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.integrators import RK4, W2S4, EulerMaruyama, Heun, Milstein, SemiImplicitMidpoint, StochasticRK2
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.observers import Moments
from sdeframe.running.steps.stability import modes, unfollowed

x, y = real_variables("x y")
a = complex_variables("a")
W = real_noises("W")
F = complex_noises("F")
k = parameters("k", positive=True)
SCHEMES = (RK4, W2S4, EulerMaruyama, Heun, Milstein, SemiImplicitMidpoint, StochasticRK2)


def relaxing(rate):
    """The stationary variance is 1 whatever the rate."""
    return SymbolicModel(SDE({x: -k * x}, {x: sp.sqrt(2 * k) * W}), {x: 0}, {k: rate})


def variance(model, integrator):
    steps = round(1 / integrator.dt)
    return simulate(
        model, integrator, observers=[Moments(square=x**2)], times=[steps * integrator.dt], trajectories=40_000, seed=1,
        progress=False,
    )  # fmt: skip


def test_a_fast_damped_mode_is_told_with_what_its_variance_becomes():
    """0.51 in place of 1 without a word, where the step error was not asked for."""
    with pytest.warns(UserWarning, match="too large for the fastest mode"):
        result = variance(relaxing(320.0), W2S4(dt=0.005))
    (told,) = result.warnings
    assert "exp(-320+0j t)" in told
    share = float(told.split("its fluctuations ")[1].split(" of")[0])
    assert result.dataset["square"].item().real == pytest.approx(share, rel=0.05)
    enough = float(told.split("take dt=")[1].split(" ")[0])
    fine = variance(relaxing(320.0), W2S4(dt=enough))
    assert fine.warnings == ()
    assert fine.dataset["square"].item().real == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("share", [0.5, 0.9, 1.1, 1.9])
def test_of_every_scheme_the_variance_is_known_and_judged(scheme, share):
    """Of 28 ensembles of 40,000 the variance, of normal numbers, is within 5 of its standard errors, √2/200."""
    dt, system = 0.005, EagerSystem(relaxing(1.0).sde, {k: share / 0.005})
    mode = unfollowed(system, np.zeros(1, dtype=complex), scheme(dt=dt), 1.0)
    with pytest.warns(UserWarning, match="too large") if mode else nullcontext():
        found = variance(relaxing(share / dt), scheme(dt=dt)).dataset["square"].item().real
    expected = mode.variance if mode else 1.0
    assert abs(found - expected) < 5 * np.sqrt(2) / 200 * expected + (0 if mode else 0.2)


def test_rates_are_those_of_the_linear_system():
    sde = SDE({a: (-1 + 5j) * a + 2 * sp.conjugate(a), x: -3 * x + y, y: -x * y - 7 * y}, {x: W})
    rates, driven = modes(EagerSystem(sde), np.array([0.5, 0.0, 0.0], dtype=complex))
    # da = (−1 + 5i) a + 2 a*: eigenvalues −1 ± i√(25 − 4), which no noise reaches
    expected = {-1 + 1j * np.sqrt(21): False, -1 - 1j * np.sqrt(21): False, -3: True, -7: True}
    order = np.lexsort((rates.imag, rates.real))
    wanted = sorted(expected, key=lambda z: (complex(z).real, complex(z).imag))
    assert np.allclose(rates[order], wanted, rtol=1e-7)
    assert driven[order][:2].tolist() == [False, True]


def test_what_noise_does_not_drive_is_judged_by_its_decay_alone():
    still = EagerSystem(SDE({x: -x, y: -240 * y}, {x: W}))
    assert unfollowed(still, np.zeros(2, dtype=complex), W2S4(dt=0.005), 1.0) is None
    driven = EagerSystem(SDE({x: -x, y: -240 * y}, {y: W}))
    assert unfollowed(driven, np.zeros(2, dtype=complex), W2S4(dt=0.005), 1.0).rate == pytest.approx(-240)


def test_an_oscillation_is_followed_or_told():
    turning = EagerSystem(SDE({a: -10j * a}, {a: F}))
    start = np.ones(1, dtype=complex)
    assert unfollowed(turning, start, W2S4(dt=0.05), 10.0) is None
    assert unfollowed(turning, start, EulerMaruyama(dt=0.05), 0.1) is None
    assert unfollowed(turning, start, EulerMaruyama(dt=0.1), 0.1).enough == 0.05
    assert unfollowed(EagerSystem(SDE({x: x**-1})), np.zeros(1, dtype=complex), W2S4(dt=0.05), 1.0) is None


@pytest.mark.parametrize(("scheme", "grows"), [(EulerMaruyama, True), (Heun, True), (W2S4, False)])
def test_an_oscillation_that_steps_let_grow_is_told(scheme, grows):
    """|a| = 1: Euler's rule made 2e24 of it in 500 steps, Heun's 48, each step by less than an eighth off."""
    turning, start = EagerSystem(SDE({a: -50j * a})), np.ones(1, dtype=complex)
    assert (unfollowed(turning, start, scheme(dt=0.01), 5.0) is not None) is grows


def test_a_small_variable_beside_a_large_one_is_seen():
    z = real_variables("z")
    system = EagerSystem(SDE({y: sp.Integer(0), z: -400 * sp.tanh(z)}))
    found = unfollowed(system, np.array([1e8, 0.5], dtype=complex), W2S4(dt=0.01), 1.0)
    assert found.rate == pytest.approx(-400 / np.cosh(0.5) ** 2, rel=1e-3)
