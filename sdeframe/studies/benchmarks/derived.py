"""``sdeframe bench derived``: from a Hamiltonian to the first step, and what a step costs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from time import perf_counter
from typing import Any, Final

import numpy as np
import sympy as sp
from numba import njit

from sdeframe.compiled.instructions import straight_line
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, derive
from sdeframe.integrators import W2S4
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.kernels.trace import trace_step
from sdeframe.models import BoseHubbard
from sdeframe.observers import Moments
from sdeframe.running.block import Lanes
from sdeframe.running.compose import compose
from sdeframe.running.problem import Problem
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.derived import eight_atoms
from sdeframe.symbolic.symbols import parameters

DT: Final = 1e-3
STEPS: Final = 100
TRAJECTORIES: Final = 8_192
ROUNDS: Final = 5
SCRIPT: Final = (
    "import sys; from sdeframe.studies.benchmarks.derived import print_first_step; print_first_step(*sys.argv[1:])"
)


def tavis_cummings() -> SymbolicModel:
    """Return the Tavis-Cummings model with decay, from its Hamiltonian to (A46)."""
    f, gamma, N = parameters("f gamma N", positive=True)
    a = Boson("a")
    atoms = Emitters("rho", levels="eg", size=N)
    H = f / sp.sqrt(N) * (atoms.sum("eg") * a + atoms.sum("ge") * a.dag())
    derivation = derive(Master(H, [(gamma, atoms.each("ge"))]), PositiveP()).reduce_trace("gg")
    sde = derivation.scale({a: sp.sqrt(N)}, time=f).sde(noise="split")
    return SymbolicModel(sde, dict.fromkeys(sde.state, 1.0), parameters={f: 1.0, gamma: 0.5, N: 10.0})


CASES: Final[dict[str, tuple[Callable[[], Model], float]]] = {
    "Tavis-Cummings": (tavis_cummings, 5.0),
    "Bose-Hubbard, 10 sites": (lambda: BoseHubbard(10), 20.0),
    "8 unequal atoms": (eight_atoms, 20.0),
}
"""Models, and the most seconds to the first step."""


def derived(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Time derivation, first step and first result, in a fresh process without a kernel cache, and later steps."""
    for name, (make, limit) in CASES.items():
        seconds = first_step(name)
        yield Row(name, "derivation: s", seconds["derivation"], reference=1.0, passed=seconds["derivation"] < 1.0)
        first = seconds["first step"]
        yield Row(name, "Hamiltonian to first step: s", first, reference=limit, passed=first < limit)
        yield Row(name, "Hamiltonian to first result: s", seconds["first result"])
        yield Row(name, "start of Python to first result: s", seconds["all"])
        yield from step_rows(name, make(), trajectories or TRAJECTORIES, threads)


def first_step(name: str) -> dict[str, float]:
    """Return what `print_first_step` prints in a fresh process with an empty kernel cache, and its time in all."""
    with tempfile.TemporaryDirectory() as folder:
        begin = perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, name], env={**os.environ, "SDEFRAME_CACHE_DIR": folder},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return {**json.loads(done.stdout), "all": perf_counter() - begin}


def print_first_step(name: str) -> None:
    """Print the seconds from a Hamiltonian to its equations, to the first step and to the first dataset.

    Every run imports xarray; that import is not counted here, but in the time from the start of Python.
    """
    import_module("xarray")
    begin, seconds = perf_counter(), {}
    model = CASES[name][0]()
    model.system()
    seconds["derivation"] = perf_counter() - begin
    Lanes(composed(model), np.zeros(1, dtype=np.uint64)).advance(1)
    seconds["first step"] = perf_counter() - begin
    run_steps(model, 1, 1, 1)
    seconds["first result"] = perf_counter() - begin
    print(json.dumps(seconds))


def composed(model: Model) -> Problem:
    """Return a run of one step."""
    observers = [Moments(mean=model.system().state[0])]
    return compose(model, W2S4(DT), observers=observers, times=[DT], trajectories=1, seed=1)


def run_steps(model: Model, steps: int, trajectories: int, threads: int) -> Any:
    """Run some steps, with the mean of one variable at their end."""
    observers = [Moments(mean=model.system().state[0])]
    return simulate(
        model, W2S4(DT), observers=observers, times=[steps * DT], trajectories=trajectories, seed=1, threads=threads,
        progress=False,
    )  # fmt: skip


def step_rows(name: str, model: Model, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the time of a step for each trajectory and variable, and how much of its arithmetic is packed."""
    variables = len(model.system().state)
    values = [run_steps(model, STEPS, trajectories, threads).seconds for _ in range(1 + ROUNDS)][1:]
    each = 1e9 * float(np.median(values)) / (trajectories * STEPS * variables)
    yield Row(name, "ns per trajectory, step and variable", each, note=f"{variables} variables, {threads} threads")
    share = packed_share(model)
    yield Row(name, "packed share of a step's arithmetic", share, reference=0.9, passed=share > 0.9)


def packed_share(model: Model) -> float:
    """Return the share of a step's additions and multiplications that are instructions on several lanes."""
    problem = composed(model)
    program, lanes = straight_line(trace_step(problem.sde, problem.integrator), problem.lanes), problem.lanes

    @njit("void(float64[::1], float64[::1], float64)", error_model="numpy")
    def step(z: Any, p: Any, t: float) -> None:
        program(z, p, t, z, lanes, 0)

    code = "\n".join(step.inspect_asm().values())
    packed, scalar = (len(re.findall(rf"\bv?(?:add|sub|mul){kind}d\b", code)) for kind in "ps")
    return packed / (packed + scalar)
