"""Small systems that users of SDE libraries bring, with their known answers.

A value is right within 5 standard errors (a false alarm has probability 6e-7 for each number) plus twice the measured
step error.
"""

import os
import subprocess
import sys

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
from sdeframe.compiled import cache
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Trajectories

SCHEMES = [EulerMaruyama, StochasticRK2]


def run(sde, initial, integrator, times, trajectories=20_000, values=(), **named):
    """Return the moments of a system with their step errors."""
    model = SymbolicModel(sde, initial=initial, parameters=dict(values))
    result = simulate(
        model, integrator, observers=[Moments(**named)], times=times, trajectories=trajectories, seed=3,
        progress=False, step_error=True,
    )  # fmt: skip
    return result.dataset


def assert_right(ds, name, expected, time=None):
    """Check real and imaginary part of a mean against its known value, at the last time if none is given."""
    at = ds.isel(time=-1) if time is None else ds.sel(time=time)
    difference = complex(at[name]) - complex(expected)
    step_error = complex(at[f"{name}_step_error"])
    real, imag = (5 * float(at[f"{name}{part}"]) for part in ("_se", "_imag_se"))
    rounding = 1e-12
    assert abs(difference.real) <= real + 2 * abs(step_error.real) + rounding, (name, expected, complex(at[name]))
    assert abs(difference.imag) <= imag + 2 * abs(step_error.imag) + rounding, (name, expected, complex(at[name]))


# Real and complex noises


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


# Ensembles: bits, paths, memory


def ornstein_uhlenbeck(**how):
    model = OrnsteinUhlenbeck()
    return simulate(
        model, EulerMaruyama(dt=1 / 128), times=[0.5, 1.0], trajectories=1000, seed=9, progress=False, step_error=True,
        observers=[Moments(**model.observables), Trajectories(range(1000), path=model.observables["x"])], **how,
    ).dataset  # fmt: skip


def test_the_paths_are_distinct_and_the_same_for_any_threads_and_blocks():
    reference = ornstein_uhlenbeck(threads=1)
    assert len(np.unique(reference["path"][:, -1].values)) == 1000
    assert_right(reference, "x_squared", 0.432332)
    for threads in (1, 2, 4):
        for block in (7, 100, 1000):
            assert ornstein_uhlenbeck(threads=threads, block=block).identical(reference), (threads, block)


POOL_SCRIPT = """
import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

import attrs

from sdeframe import SDE, Model, complex_noises, complex_variables, parameters, random_complex_normal, simulate
from sdeframe.integrators import StochasticRK2
from sdeframe.observers import Moments, Trajectories

z, F, k, g = complex_variables("z"), complex_noises("F"), parameters("k"), random_complex_normal("g")


@attrs.frozen
class Mine(Model):
    rate: float = 0.5

    def system(self):
        return SDE({z: -k * z}, {z: (1 + z) * F})

    def initial_state(self):
        return {z: g}

    def parameters(self):
        return {k: self.rate}


def run(**how):
    observers = [Moments(z=z, n=abs(z) ** 2, bound=3.0), Trajectories([0, 41], path=z)]
    return simulate(
        Mine(), StochasticRK2(dt=0.05), observers=observers, times=[0.5, 1.0], trajectories=50, seed=4, block=16,
        progress=False, step_error=True, **how,
    ).dataset


if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert run(executor=pool).identical(run(threads=1))
    print("same bits")
"""


def test_a_model_defined_in_a_script_runs_in_spawned_processes(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(POOL_SCRIPT, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "same bits\n"), done.stderr


MEMORY_SCRIPT = """
import re, resource, sys
from pathlib import Path
import numpy as np
from sdeframe import simulate
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments

trajectories, steps = int(sys.argv[1]), int(sys.argv[2])
model = OrnsteinUhlenbeck(start=1.0)
ds = simulate(
    model, EulerMaruyama(dt=1 / steps), observers=[Moments(**model.observables)], times=np.arange(11) / 10,
    trajectories=trajectories, seed=1, threads=2, progress=False,
).dataset
status = Path("/proc/self/status")
if status.exists():  # getrusage would count what the process that started this one held
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) * 1024 / 1e6
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on a Mac
last = ds.isel(time=-1)
print(peak, float(last["x"].real), float(last["x_se"]), float(last["x_squared"].real), float(last["x_squared_se"]))
"""


def in_a_fresh_process(trajectories, steps, folder):
    """Return the peak memory in MB, and mean and mean square with their errors, of a run."""
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY_SCRIPT, str(trajectories), str(steps)],
        env={**os.environ, "SDEFRAME_CACHE_DIR": str(folder)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [float(number) for number in done.stdout.split()]


@pytest.mark.long
def test_memory_does_not_grow_with_the_trajectories(tmp_path):
    """Keeping two moments at 11 times would take 32 MB more."""
    in_a_fresh_process(10, 20, tmp_path)  # fills the kernel cache: compiling takes memory of its own
    small, large = (in_a_fresh_process(size, 20, tmp_path) for size in (20_000, 200_000))
    assert large[0] < small[0] + 8


@pytest.mark.long
def test_a_million_trajectories_of_a_thousand_steps(tmp_path):
    """The step takes 1e-3·e^(-1)/2 from the mean and adds at most 3e-4 to the mean square: twice that is allowed."""
    in_a_fresh_process(10, 1000, tmp_path)
    small = in_a_fresh_process(20_000, 1000, tmp_path)
    peak, mean, mean_error, square, square_error = in_a_fresh_process(1_000_000, 1000, tmp_path)
    assert abs(mean - 0.367879) < 5 * mean_error + 4e-4
    assert abs(square - mean**2 - 0.432332) < 5 * square_error + 6e-4
    assert peak < small[0] + 16
    assert peak < 400


# Coefficients


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
    monkeypatch.setattr("sdeframe.running.simulation._run_blocks", lambda *_: pytest.fail("ran"))
    z, W = complex_variables("z"), real_noises("W")
    bad = {place: function(z)}
    sde = SDE({z: bad.get("drift", z)}, {z: bad.get("noise", z) * W})
    with pytest.raises(ValueError, match=rf"{name}.* is not supported"):
        run(sde, {z: 1}, EulerMaruyama(dt=0.25), [1.0], value=bad.get("observer", z))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_functions_of_complex_arguments(scheme):
    """A deterministic system with closed form |z|, whose phase turns by |z|²; each function written another way."""
    z = complex_variables("z")
    x, y = sp.re(z), sp.im(z)
    same = sp.Piecewise((conjugate(z) * z, sp.Abs(z) > 0), (0, True)) + sp.Min(x, 9) - x + y - sp.Max(y, -9)
    ds = run(SDE({z: -z / 2 + I * z * same}), {z: 1 + I}, scheme(dt=1 / 256), [1.0], trajectories=3, z=z)
    assert_right(ds, "z", (1 + 1j) * np.exp(-0.5 + 2j * (1 - np.exp(-1))))


def test_a_scan_over_a_parameter_compiles_once():
    x, W, theta = real_variables("x"), real_noises("W"), parameters("theta")
    sde = SDE({x: -theta * x}, {x: W})
    loaded = []
    for value in np.linspace(0.1, 2.0, 20):
        ds = run(sde, {x: 0}, EulerMaruyama(dt=1 / 32), [50.0], 1000, {theta: value}, square=x**2)
        assert_right(ds, "square", (1 - np.exp(-100 * value)) / (2 * value))
        loaded.append(len(cache._functions))
    assert len(set(loaded)) == 1


# Several noises


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


# Nothing random


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
