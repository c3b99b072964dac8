"""The step that `choose_dt` finds, on processes whose step error is known, and what it refuses."""

import math

import numpy as np
import pytest
import sympy as sp

import sdeframe
from sdeframe import SDE, SymbolicModel, complex_variables, real_noises, real_variables
from sdeframe.campaigns.default_step import default_step
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces import FourPoint
from sdeframe.models import GeometricBrownianMotion, OrnsteinUhlenbeck, TavisCummings
from sdeframe.sampling import Balanced, Independent

MODEL = GeometricBrownianMotion(growth=0.5, volatility=0.1)
x = next(iter(MODEL.system().state))


def bias(dt):
    """Return what Euler-Maruyama's mean of x lacks at t = 1: e^μ − (1 + μ dt)^(1/dt) for x₀ = 1."""
    return math.exp(0.5) - (1 + 0.5 * dt) ** (1 / dt)


def chosen(tolerance, integrator=None, **options):
    """Choose a step for the mean of geometric Brownian motion at t = 1."""
    return sdeframe.choose_dt(MODEL, integrator or EulerMaruyama(dt=0.25), tolerance, times=[1.0], x=x, **options)


def test_the_largest_step_is_chosen_whose_error_is_below_the_tolerance():
    choice = chosen(0.01)
    assert choice.tolerance == 0.01
    assert [level.dt for level in choice.levels] == [0.25 / 2**k for k in range(len(choice.levels))]
    assert bias(choice.dt) < 0.01
    rejected = [level for level in choice.levels if level.dt > choice.dt]
    assert all(level.largest >= 0.01 for level in rejected[-1:])
    assert all(level.largest < 0.01 for level in choice.levels[-3:])
    assert choice.levels[-3].dt == choice.dt


def test_levels_hold_the_true_step_error_within_their_uncertainty():
    """Of the mean; that of the pair of runs is b(h) = (m_2h − m_h), whose own bias is of the next order in h."""
    for level in chosen(0.01).levels:
        estimate = bias(2 * level.dt) - bias(level.dt)
        assert abs(level.step_error - estimate) < 3 * level.uncertainty  # six standard errors, 2e-9
        assert level.uncertainty < 0.2 * level.step_error


def test_half_the_tolerance_takes_half_the_step():
    assert chosen(0.005).dt == chosen(0.01).dt / 2


def test_a_scheme_of_order_two_takes_a_larger_step():
    assert chosen(0.002, W2S4(dt=0.25)).dt > 4 * chosen(0.002).dt


def test_the_choice_is_repeated_for_a_seed_and_reads_as_a_table():
    choice = chosen(0.01, threads=1)
    assert choice == chosen(0.01, threads=2)
    lines = str(choice).splitlines()
    assert lines[0] == f"dt = {choice.dt:g} for a tolerance of 0.01"
    assert len(lines) == 2 + len(choice.levels)
    assert np.array(lines[2].split(), dtype=float) == pytest.approx(
        [0.25, choice.levels[0].step_error, choice.levels[0].uncertainty], rel=0.05
    )


def test_observables_are_taken_where_nothing_is_named():
    """The mean square has the larger error, and decides."""
    choice = sdeframe.choose_dt(MODEL, EulerMaruyama(dt=0.25), 0.01, times=[1.0])
    assert choice.dt < chosen(0.01).dt


@pytest.mark.parametrize("tolerance", [0, -1e-3, math.inf, math.nan])
def test_a_wrong_tolerance_is_refused(tolerance):
    with pytest.raises(ValueError, match=r"tolerance=.*: must be a positive number, such as 1e-3"):
        chosen(tolerance)


def test_nothing_to_take_a_mean_of_is_refused():
    q, W = real_variables("q"), real_noises("W")
    model = SymbolicModel(SDE({q: -q}, {q: W}), {q: 0})
    with pytest.raises(ValueError, match="SymbolicModel has no observables: name an expression"):
        sdeframe.choose_dt(model, EulerMaruyama(dt=0.1), 1e-3, times=[1.0])


