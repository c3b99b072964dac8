"""Ensembles as users know them from elsewhere: distinct paths, spawned processes, memory, one compilation."""

import os
import subprocess
import sys

import numpy as np
import pytest

from sdeframe import (
    SDE,
    parameters,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.compiled import cache
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Trajectories
from tests.support.small_systems import assert_right, run


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


@pytest.mark.long
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
    for size in (10, 100_000):  # fills the kernel cache, as small and large runs do: compiling takes memory of its own
        in_a_fresh_process(size, 20, tmp_path)
    small, large = (in_a_fresh_process(size, 20, tmp_path) for size in (20_000, 200_000))
    assert large[0] < small[0] + 8


@pytest.mark.long
def test_a_million_trajectories_of_a_thousand_steps(tmp_path):
    """The step takes 1e-3·e^(-1)/2 from the mean and adds at most 3e-4 to the mean square: twice that is allowed."""
    for size in (10, 100_000):
        in_a_fresh_process(size, 1000, tmp_path)
    small = in_a_fresh_process(20_000, 1000, tmp_path)
    peak, mean, mean_error, square, square_error = in_a_fresh_process(1_000_000, 1000, tmp_path)
    assert abs(mean - 0.367879) < 5 * mean_error + 4e-4
    assert abs(square - mean**2 - 0.432332) < 5 * square_error + 6e-4
    assert peak < small[0] + 16
    assert peak < 400


def test_a_scan_over_a_parameter_compiles_once():
    x, W, theta = real_variables("x"), real_noises("W"), parameters("theta")
    sde = SDE({x: -theta * x}, {x: W})
    loaded = []
    for value in np.linspace(0.1, 2.0, 20):
        ds = run(sde, {x: 0}, EulerMaruyama(dt=1 / 32), [50.0], 1000, {theta: value}, square=x**2)
        assert_right(ds, "square", (1 - np.exp(-100 * value)) / (2 * value))
        loaded.append(len(cache._functions))
    assert len(set(loaded)) == 1
