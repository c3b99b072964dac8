"""Kernels: vectorised, the same bits for any lane width, and the private cache."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from numba import njit

from sdeframe import SDE, SymbolicModel, complex_noises, complex_variables, simulate
from sdeframe.compiled import cache
from sdeframe.compiled.instructions import straight_line
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.kernels import time_loop
from sdeframe.kernels.lane_count import lane_count
from sdeframe.kernels.layout import Layout
from sdeframe.kernels.trace import trace_step
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways


def ring(size):
    """A ring of coupled modes with square-root noise: as many variables as wanted, none of them simple."""
    a = complex_variables(f"a:{size}")
    F = complex_noises("F:3")
    drift = {a[i]: -sp.I * a[(i + 1) % size] * sp.conjugate(a[i]) * a[i] - a[i] / 2 for i in range(size)}
    noise = {a[i]: sp.sqrt(a[i - 1]) * F[i % 3] + a[i] * sp.conjugate(F[(i + 1) % 3]) for i in range(size)}
    return SDE(drift=drift, noise=noise)


@pytest.mark.parametrize("size", [5, 6, 10, 34])
def test_the_step_is_packed_arithmetic(size):
    system, integrator = ring(size), EulerMaruyama(dt=1e-3)
    program, lanes = trace_step(system, integrator), lane_count(Layout.of(system, integrator).rows)
    make = straight_line(program, lanes)

    @njit("void(float64[::1], float64[::1], float64)", error_model="numpy")
    def step(z, p, t):
        make(z, p, t, z, lanes, 0)

    code = "\n".join(step.inspect_asm().values())
    packed, scalar = (len(re.findall(rf"\bv?(?:add|sub|mul){kind}d\b", code)) for kind in ("p", "s"))
    assert packed > 4 * size
    assert scalar < packed / 10


def small_run(**changes):
    model = TavisCummings(atoms=10, photons=10.0)
    settings = {
        "observers": [Moments(excited=model.excited, bound=10.0), Runaways(bound=20.0)],
        "times": np.linspace(0.0, 4.0, 5), "trajectories": 300, "seed": 7, "progress": False, "step_error": True,
    }  # fmt: skip
    return simulate(model, StochasticRK2(dt=0.02), **{**settings, **changes})


@pytest.mark.long
def test_the_bits_do_not_depend_on_the_lane_width(monkeypatch):
    reference = small_run().dataset
    assert reference["alive"][-1] < 300  # somebody is lost, so that freezing is part of the test
    monkeypatch.setattr("sdeframe.running.problem.lane_count", lambda rows: 32)
    assert small_run().dataset.identical(reference)


def test_a_second_run_of_the_same_structure_neither_traces_nor_compiles(monkeypatch):
    small_run()
    monkeypatch.setattr(cache, "exec", lambda *_: pytest.fail("compiled"), raising=False)
    monkeypatch.setattr("sdeframe.kernels.trace.TracedSystem", lambda *_: pytest.fail("traced"))
    small_run(seed=8)
    known = len(cache._functions)
    model = TavisCummings(atoms=33, photons=2.0, decay=0.3)
    monkeypatch.undo()
    simulate(
        model, StochasticRK2(dt=0.05), observers=[Moments(excited=model.excited, bound=10.0)], times=[1.0],
        trajectories=10, seed=1,
    )  # fmt: skip
    assert len(cache._functions) == known  # other parameters, another step: the same code


SCRIPT = """
import numpy as np
from sdeframe import parameters, real_variables
from sdeframe.kernels.time_loop import evaluate_kernel
from sdeframe.kernels.trace import trace_expressions
x, p = real_variables("x"), parameters("p")
kernel = evaluate_kernel(trace_expressions((p * x**2,), (x,), (p,)), 8)
out = np.empty((2, 1, 8))
kernel(np.arange(8.0)[None], np.array([0.0, 3.0]), 0.0, out)
print(out[0, 0].tolist())
"""
SQUARES = str([3.0 * k**2 for k in range(8)]) + "\n"


def run_script(folder):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**os.environ, "SDEFRAME_CACHE_DIR": str(folder)},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_the_kernel_cache_is_private_and_used(tmp_path):
    assert run_script(tmp_path) == SQUARES
    folder = tmp_path / "kernels"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = {f: f.stat().st_mtime_ns for f in folder.rglob("*.nb?")}
    assert written
    assert run_script(tmp_path) == SQUARES
    assert {f: f.stat().st_mtime_ns for f in folder.rglob("*.nb?")} == written


@pytest.mark.long
def test_a_cached_source_that_was_changed_is_not_trusted(tmp_path):
    assert run_script(tmp_path) == SQUARES
    for file in (tmp_path / "kernels").glob("*.py"):
        file.write_text("raise SystemExit('changed')", encoding="utf-8")
    assert run_script(tmp_path) == SQUARES


def test_compiled_code_depends_on_the_modules_that_it_holds():
    held = {"instructions", *re.findall(r"from sdeframe\.compiled\.(\w+)", time_loop.IMPORTS)}
    assert {"crossings", "random_numbers", "bit_increments", "jit"} <= held
    assert len(held) == 1 + time_loop.IMPORTS.count("from sdeframe")  # nothing of another room
    folder = Path(cache.__file__).parent
    files = [*(folder / f"{name}.py" for name in held), *(folder / "functions").glob("*.py")]
    assert all(file.read_text(encoding="utf-8") in cache._environment() for file in files)


def test_a_folder_that_others_can_read_is_not_used(tmp_path):
    folder = tmp_path / "kernels"
    folder.mkdir(mode=0o755)
    assert run_script(tmp_path) == SQUARES
    assert not list(folder.iterdir())


def test_a_real_variable_stays_real_and_a_model_of_one_runs():
    a, F = complex_variables("a"), complex_noises("F")
    model = SymbolicModel(SDE(drift={a: -a}, noise={a: F}), initial={a: 0})
    result = simulate(model, EulerMaruyama(dt=0.1), observers=[Moments(a=a)], times=[1.0], trajectories=1, seed=1)
    assert np.isnan(result.dataset["a_se"].item())  # one trajectory has no spread to show
