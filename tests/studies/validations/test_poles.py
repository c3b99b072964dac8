"""Power laws of runaways: the fits on made-up data, the selection of stretches, the verdicts, and one small run."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from sdeframe.integrators import StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.running.simulation import simulate
from sdeframe.studies.validations.poles import (
    CASES,
    REFERENCES,
    Case,
    case_rows,
    energy,
    judged,
    measured,
    next_term,
    noise_free,
    regular_part,
)
from sdeframe.studies.validations.power_laws import exponent_about, fit_constant, fit_power, median_interval
from sdeframe.studies.validations.stretches import POINTS, Approach, LostTrajectories, last_stretch

SMALL_NOISE = Case(1000, "excited", 0, 12.0)
STRENGTH = 0.03
"""Relative noise per root of time; |ρee| = 100 is 0.1 before the pole."""


def made_up(exponent, constant=1.0, count=200, noise=0.0):
    """Return times and values of y = C (τs − τ)^p, times a geometric complex Brownian motion of τ."""
    random = np.random.default_rng(4)
    pole = 5 + random.random((count, 1)) + 1j * random.uniform(-0.02, 0.02, (count, 1))
    times = pole.real - np.geomspace(0.1, 0.032, POINTS)
    steps = np.sqrt(np.diff(times, axis=1, prepend=times[:, :1]) / 2)
    path = np.cumsum(steps * (random.normal(size=times.shape) + 1j * random.normal(size=times.shape)), axis=1)
    return times, constant * np.exp(noise * path) * (pole - times) ** exponent, pole[:, 0]


@pytest.mark.parametrize("exponent", [-0.5, -1.0, -2.0, -3.0])
def test_fits_recover_exponent_constant_and_pole(exponent):
    constant = 0.7 * np.exp(0.4j)
    times, values, pole = made_up(exponent, constant)
    free, fixed = fit_power(times, values, -2.0), fit_constant(times, values, exponent)
    np.testing.assert_allclose(free.exponent, exponent, atol=1e-6)
    for fit, tolerance in ((free, 1e-6), (fixed, 1e-9)):
        np.testing.assert_allclose(fit.constant, constant, rtol=0, atol=tolerance)
        np.testing.assert_allclose(fit.pole, pole, rtol=0, atol=tolerance)
    np.testing.assert_allclose(exponent_about(times, values, pole), exponent, atol=1e-9)


def test_the_argument_may_turn_through_more_than_one_revolution():
    times = np.linspace(0.0, 1.0, POINTS)[None]
    values = (0.5 + 0.2j - times) ** -5.0  # turns by 11.9
    np.testing.assert_allclose(fit_constant(times, values, -5.0).constant, 1.0, atol=1e-9)
    np.testing.assert_allclose(fit_power(times, values, -4.5).exponent, -5.0, atol=1e-6)


def test_medians_withstand_multiplicative_noise():
    """Intervals are 4 standard errors wide: 1.5 widths are 6 of them, false alarm 2e-9."""
    times, values, pole = made_up(-2.0, count=400, noise=STRENGTH)
    fit = fit_power(times, values, -2.0)
    fixed = fit_constant(times, values, -2.0)
    for found, truth in (
        (fit.exponent.real, -2.0), (np.abs(fit.constant), 1.0), (np.abs(fixed.constant), 1.0),
        (np.angle(fixed.constant), 0.0), ((fixed.pole - pole).real, 0.0),
    ):  # fmt: skip
        median, low, high = median_interval(found)
        assert np.std(found) > 0
        assert abs(median - truth) < 1.5 * (high - low)


def verdicts(exponent, constant=1.0):
    times, values, pole = made_up(exponent, constant, noise=STRENGTH)
    field = 1 / (pole[:, None] - times)
    states = np.array([field, field, values, values, values])
    found = measured(Approach(times, states), 0.0)
    return {name: judged(SMALL_NOISE, name, found[name], REFERENCES[name], 0.05).passed for name in REFERENCES}


def test_verdicts_on_planted_laws():
    assert all(verdicts(-2.0).values())
    for exponent in (-1.0, -3.0):
        assert not verdicts(exponent)["exponent p"]
    for constant in (0.8, 1.25):
        assert not verdicts(-2.0, constant)["|C| at p = -2"]
        assert verdicts(-2.0, constant)["exponent p"]
    assert not verdicts(-2.0, np.exp(0.2j))["arg C at p = -2"]


def test_a_verdict_needs_small_noise_and_an_interval():
    values = np.full(50, -2.0)
    noisy = Case(10, "excited", 0, 5.0)
    assert judged(SMALL_NOISE, "exponent p", values, -2.0).passed is True
    assert judged(SMALL_NOISE, "exponent p", values, -2.1, 0.05).passed is False
    assert judged(SMALL_NOISE, "exponent p", values, -2.1, 0.15).passed is True
    assert judged(SMALL_NOISE, "exponent p", values).passed is None
    assert judged(noisy, "exponent p", values, -2.0).passed is None
    assert judged(SMALL_NOISE, "exponent p", values[:5], -2.0).passed is None
    assert judged(SMALL_NOISE, "exponent p", np.append(values, np.nan), -2.0).value == -2.0


def test_relative_noise_of_the_two_forms():
    assert Case(10, "ground", 1, 1.0, limits=(10.0, 100.0)).noise == pytest.approx(1.0)
    assert Case(1000, "ground", 1, 1.0, limits=(10.0, 100.0), form="A39").noise == pytest.approx(1.0)
    assert len({case.name for case in CASES}) == len(CASES)


def test_median_interval_covers():
    """The share of intervals that hold the median is binomial with the exact coverage; false alarm below 1e-6."""
    n, repeats = 25, 4000
    samples = np.random.default_rng(3).exponential(size=(repeats, n))
    held = sum(low <= math.log(2) <= high for _, low, high in map(median_interval, samples))
    exact = 1 - 2 * stats.binom.cdf(7, n, 0.5)  # from the 8th smallest to the 8th largest
    assert exact > 0.95 > 1 - 2 * stats.binom.cdf(8, n, 0.5)
    assert stats.binomtest(held, repeats, exact).pvalue > 1e-6
    median, low, high = median_interval(np.arange(n)[::-1])
    assert (median, low, high) == (12, 7, 17)


def test_median_interval_of_too_few():
    assert median_interval(np.arange(5.0)) == (2.0, -math.inf, math.inf)
    assert median_interval(np.arange(6.0)) == (2.5, 0.0, 5.0)
    assert math.isnan(median_interval(np.empty(0))[0])


def test_last_stretch():
    rise = np.concatenate([np.geomspace(1.0, 2000.0, 95), np.full(5, 3.0)])
    dip = np.concatenate([np.geomspace(1.0, 500.0, 20), np.geomspace(50.0, 2000.0, 80)])
    fast = np.concatenate([np.full(80, 1.0), np.geomspace(1.0, 2000.0, 20)])
    never, always = np.full(100, 10.0), np.full(100, 5000.0)
    sizes = np.array([rise, dip, fast, never, always])
    states = np.stack([np.ones_like(sizes), 1j * sizes])
    found = last_stretch(np.arange(100) * 0.5, states, 1, (100.0, 1000.0))
    assert found.count == 2
    for path, times, points in zip((rise, dip), found.times, np.abs(found.states[1]), strict=True):
        at = np.round(times / 0.5).astype(int)
        np.testing.assert_array_equal(path[at], points)
        assert path[at[0] - 1] < 100 <= points[0]
        assert path[at[-1] - 1] < 1000 <= points[-1]
        levels = np.geomspace(100.0, 1000.0, POINTS)
        assert (points >= levels).all()
        assert (path[at - 1] < levels).all()
    assert found.times[1, 0] > 10


def test_lost_trajectories_are_those_that_the_run_counts():
    times = np.arange(7) * 0.5
    result = simulate(
        TavisCummings(atoms=2, photons=2), StochasticRK2(1e-2), observers=[LostTrajectories(50.0)],
        times=times, trajectories=400, seed=1, block=128, threads=2, progress=False,
    )  # fmt: skip
    ds = result.dataset
    assert 20 < ds.sizes["lost"] < 400
    np.testing.assert_array_equal([np.sum(ds["lost_by"] <= t) for t in times], 400 - ds["alive"].values)
    path = result.replay(ds["lost"].values)["rho_ee"].values
    moved = np.diff(path, axis=1) != 0
    lost_at = moved.shape[1] - moved[:, ::-1].argmax(axis=1) + 1  # a lost trajectory keeps the state before
    np.testing.assert_array_equal(ds["lost_by"].values, np.ceil(lost_at / 50) * 0.5)


def near_pole(z, alpha):
    """Return the leading terms of the noiseless equations at z before the pole; α is free."""
    return np.array([alpha / z, -1 / (alpha * z), 1 / z**2, 1j * alpha / z**2, 1j / (alpha * z**2)])


def test_noise_off_keeps_energy_and_bloch_length():
    """Up to |ρee| = 1000, where a step is 1/60 of the time left, a second-order scheme errs by some 1e-3 of ρee."""
    case, z = Case(1000, "excited", 0, 1.0, limits=(20.0, 1000.0)), 0.2
    start = Approach(np.zeros((1, 1)), near_pole(z, 1 + 0.5j)[:, None, None])
    ahead = noise_free(case, start, 5e-4)
    assert ahead.count == 1
    A, Ad, ree, reg, rge = ahead.states[:, 0]
    assert ree[0] == 1 / z**2
    assert energy(ahead)[0, 0] == pytest.approx(-0.5)
    assert np.abs(ree - 0.5 + A * Ad + 0.5).max() < 1e-3 * np.abs(ree[-1])
    bloch = (2 * ree - 1) ** 2 + 4 * reg * rge
    assert np.ptp(np.abs(bloch)) < 1e-3 * np.abs(4 * ree[-1] ** 2)
    np.testing.assert_allclose(z - ahead.times[0], ree**-0.5, rtol=0.02)


def test_series_about_the_pole():
    """w = 2/z² + 2E/3 + b z² solves ẅ = −4E w + 3w² − B; ρee = (w + 1)/2."""
    z, E, B, a, b = sp.symbols("z E B a b")
    w = 2 / z**2 + a + b * z**2
    left = sp.expand((sp.diff(w, z, 2) + 4 * E * w - 3 * w**2 + B) * z**4)
    assert left.coeff(z, 0) == 0
    solution = sp.solve([left.coeff(z, 2), left.coeff(z, 4)], [a, b], dict=True)[0]
    assert solution[a] == 2 * E / 3
    state = np.array([3.0, 2 - 1j, 9.0, 8 + 2j, -8 + 3j])
    at = Approach(np.zeros((1, 1)), state[:, None, None])
    values = {E: 9 - 0.5 + 3 * (2 - 1j), B: 17**2 + 4 * (8 + 2j) * (-8 + 3j)}
    expected = abs(complex(solution[b].subs(values)) / 2) / 30**2
    assert next_term(Case(10, "ground", 1, 1.0, limits=(30.0, 300.0)), at) == pytest.approx(expected, rel=1e-12)
    assert regular_part(at)[0, 0] == pytest.approx((1 + complex(solution[a].subs(values))) / 2, rel=1e-12)


def test_rows_of_one_case():
    """The medians without noise are exact to the step; a verdict on few trajectories is only that they are judged."""
    case = Case(1000, "excited", 0, 12.0, limits=(30.0, 300.0), integrator=StochasticRK2(1e-3))
    rows = {row.quantity: row for row in case_rows(case, 1200, 2)}
    replayed = int(rows["runaways fitted"].note.split()[1])
    assert replayed >= 20
    assert rows["runaways fitted"].value > 0.7 * replayed
    for name, reference in REFERENCES.items():
        assert rows[name].reference == reference
        assert rows[name].passed is not None
    assert abs(rows["exponent p"].value + 2) < 0.3
    for name, reference in (("exponent p", -2), ("|C| at p = -2", 1)):
        row = rows[f"{name}, noise off, less ½ + E/3"]
        assert row.passed
        assert row.value == pytest.approx(reference, abs=0.01)
    assert 8 < rows["pole, Re τs"].value < 12.1
    assert 0 < rows["pole, |Im τs|"].value < 300**-0.5


def test_a_case_without_runaways_says_so():
    rows = list(case_rows(Case(1000, "ground", 1, 0.5), 16, 1))
    assert [(row.quantity, row.value) for row in rows] == [("runaways fitted", 0.0)]
