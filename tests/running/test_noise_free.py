"""The run without noise, from which the scale of poles is told."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    Poles,
    SymbolicModel,
    complex_variables,
    parameters,
    random_normal,
    random_uniform,
    simulate,
    time,
)
from sdeframe.integrators import W2S4
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.models import BoseHubbard, KerrOscillator
from sdeframe.observers import Moments, TrustHorizon
from sdeframe.running.compose import compose
from sdeframe.running.noise_free import centre, scaled

a, b = complex_variables("a b")
drive = parameters("drive")
NUMBER = Poles(scale=1.0, strongest=(a * b,), power=2, grows=True)
DRIVEN = SDE({a: -a / 2 - sp.I * drive, b: -b / 2 + sp.I * drive})


def problem(model, observer, end=30.0):
    return compose(model, W2S4(dt=0.1), observers=[observer], times=[end], trajectories=10, seed=1)


def scale(poles, system, values, end, start=(0, 0)):
    return scaled(poles, EagerSystem(system, values), np.array(start, dtype=complex), end).scale


def test_the_scale_is_what_the_run_without_noise_reaches():
    """|α|² = 4 F² (1 − exp(−t/2))², which the start, the vacuum, does not tell."""
    for end in (1.0, 30.0):
        assert scale(NUMBER, DRIVEN, {drive: 2.0}, end) == pytest.approx(16 * (1 - np.exp(-end / 2)) ** 2, rel=1e-2)
    assert scale(NUMBER, DRIVEN, {drive: 0.1}, 30.0) == 1.0
    assert scale(Poles(strongest=(a * b,), power=2), DRIVEN, {drive: 2.0}, 30.0) == 1.0


@pytest.mark.parametrize(
    ("pulse", "reached"),
    [
        (sp.Piecewise((10, (time > 10) & (time < 11)), (0, True)), 400 * (1 - np.exp(-1 / 2)) ** 2),
        (10 * sp.exp(-(((time - 15) / 0.1) ** 2)), 2.611),
    ],
)
def test_a_pulse_is_not_missed_however_short(pulse, reached):
    """Steps of a scheme grow while nothing happens, and went over the pulse."""
    system = SDE({a: -a / 2 - sp.I * pulse, b: -b / 2 + sp.I * pulse})
    assert scale(NUMBER, system, {}, 30.0) == pytest.approx(max(reached, 1.0), rel=0.1)


def test_what_runs_away_without_noise_has_the_scale_of_its_start():
    assert scale(NUMBER, SDE({a: a**2 * b, b: b**2 * a}), {}, 10.0, start=(1, 1)) == 1.0


def test_a_driven_oscillator_has_the_scale_of_its_photons():
    """Δ = −1, U = 0.05, F = 2.4: some 20 photons; at scale 1 all were lost at t = 1.5."""
    model = KerrOscillator(interaction=0.05, drive=2.4, detuning=-1.0)
    found = problem(model, TrustHorizon(n=model.observables["photon_number"]))
    assert found.poles.scale == pytest.approx(22.4, rel=0.01)
    assert found.bounds == (pytest.approx((1e3 * found.poles.scale) ** 0.5),)
    assert problem(model, Moments(n=model.observables["photon_number"])).poles.scale == 1.0
    quiet = BoseHubbard(sites=2, drive=0.0)
    assert problem(quiet, TrustHorizon(n=next(iter(quiet.observables.values()))), end=1.0).poles.scale == 1.0


def test_a_start_that_chance_decides_is_taken_where_random_numbers_are_0():
    r, u = random_normal("r"), random_uniform("u")
    assert centre([2 + 3 * sp.I * r, drive * sp.exp(r)], {drive: 0.5}).tolist() == [2, 0.5]
    assert np.isnan(centre([sp.log(u)], {})).all()
    model = SymbolicModel(SDE({a: -a, b: -b}), {a: sp.log(u), b: 1 / r}, poles=NUMBER)
    result = simulate(
        model, W2S4(dt=0.1), observers=[TrustHorizon(n=a * b)], times=[0.1], trajectories=4, seed=1, progress=False
    )
    assert result.problem.poles.scale == 1.0
    assert result.warnings == ()
