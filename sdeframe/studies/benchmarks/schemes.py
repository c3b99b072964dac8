"""``sdeframe bench schemes``: what the step of every scheme costs, beside its count of operations, and its noise."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numba import njit

from sdeframe.compiled.program import operations
from sdeframe.integrators import RK4, W2S4, EulerMaruyama, Heun, SemiImplicitMidpoint, StochasticRK2
from sdeframe.interfaces.increments import Gaussian, Octagon
from sdeframe.interfaces.integrator import Integrator
from sdeframe.kernels.time_loop import noise_function
from sdeframe.kernels.trace import trace_step
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways
from sdeframe.running.block import Lanes
from sdeframe.running.compose import compose
from sdeframe.running.problem import Problem
from sdeframe.studies.benchmarks.kernel import spread
from sdeframe.studies.tables import Row

MODEL: Final = TavisCummings(atoms=100, photons=10.0)
DT: Final = 1e-3
SCHEMES: Final[dict[str, Integrator]] = {
    "EulerMaruyama": EulerMaruyama(DT),
    "StochasticRK2": StochasticRK2(DT),
    "Heun": Heun(DT),
    "SemiImplicitMidpoint": SemiImplicitMidpoint(DT),
    "RK4": RK4(DT),
    "W2S4": W2S4(DT, increments=Gaussian()),
}
JUDGED: Final = ("StochasticRK2", "Heun", "SemiImplicitMidpoint", "W2S4")
CANDIDATES: Final = (32, 64, 128, 256)
"""Lane counts, of which the best is taken for every scheme."""
LARGEST_RATIO: Final = 1.3
LARGEST_NOISE: Final = 0.45
ROUNDS: Final = 7
UPDATES: Final = 2**20
"""Steps of one trajectory in a round."""


def schemes(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold the arithmetic of every scheme against its count of operations, and increments made of bits against normals.

    Nanoseconds per trajectory and step on one thread; the number of trajectories and threads changes nothing.
    """
    yield from step_rows()
    yield from noise_rows()


def step_rows() -> Iterator[Row]:
    """Yield the cost of a scheme's arithmetic at its best lane count, and its ratio to what Euler-Maruyama predicts."""
    costs = {name: best_cost(scheme, "step") for name, scheme in SCHEMES.items()}
    counts = {name: operations(trace_step(_problem(scheme).sde, scheme)) for name, scheme in SCHEMES.items()}
    for name, (lanes, values) in costs.items():
        note = f"{counts[name]} operations, {lanes} lanes"
        yield Row("A46", f"{name} step", statistics.median(values), None, spread(values), note=note)
    _, base = costs["EulerMaruyama"]
    for name in list(SCHEMES)[1:]:
        predicted = statistics.median(base) * counts[name] / counts["EulerMaruyama"]
        value = statistics.median(costs[name][1]) / predicted
        passed = value <= LARGEST_RATIO if name in JUDGED else None
        yield Row("A46", f"{name}: measured / predicted", value, reference=LARGEST_RATIO, passed=passed)


def noise_rows() -> Iterator[Row]:
    """Yield the cost of the random numbers of a step."""
    timed = {
        "six normals": SCHEMES["EulerMaruyama"],
        "six normals and six signs": SCHEMES["W2S4"],
        "W2S4, four-point": W2S4(DT),
        "W2S4, octagon": W2S4(DT, increments=Octagon()),
    }
    costs = {name: best_cost(scheme, "noise")[1] for name, scheme in timed.items()}
    for name, values in costs.items():
        yield Row("A46", f"random numbers: {name}", statistics.median(values), None, spread(values))
    for name in ("W2S4, four-point", "W2S4, octagon"):
        value = statistics.median(costs[name]) / statistics.median(costs["six normals"])
        yield Row("A46", f"{name} / six normals", value, reference=LARGEST_NOISE, passed=value <= LARGEST_NOISE)


def best_cost(scheme: Integrator, part: str) -> tuple[int, list[float]]:
    """Return the lane count with the smallest median time of a part of the kernel, and its times in nanoseconds."""
    timers = {lanes: timer(_problem(scheme, lanes), part) for lanes in CANDIDATES}
    values: dict[int, list[float]] = {lanes: [] for lanes in timers}
    for _ in range(ROUNDS):
        for lanes, once in timers.items():
            values[lanes].append(once())
    best = min(values, key=lambda lanes: statistics.median(values[lanes]))
    return best, values[best]


def timer(problem: Problem, part: str, ratio: int = 1) -> Callable[[], float]:
    """Return a timer of one part of the kernel on one buffer of lanes, in nanoseconds per trajectory and step.

    Parameters
    ----------
    problem
        The run.
    part
        "step", "bound" or "noise".
    ratio
        Fine steps whose random numbers a step sums.
    """
    lanes, dt = problem.lanes, problem.integrator.dt
    block = Lanes(problem, np.arange(lanes, dtype=np.uint64), ratio)
    function = noise_function(problem.layout, lanes) if part == "noise" else problem.kernel[part]
    steps, zero = UPDATES // lanes, np.uint64(0)

    @njit(error_model="numpy")
    def program(z: Any, parameters: Any, words: Any, ids: Any) -> None:
        for k in range(steps):
            function(z, parameters, k * dt, z, lanes, 0)

    @njit(error_model="numpy")
    def noise(z: Any, parameters: Any, words: Any, ids: Any) -> None:
        for k in range(steps):
            function(z, words, ids, ratio * dt, ratio * k, ratio, False, zero, zero)

    loop = noise if part == "noise" else program
    arguments = block.buffers[0], block.test if part == "bound" else block.parameters, block.words[0], block.ids[0]
    loop(*arguments)

    def once() -> float:
        begin = time.perf_counter()
        loop(*arguments)
        return 1e9 * (time.perf_counter() - begin) / (steps * lanes)

    return once


def _problem(scheme: Integrator, lanes: int | None = None) -> Problem:
    problem = compose(MODEL, scheme, observers=[Runaways()], times=[1.0], trajectories=256, seed=1)
    if lanes is not None:
        problem.__dict__["lanes"] = lanes
    return problem
