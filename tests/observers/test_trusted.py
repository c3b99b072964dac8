"""How long samples of a window can be trusted where trajectories run away, and what is said where they cannot."""

import numpy as np
import pytest

from sdeframe import SDE, Poles, SymbolicModel, conformance, real_noises, real_variables, simulate
from sdeframe.integrators import StochasticRK2
from sdeframe.observers import Spectrum, TimeAverage, Trajectories, TrustHorizon
from sdeframe.running.block import run_trajectories
from sdeframe.sums.estimates import Estimates

x, y, W, V = *real_variables("x y"), *real_noises("W V")
MODEL = SymbolicModel(SDE({x: x**3 / 4 - x, y: -y}, {x: W, y: V}), {x: 1, y: 1}, poles=Poles(scale=1.0, strongest=(x,)))
TIMES = np.linspace(0, 2, 17)
SAID = "is not to be trusted: what enters it can be up to t = "


def run(*observers, model=MODEL, trajectories=400, **options):
    return simulate(
        model, StochasticRK2(dt=1 / 32), observers=observers, times=TIMES, trajectories=trajectories, seed=4,
        progress=False, **options,
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*is not to be trusted")
def test_horizons_are_those_of_what_enters():
    window = (0.5, 2.0)
    entering = {"x": x, "y": y, "both": x * y}
    with pytest.warns(UserWarning, match=f"S {SAID}"):
        result = run(Spectrum(window=window, S=(x, y)), TimeAverage(window=window, m=y), TrustHorizon(**entering))
    found = min(map(result.horizon, entering))
    assert 0 < found < 2.0
    assert (result.horizon("S"), result.horizon("m")) == (found, result.horizon("y"))
    assert [line.startswith(f"{name} {SAID}{found:g} (") for name, line in zip("Sm", result.warnings, strict=True)]


@pytest.mark.parametrize(("apart", "until"), [(1.7, 2.0), (1.8, 0.125)])
def test_the_horizon_ends_before_samples_that_disagree(apart, until):
    """Means at single times can agree where those of a product at two times do not; 1.75 errors are allowed."""
    calm = SymbolicModel(SDE({y: -y}, {y: V}), {y: 1}, poles=Poles(scale=1.0, strongest=(y,), order=2))
    result = run(Spectrum(window=(0.0, 0.25), S=(y, y)), model=calm)
    (record,) = run_trajectories(result.problem, 0, 400).records
    upper, low = (Estimates(np.array([[1.0, m + 0j]]), np.array([[0.0, 1 + 0j]])) for m in (0.0, apart))
    told = record.samples.watch.horizons([("S", "spectrum")], upper, low, np.array([2, 2]))["S_horizon"]
    assert told[1] == until


def test_nothing_is_said_of_a_window_within_the_horizon():
    result = run(Spectrum(window=(0.0, 0.25), S=(x, y)), TimeAverage(window=(0.0, 0.25), m=y))
    assert result.horizon("S") >= 0.25
    assert not result.warnings


@pytest.mark.filterwarnings("ignore:.*is not to be trusted")
def test_who_has_passed_the_bound_does_not_count():
    observers = [Spectrum(window=(0.5, 1.5), bound=12.0, S=(x, y)), TimeAverage(window=(0.5, 1.5), bound=12.0, m=y)]
    ds = run(*observers, Trajectories(range(400), y=y)).dataset
    lives = ~np.isnan(ds["y"].values[:, 12])
    assert 20 < lives.sum() < 380
    assert ds["S_alive"] == ds["m_alive"] == lives.sum()
    assert ds["S_alive"].attrs["bound"] == 12.0
    assert ds["m"].item() == pytest.approx(ds["y"].values[lives, 4:13].mean(), rel=1e-12)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*is not to be trusted")
@pytest.mark.parametrize("kind", [Spectrum, TimeAverage])
def test_the_law_of_observers(kind):
    named = {"S": (x, y), "R": (y, y)} if kind is Spectrum else {"m": y, "n": x}
    conformance.check_observer(kind(window=(0.25, 1.0), **named), MODEL, StochasticRK2(dt=1 / 32), TIMES)