def test_too_few_trajectories_are_said_to_be_with_a_number_that_is_enough():
    """Here the noise of the step error decides, not its mean."""
    z, W = complex_variables("z"), real_noises("W")
    model = SymbolicModel(SDE({z: 0}, {z: z * W}), {z: 1})
    with pytest.raises(ValueError, match=r"64 trajectories tell the step error to .* only; give about \d+") as refusal:
        sdeframe.choose_dt(model, EulerMaruyama(dt=1 / 16), 1e-2, times=[1.0], trajectories=64, z=z)
    enough = int(str(refusal.value).split("give about ")[1].split()[0])
    choice = sdeframe.choose_dt(model, EulerMaruyama(dt=1 / 16), 1e-2, times=[1.0], trajectories=enough, z=z)
    assert choice.levels[-1].largest < 1e-2


def test_a_tolerance_that_no_step_reaches_is_refused(monkeypatch):
    monkeypatch.setattr("sdeframe.campaigns.step_choice.HALVINGS", 2)
    with pytest.raises(ValueError, match=r"tolerance=1e-08: not reached with dt=0\.0\d+; begin with a smaller step"):
        chosen(1e-8, trajectories=64)


def test_tied_trajectories_tell_step_errors_that_few_others_would():
    """Those of a linear system have no uncertainty but the floor; of as many independent ones it decides."""
    model = OrnsteinUhlenbeck(start=1.0)
    options = {"times": [0.5], "trajectories": 24 * 2048, "square": model.observables["x"] ** 2}
    choice = sdeframe.choose_dt(model, W2S4(dt=0.125), 1e-5, sampling=Balanced(), **options)
    assert choice.dt == 0.125 / 16
    assert all(level.uncertainty < level.step_error for level in choice.levels)
    with pytest.raises(ValueError, match=r"49152 trajectories tell the step error to .* only; give about \d+ traj"):
        sdeframe.choose_dt(model, W2S4(dt=0.125), 1e-5, **options)


def test_too_few_tied_trajectories_are_said_to_be():
    """How many are enough cannot be told, as their error does not fall as the square root of their number."""
    z, W = complex_variables("z"), real_noises("W")
    model = SymbolicModel(SDE({z: 0}, {z: z * W}), {z: 1})
    scheme = EulerMaruyama(dt=1 / 16, increments=FourPoint())
    told = r"^tolerance=0.01: 512 trajectories tell the step error to .* only; give more trajectories or a larger"
    with pytest.raises(ValueError, match=told):
        sdeframe.choose_dt(
            model, scheme, 1e-2, times=[1.0], trajectories=512, sampling=Balanced(block=64), z=z * sp.conjugate(z)
        )


@pytest.mark.parametrize(("sampling", "size"), [(Independent(), 4096), (Balanced(), 98_304)])
def test_how_many_trajectories_there_are_unless_told(monkeypatch, sampling, size):
    given = []

    def simulate(*_, **options):
        given.append((options["trajectories"], options["sampling"]))
        raise KeyboardInterrupt

    monkeypatch.setattr("sdeframe.campaigns.step_choice.simulate", simulate)
    with pytest.raises(KeyboardInterrupt):
        chosen(0.01, W2S4(dt=0.25), sampling=sampling)
    assert given == [(size, sampling)]


@pytest.mark.parametrize(
    ("model", "spacing", "step"),
    [
        (TavisCummings(10, 10.0), 0.05, 0.025),
        (TavisCummings(10, 100.0), 0.05, 0.0125),
        (TavisCummings(100, 10.0), 0.1, 0.025),
        (TavisCummings(10, 0.0, start="excited"), 0.06, 0.015),
        (OrnsteinUhlenbeck(), 0.04, 0.02),
    ],
)
def test_the_default_step_keeps_its_limits_and_divides_the_output_spacing_twice(model, spacing, step):
    times = np.linspace(0.0, 20 * spacing, 21)
    assert default_step(model, W2S4, times) == step
    assert default_step(model, EulerMaruyama, times) == 1e-3
