"""Correlations of systems that are known: thermal light, a Kerr site in positive-P; errors against their spread."""

import numpy as np
import pytest
import sympy as sp
from scipy import stats

from sdeframe import SDE, SymbolicModel, complex_noises, complex_variables, random_normal, simulate
from sdeframe.derivation import Boson, exact_correlations, exact_means
from sdeframe.integrators import SemiImplicitMidpoint, StochasticRK2
from sdeframe.models import KerrOscillator
from sdeframe.observers import Correlation, TrustHorizon

z, F = complex_variables("z"), complex_noises("F")
NUMBER = 0.5
THERMAL = SymbolicModel(
    SDE({z: -z / 2}, {z: F * sp.sqrt(sp.Rational(1, 2))}), {z: (random_normal("n") + sp.I * random_normal("m")) / 2}
)
N = sp.conjugate(z) * z
LIGHT = {"g1": (sp.conjugate(z), z), "g2": (N, N)}
LIMIT = 6.0
"""Standard errors, passed by chance with a probability of 2e-9 in each of fewer than 100 comparisons."""


def away(ds, name, expected):
    """Return by how many standard errors values differ from those expected, of both parts."""
    off, tiny = ds[name].values - expected, 1e-9  # for what has no spread, such as a normalised g1 at 0
    return np.array([off.real / (ds[f"{name}_se"] + tiny), off.imag / (ds[f"{name}_imag_se"] + tiny)])


def thermal(seed, trajectories, **when):
    times = np.linspace(0, 3, 13)
    return simulate(
        THERMAL, StochasticRK2(dt=1 / 16), observers=[Correlation(**(when or {"start": 1.0}), **LIGHT)], times=times,
        trajectories=trajectories, seed=seed, progress=False,
    ).dataset  # fmt: skip


@pytest.mark.parametrize("when", [{"start": 1.0}, {"start": [0.0, 1.0]}, {"window": (0.0, 1.0)}], ids=str)
def test_thermal_light(when):
    """g1(τ) = n̄ e^(−τ/2), g2(τ) = 1 + e^(−τ), at any start of the stationary state."""
    ds = thermal(3, 20_000, **when)
    tau = ds["delay"].values
    expected = {
        "g1": NUMBER * np.exp(-tau / 2), "g1_normalised": np.exp(-tau / 2),
        "g2": NUMBER**2 * (1 + np.exp(-tau)), "g2_normalised": 1 + np.exp(-tau),
    }  # fmt: skip
    for name, values in expected.items():
        assert np.nanmax(np.abs(away(ds, name, values))) < LIMIT, name
    assert np.nanmax(np.abs(away(ds, "g2_normalised", 1 + np.exp(-tau / 2)))) > 2 * LIMIT  # a planted error is seen


a = Boson("a")
n = a.dag() * a
WEAK, STRONG = KerrOscillator(interaction=0.5, drive=0.2), KerrOscillator(interaction=1.0, drive=0.5, detuning=-0.3)


def kerr(model, start, tau, trajectories):
    d = model.derivation
    return simulate(
        model, SemiImplicitMidpoint(dt=1 / 32),
        observers=[
            Correlation(start=start, g1=d.correlation(a.dag(), a), g2=d.correlation((a.dag(), a), n)),
            TrustHorizon(n=d.average(n)),
        ],
        times=start + np.array(tau), trajectories=trajectories, seed=7, progress=False, step_error=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "start", "tau", "trajectories"),
    [
        (WEAK, 10.0, [0.0, 0.5, 1.0, 2.0], 10_000),
        pytest.param(WEAK, 4.0, [0.0, 0.5, 1.0, 2.0], 400_000, marks=pytest.mark.long),
        pytest.param(STRONG, 0.5, [0.0, 0.25, 0.5], 400_000, marks=pytest.mark.long),
    ],
    ids=["steady", "weak", "strong"],
)
def test_driven_kerr_site_in_positive_p(model, start, tau, trajectories):
    """Against the exact ones inside the horizon, real and imaginary parts."""
    result = kerr(model, start, tau, trajectories)
    assert result.horizon("g1") == result.horizon("g2") == result.horizon("n") == start + tau[-1]
    known = model.start_state(), model.parameters()
    exact = {
        "g1": exact_correlations(model.master, a.dag(), a, start, tau, *known),
        "g2": exact_correlations(model.master, (a.dag(), a), n, start, tau, *known),
    }
    numbers = exact_means(model.master, {"n": n}, known[0], start + np.array(tau), known[1])["n"]
    norms = {"g1": np.sqrt(numbers[0] * numbers), "g2": numbers[0] * numbers}
    for key, values in exact.items():
        assert np.abs(away(result.dataset, f"{key}_extrapolated", values)).max() < LIMIT
        assert np.abs(away(result.dataset, f"{key}_normalised_extrapolated", values / norms[key])).max() < LIMIT


def unlikely(deviations):
    """Return the probability that standardised deviations are spread as far from 1 as these, of both sides."""
    squares, n = np.sum(np.square(deviations)), len(deviations)
    return 2 * min(stats.chi2.cdf(squares, n), stats.chi2.sf(squares, n))


@pytest.mark.parametrize(("seeds", "trajectories"), [(30, 500), pytest.param(200, 2_000, marks=pytest.mark.long)])
def test_errors_are_the_spread(seeds, trajectories):
    """Standardised deviations have unit spread, for each with a false alarm of 1e-7; halved errors are seen."""
    tau = np.arange(9) / 4
    expected = {"g1": NUMBER * np.exp(-tau / 2), "g1_normalised": np.exp(-tau / 2), "g2_normalised": 1 + np.exp(-tau)}
    for when in ({"start": 1.0}, {"window": (0.0, 1.0)}):
        found = [thermal(seed, trajectories, **when) for seed in range(seeds)]
        for name, values in expected.items():
            parts = np.array([away(ds, name, values)[:, 4] for ds in found]).T
            deviations = [part for part in parts if part.any()]  # numbers have no imaginary parts
            assert min(map(unlikely, deviations)) > 1e-7, name
            assert max(unlikely(2 * part) for part in deviations) < 1e-7, name
