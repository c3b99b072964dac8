"""Spectra of stationary systems against exact ones; each test of values fails by chance less than once in 1e6 times."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    random_complex_normal,
    random_normal,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.derivation import Boson
from sdeframe.integrators import W2S4
from sdeframe.models import ParametricOscillator
from sdeframe.observers import Spectrum, TimeAverage
from sdeframe.sampling import Balanced

SIGMAS = 6.5
"""Passed by one of 2,000 normal numbers less than once in 5e6 times."""

a, F = complex_variables("a"), complex_noises("F")
x, W = real_variables("x"), real_noises("W")
NUMBER = 0.5
CAVITY = SymbolicModel(
    SDE(drift={a: -a / 2}, noise={a: sp.sqrt(NUMBER) * F}), {a: sp.sqrt(NUMBER) * random_complex_normal("c")}
)
WALKER = SymbolicModel(SDE(drift={x: -x}, noise={x: W}), {x: random_normal("r") / sp.sqrt(2)})


def run(model, length, dt, *observers, pair=None, trajectories=4000, start=0.0, seed=5, **options):
    """Return S of a pair of samples dt apart, N dt = length, and what more observers tell in the same window."""
    times = start + dt * np.arange(round(length / dt))
    window = (times[0], times[-1])
    return simulate(
        model, W2S4(dt=0.05), observers=[Spectrum(window=window, S=pair), *(make(window) for make in observers)],
        times=times, trajectories=trajectories, seed=seed, progress=False, **options,
    ).dataset  # fmt: skip


def of_window(size, rate, length, omega=0.0):
    """Return ∫ (1 − |τ|/T) C(τ) e^{iωτ} dτ of C = c e^{-λ|τ|}: what a raw window of length T shows of it."""
    s = rate - 1j * omega
    return 2 * size * np.real(1 / s - (1 - np.exp(-s * length)) / (length * s**2))


def sampled(size, rate, dt, count):
    """Return what so many samples dt apart show of C = c e^{-λ|τ|}, by ascending frequency."""
    m = np.arange(1 - count, count)
    omega = 2 * np.pi * np.arange(-(count // 2), count - count // 2) / (count * dt)
    terms = (1 - np.abs(m) / count) * size * np.exp(-rate * np.abs(m) * dt)
    return dt * np.real(np.exp(1j * omega[:, None] * m * dt) @ terms)


def deviations(ds, expected):
    """Return by how many standard errors both parts of S are off."""
    real = (ds["S"].values.real - expected) / ds["S_se"].values
    spread = np.where(ds["S_imag_se"].values > 0, ds["S_imag_se"].values, np.inf)
    return np.concatenate([real, ds["S"].values.imag / spread])


@pytest.mark.parametrize(("length", "zero"), [(40, 1.900), (80, 1.950)])
def test_a_thermal_cavity_shows_what_its_window_resolves(length, zero):
    assert of_window(NUMBER, 0.5, length) == pytest.approx(zero, abs=1e-6)
    ds = run(CAVITY, length, 0.1, pair=(sp.conjugate(a), a), trajectories=16_000)
    expected = sampled(NUMBER, 0.5, 0.1, 10 * length)
    assert expected[5 * length] == pytest.approx(zero, abs=2e-3)
    assert np.abs(deviations(ds, expected)).max() < SIGMAS
    assert np.abs(deviations(ds, 1.1 * expected)).max() > SIGMAS  # a factor that is wrong would be seen


@pytest.mark.parametrize(("length", "dt"), [(10, 0.1), (20, 0.1), (10, 0.05)])
def test_a_real_process_at_any_length_and_step(length, dt):
    ds = run(WALKER, length, dt, lambda w: TimeAverage(window=w, n=x**2), pair=(x, x))
    expected = sampled(0.5, 1.0, dt, len(ds["frequency"]))
    assert expected[len(expected) // 2] == pytest.approx(1 - (1 - np.exp(-length)) / length, abs=dt**2)
    assert np.abs(deviations(ds, expected)).max() < SIGMAS
    total = ds["S"].values.real.sum() / length  # over f = ω/2π, whose values are 1/T apart
    assert total == pytest.approx(ds["n"].item().real, rel=1e-12)
    assert abs(total - 0.5) < SIGMAS * ds["n_se"].item()
    assert np.abs(deviations(ds, 1.2 * expected)).max() > SIGMAS  # a factor that is wrong would be seen
    at_one = of_window(0.5, 1.0, 1e4, 1.0)  # at f = 1/2π of a long window
    assert at_one == pytest.approx(0.5, abs=1e-3)


EPSILON, KAPPA = 0.2, 1.0
MODE = Boson("a")
OUTPUT = {0.0: (0.183673, 5.444444), 1.0: (0.731544, 1.0 + 0.4 / 1.09)}
"""S₋ and S₊ of the field that leaves, from an infinite window."""


def quadratures():
    average = ParametricOscillator(pump=EPSILON, decay=KAPPA, pair_decay=0).derivation.average
    return average(MODE + MODE.dag()), average(-1j * MODE + 1j * MODE.dag())


@pytest.mark.parametrize("taper", ["none", "hann"])
def test_squeezing_of_the_output_of_a_parametric_oscillator(taper):
    """S± = 1 + κ ∫ <:X±(t) X±(t+τ):> e^{iωτ} dτ = 1 ± 2κε/((κ/2 ∓ ε)² + ω²), vacuum 1, through a window."""
    model = ParametricOscillator(pump=EPSILON, decay=KAPPA, pair_decay=0)
    (plus, minus), length, dt = quadratures(), 40 * np.pi, np.pi / 20
    times = 10 * np.pi + dt * np.arange(800)
    spectrum = Spectrum(window=(times[0], times[-1]), taper=taper, plus=(plus, plus), minus=(minus, minus))
    ds = simulate(
        model, W2S4(dt=np.pi / 80), observers=[spectrum], times=times, trajectories=2000, seed=6, progress=False
    ).dataset
    for name, sign, at in (("minus", -1, 0), ("plus", 1, 1)):
        rate = KAPPA / 2 - sign * EPSILON
        size = sign * EPSILON / rate  # of <:X²:>
        for omega in (0.0, 1.0):
            raw = 1 + KAPPA * of_window(size, rate, length, omega)
            assert 1 + KAPPA * of_window(size, rate, 1e7, omega) == pytest.approx(OUTPUT[omega][at], abs=1e-5)
            expected = raw if taper == "none" else OUTPUT[omega][at]
            here = ds.sel(frequency=omega, method="nearest")
            assert here["frequency"].item() == pytest.approx(omega, abs=1e-9)
            found, error = 1 + KAPPA * here[name].item(), KAPPA * here[f"{name}_se"].item()
            assert abs(found.real - expected) < SIGMAS * error, (name, omega)
            assert abs(found.imag) < 1e-12 + SIGMAS * KAPPA * here[f"{name}_imag_se"].item()
            assert abs(found.real - 1 - 1.5 * (expected - 1)) > SIGMAS * error  # a factor that is wrong would be seen


SEEDS = 200


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:increments share codes")
@pytest.mark.parametrize("sampling", [None, Balanced()], ids=str)
def test_errors_are_honest(sampling):
    """The spread of 200 standardised deviations is within 5.5 of its own errors, 1/√400, of that of Student's t."""
    options, spread = {}, 1.0
    if sampling is not None:
        options, spread = {"sampling": sampling}, np.sqrt(23 / 21)
    expected, z = sampled(0.5, 1.0, 0.2, 50), []
    for seed in range(SEEDS):
        ds = run(
            WALKER, 10, 0.2, lambda w: TimeAverage(window=w, n=x**2), pair=(x, x), trajectories=24 * 256, seed=seed,
            **options,
        )  # fmt: skip
        off = (ds["S"].values.real - expected) / ds["S_se"].values
        z.append([*off[[25, 27, 30, 40]], (ds["n"].item().real - 0.5) / ds["n_se"].item()])
    found = np.sqrt(np.mean(np.square(z), axis=0)) / spread
    print(found)
    assert (np.abs(found - 1) < 5.5 / np.sqrt(2 * SEEDS)).all()
