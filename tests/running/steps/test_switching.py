"""Coefficients that switch in time: steps end there, so that schemes keep their order and step errors are true."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_variables,
    load,
    parameters,
    real_noises,
    real_variables,
    simulate,
    time,
)
from sdeframe.gauges import ConditionalSwitch, QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama, Heun
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways
from sdeframe.running.compose import compose
from sdeframe.running.steps.switching import switching
from sdeframe.studies.validations.switching import scheme_rows

x = real_variables("x")
a = complex_variables("a")
W = real_noises("W")
late = parameters("late")


def until(t, value=1):
    return sp.Piecewise((value, time < t), (0, True))


def run(drift, integrator, times, start=1.0, noise=None, **options):
    (of,) = drift
    model = SymbolicModel(SDE(drift, noise or {}), {of: start}, options.pop("parameters", {}))
    return simulate(
        model, integrator, observers=[Moments(mean=of)], times=times, trajectories=2, seed=1, progress=False, **options
    )


@pytest.mark.parametrize("off", [1, sp.Rational(103, 100), 1 / 3], ids=str)
def test_a_loss_that_ends_costs_no_order(off):
    """n = exp(−min(t, 1)): with a step across the break the error was 7.7e-3 at 0.125, and 2.6e-3 was reported."""
    t = np.linspace(0, 2, 9)
    exact = np.exp(-np.minimum(t, float(off)))
    errors = []
    for dt in (0.125, 0.0625):
        ds = run({x: -until(off) * x}, W2S4(dt=dt), t, step_error=True).dataset
        errors.append(np.abs(ds["mean"] - exact).max())
        assert errors[-1] < 2 * np.abs(ds["mean_step_error"]).max()
    assert errors[0] < 1e-6
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.1)


def test_a_drive_that_ends():
    """The true error was three times the reported one at every step."""
    t = np.arange(11.0)
    exact = np.where(t <= 5, -2j * (1 - np.exp(-t / 2)), -2j * (1 - np.exp(-2.5)) * np.exp(-(t - 5) / 2))
    for dt in (0.25, 0.125):
        ds = run({a: -a / 2 - sp.I * until(5)}, W2S4(dt=dt), t, start=0, step_error=True).dataset
        assert np.abs(ds["mean"] - exact).max() < 2 * np.abs(ds["mean_step_error"]).max() < 1e-4


@pytest.mark.parametrize(("name", "scheme"), [("euler-maruyama", EulerMaruyama), ("heun", Heun), ("w2s4", W2S4)])
def test_random_switchings_in_drive_loss_and_noise(name, scheme):
    """Five standard errors at nine times of 15 runs: 1e-4 a scheme at most for a fair one; the seed is fixed."""
    for row in scheme_rows(name, scheme, count=15, trajectories=400, threads=2):
        assert row.passed, row


def test_the_table_sees_steps_that_hold_a_break(monkeypatch):
    monkeypatch.setattr("sdeframe.running.events.placing.stretches", uncut_stretches)
    first, _ = scheme_rows("w2s4", W2S4, count=15, trajectories=400, threads=2)
    assert not first.passed


def uncut_stretches(dt, steps, breaks):
    from sdeframe.running.steps.stretches import stretches

    return stretches(dt, steps, ())


def test_places_are_found_with_the_values_of_parameters():
    system = SDE({x: -sp.Heaviside(time - 2 * late) * x + sp.sign(sp.sin(sp.pi * time))}, {x: until(late) * W})
    found = switching(system, {late: 0.7}, 3.5)
    assert found.times == pytest.approx([0.7, 1, 1.4, 2, 3], rel=1e-15)
    assert not found.hidden
    assert switching(SDE({x: -time * x}), {}, 3.5).times == ()


def test_a_pulse_shorter_than_a_step_is_not_missed():
    """Its area is 0.01; both runs of a step error would have missed it, and reported 0."""
    begin = sp.Rational(1, 3)
    pulse = sp.Piecewise((10, (time > begin) & (time < begin + sp.Rational(1, 1000))), (0, True))
    ds = run({x: pulse}, W2S4(dt=0.125), [0, 1], start=0, step_error=True).dataset
    assert ds["mean"].values[1] == pytest.approx(0.01, rel=1e-9)


def test_where_the_state_decides_the_step_error_is_told_for_order_1():
    """dx = −sign(x − ½) dt from 1: the scheme passes ½ within a step, which costs it its order."""
    ends = run({x: -sp.Heaviside(x - sp.Rational(1, 2))}, W2S4(dt=0.15), [0.3, 0.9], step_error=True)
    assert ends.problem.weak_order == 1
    assert abs(ends.dataset["mean"][1] - 0.5) <= 2 * abs(ends.dataset["mean_step_error"][1])
    smooth = run({x: -sp.Abs(x)}, W2S4(dt=0.15), [0.3], step_error=True)
    assert smooth.problem.weak_order == 2
    gauged = compose(
        TavisCummings(10, 10.0, form="A39"), W2S4(dt=0.05), gauge=QuarticDrift(ConditionalSwitch(1.0)),
        observers=[Runaways(bound=10.0)], times=[1.0], trajectories=10, seed=1,
    )  # fmt: skip
    assert gauged.weak_order == 1


def test_a_smooth_pulse_shorter_than_a_step_is_told():
    pulse = sp.exp(-((time - sp.Rational(1, 2)) ** 2) * 20_000)
    with pytest.warns(UserWarning, match="a coefficient changes in time within"):
        result = run({x: pulse}, W2S4(dt=0.05), [0, 1], start=0)
    (told,) = result.warnings
    advised = float(told.split("take dt=")[1].split(" ")[0])
    assert run({x: pulse}, W2S4(dt=advised), [0, 1], start=0).warnings == ()
    ds = run({x: pulse}, W2S4(dt=advised), [0, 1], start=0).dataset
    assert ds["mean"].values[1] == pytest.approx(np.sqrt(np.pi / 20_000), rel=1e-2)
    assert run({x: sp.cos(3 * time) * x}, W2S4(dt=0.05), [0, 10]).warnings == ()


def test_switches_that_cannot_be_found_are_told():
    with pytest.warns(UserWarning, match="steps do not end where a coefficient switches"):
        result = run({x: sp.sign(sp.sin(100_000 * time))}, W2S4(dt=0.25), [0, 1])
    assert result.problem.weak_order == 1


def test_replay_losses_and_files_know_when_cut_steps_begin(tmp_path):
    model = SymbolicModel(SDE({x: until(0.3) * x}, {}), {x: 1})
    result = simulate(
        model, W2S4(dt=0.125), observers=[Moments(x=x), Runaways(bound=1.32)], times=[0.5, 1.0], trajectories=2, seed=1
    )
    path = result.replay([0])
    assert path["time"].values == pytest.approx([0, 0.125, 0.25, 0.275, 0.3, 0.4, 0.5, 0.625, 0.75, 0.875, 1])
    assert path["x"].sel(time=0.275).item() == pytest.approx(np.exp(0.275), rel=1e-6)
    assert result.runaway_time(1.0) == pytest.approx(0.3)
    assert result.replay([0], (0.26, 0.31))["time"].values == pytest.approx([0.25, 0.275, 0.3])
    result.save(tmp_path / "run.nc")
    assert load(tmp_path / "run.nc").runaway_time(1.0) == pytest.approx(0.3)


def test_the_step_error_changes_no_bit_of_a_run_with_cut_steps():
    drift, noise = {x: -until(sp.Rational(1, 3)) * x}, {x: W}
    plain, told = (run(drift, W2S4(dt=0.125), [0, 0.5, 1], noise=noise, step_error=on) for on in (False, True))
    assert np.array_equal(plain.dataset["mean"], told.dataset["mean"])


def test_an_observable_that_switches_has_its_new_value_from_then_on():
    model = SymbolicModel(SDE({x: -x}), {x: 1})
    ds = simulate(
        model, W2S4(dt=0.1), observers=[Moments(on=until(0.5))], times=[0.4, 0.5, 0.6], trajectories=2, seed=1
    ).dataset
    assert ds["on"].values.real.tolist() == [1, 0, 0]
