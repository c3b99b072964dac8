"""``sdeframe bench kernel``: what a step costs, beside a plain loop and beside XMDS2."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numba import njit

from sdeframe.compiled import functions
from sdeframe.compiled.normals import fill_normals
from sdeframe.compiled.random_numbers import key, philox
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, WeightedMoments
from sdeframe.running.simulation import simulate
from sdeframe.studies.benchmarks import xmds
from sdeframe.studies.tables import Row

ATOMS, PHOTONS, DT, END, OUTPUTS = 100, 10.0, 1e-3, 5.0, 51
ROUNDS: Final = 5
"""Everything is timed in turn, round after round; figures are medians, their errors those of the median."""
CASE: Final = f"A46 N={ATOMS} nph={PHOTONS:g}"

PLAIN: Final = Identity()

Timed = Callable[[], float]
"""Runs once and returns nanoseconds per trajectory and step."""


def kernel(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Time a step in nanoseconds, all included, and give ratios within one run (32,768 trajectories, one thread)."""
    count = trajectories or 32_768
    timed: dict[str, Timed] = {
        "Euler-Maruyama": lambda: run(EulerMaruyama(dt=DT), count, 1),
        "StochasticRK2": lambda: run(StochasticRK2(dt=DT), count, 1),
        "Euler-Maruyama, gauged": lambda: run(EulerMaruyama(dt=DT), count, 1, QuarticDrift()),
        "StochasticRK2, gauged": lambda: run(StochasticRK2(dt=DT), count, 1, QuarticDrift()),
        "StochasticRK2, gauged, weighted means": lambda: run(
            StochasticRK2(dt=DT), count, 1, QuarticDrift(), WeightedMoments
        ),
        "Euler-Maruyama, two threads": lambda: run(EulerMaruyama(dt=DT), count, 2),
        "plain numba loop": lambda: plain(max(count // 20, 1)),
    }
    if xmds.installed():
        timed["XMDS2 Euler-Maruyama"] = xmds.prepare(ATOMS, PHOTONS, DT, END, OUTPUTS, max(count // 10, 1))
    nanoseconds = measure(timed)
    for name, values in nanoseconds.items():
        yield Row(CASE, name, statistics.median(values), None, spread(values), note="ns per trajectory and step")
    euler = "Euler-Maruyama"
    yield ratio("plain numba loop", euler, nanoseconds, at_least=10.0)
    if "XMDS2 Euler-Maruyama" in nanoseconds:
        yield ratio("XMDS2 Euler-Maruyama", euler, nanoseconds, at_least=4.0)
    else:
        yield Row(CASE, "XMDS2 / Euler-Maruyama", math.nan, note="not measured: xmds2 is not installed")
    yield ratio("StochasticRK2", euler, nanoseconds, at_most=1.5)
    yield ratio("Euler-Maruyama, gauged", euler, nanoseconds, at_most=1.6)
    yield ratio("StochasticRK2, gauged", "StochasticRK2", nanoseconds, at_most=1.6)
    yield ratio(euler, "Euler-Maruyama, two threads", nanoseconds, at_least=1.7)
    yield from parts()


def measure(timed: dict[str, Timed]) -> dict[str, list[float]]:
    """Return the times of every entry, taken in turn after one run that compiles."""
    for once in timed.values():
        once()
    values: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(ROUNDS):
        for name, once in timed.items():
            values[name].append(once())
    return values


def spread(values: list[float]) -> float:
    """Return the standard error of a median, 1.25 σ/√n."""
    return 1.25 * statistics.stdev(values) / math.sqrt(len(values))


def ratio(
    name: str, by: str, times: dict[str, list[float]], at_least: float | None = None, at_most: float | None = None
) -> Row:
    """Return the median ratio of two entries, round by round; two of its own errors widen its criterion."""
    values = [a / b for a, b in zip(times[name], times[by], strict=True)]
    value, error = statistics.median(values), spread(values)
    limit = at_least if at_most is None else at_most
    passed = value + 2 * error >= at_least if at_least is not None else value - 2 * error <= (at_most or 0.0)
    return Row(
        CASE, f"{name} / {by}", value, None, error, limit, passed, "ratio, at least" if at_least else "ratio, at most"
    )


def run(integrator: Integrator, trajectories: int, threads: int, gauge: Gauge = PLAIN, means: Any = Moments) -> float:
    """Time a whole run: random numbers, bound test and observers at 51 times included."""
    model = TavisCummings(atoms=ATOMS, photons=PHOTONS)
    result = simulate(
        model, integrator, gauge=gauge, observers=[means(excited=model.excited), Runaways()],
        times=np.linspace(0.0, END, OUTPUTS), trajectories=trajectories, seed=1, threads=threads, progress=False,
    )  # fmt: skip
    return 1e9 * result.seconds / (trajectories * END / DT)


@njit(error_model="numpy")
def plain_loop(trajectories: int, steps: int, dt: float, atoms: float, photons: float) -> complex:
    """Integrate (A46) by Euler-Maruyama as one would write it first: complex numbers, numpy's normals."""
    total = 0j
    half, root = np.sqrt(dt / 2), np.sqrt(atoms)
    for _ in range(trajectories):
        a = b = complex(np.sqrt(photons / atoms))
        ree = reg = rge = 0j
        for _ in range(steps):
            f = half * complex(np.random.normal(), np.random.normal())
            fd = half * complex(np.random.normal(), np.random.normal())
            s = half * complex(np.random.normal(), np.random.normal())
            r = np.sqrt(ree)
            da = -1j * reg * dt - 1j * (r * f + reg * s) / root
            db = 1j * rge * dt + 1j * (r * fd + rge * s) / root
            dree = 1j * (reg * b - rge * a) * dt - ree * np.conj(s) / root
            dreg = 1j * (2 * ree - 1) * a * dt + (r * np.conj(fd) - reg * np.conj(s)) / root
            drge = -1j * (2 * ree - 1) * b * dt + (r * np.conj(f) - rge * np.conj(s)) / root
            a, b, ree, reg, rge = a + da, b + db, ree + dree, reg + dreg, rge + drge
            if not max(abs(ree), abs(reg), abs(rge)) < 1e3:
                break
        total += ree
    return total / trajectories


def plain(trajectories: int) -> float:
    """Time the plain loop."""
    steps = round(END / DT)
    begin = time.perf_counter()
    plain_loop(trajectories, steps, DT, float(ATOMS), PHOTONS)
    return 1e9 * (time.perf_counter() - begin) / (trajectories * steps)


LANES, REPEATS = 256, 4_000


@njit(error_model="numpy")
def only_bits(z: Any, ids: Any, k0: Any, k1: Any) -> None:
    """Make the random bits of six normals."""
    for step in range(REPEATS):
        for channel in range(3):
            for lane in range(LANES):
                w = philox(ids[lane], np.uint64(0), np.uint64(step), np.uint64(channel << 16), k0, k1)
                z[lane] += np.float64(w[0] ^ w[1] ^ w[2] ^ w[3])


@njit(error_model="numpy")
def six_normals(z: Any, ids: Any, k0: Any, k1: Any) -> None:
    """Make six normals."""
    for step in range(REPEATS):
        for channel in range(3):
            fill_normals(z, 2 * channel * LANES, LANES, ids, step, channel, 0, 0, k0, k1, 1.0)


@njit(error_model="numpy")
def loop_exp(z: Any, ids: Any, k0: Any, k1: Any) -> None:
    """Take exponentials."""
    for _ in range(REPEATS):
        for lane in range(LANES):
            z[LANES + lane] = functions.exp(z[lane])


@njit(error_model="numpy")
def loop_tanh(z: Any, ids: Any, k0: Any, k1: Any) -> None:
    """Take hyperbolic tangents."""
    for _ in range(REPEATS):
        for lane in range(LANES):
            z[LANES + lane] = functions.tanh(z[lane])


def parts() -> Iterator[Row]:
    """Yield what the parts of a step cost by themselves."""
    z, ids = np.linspace(-2.0, 2.0, 6 * LANES), np.arange(LANES, dtype=np.uint64)

    def once(function: Any) -> Timed:
        def timed() -> float:
            begin = time.perf_counter()
            function(z, ids, *key(1))
            return 1e9 * (time.perf_counter() - begin) / (REPEATS * LANES)

        return timed

    names: dict[str, Timed] = {
        "bits of six normals": once(only_bits), "six normals": once(six_normals),
        "exp": once(loop_exp), "tanh": once(loop_tanh), **step_parts(),
    }  # fmt: skip
    for name, values in measure(names).items():
        yield Row("parts", name, statistics.median(values), None, spread(values), note="ns per trajectory")


def step_parts() -> dict[str, Timed]:
    """Return the arithmetic of a step and the bound test, as they stand in the kernels."""
    from sdeframe.running.block import Lanes
    from sdeframe.running.compose import compose

    model = TavisCummings(atoms=ATOMS, photons=PHOTONS)
    timed: dict[str, Timed] = {}
    for integrator in (EulerMaruyama(dt=DT), StochasticRK2(dt=DT)):
        problem = compose(model, integrator, observers=[Runaways()], times=[1.0], trajectories=LANES, seed=1)
        block = Lanes(problem, np.arange(problem.lanes, dtype=np.uint64))
        for part in ("step", "bound"):
            timed[f"{type(integrator).__name__} {part}"] = repeat(problem.kernel[part], block, part)
    return timed


def repeat(function: Any, block: Any, part: str) -> Timed:
    """Return a timer of one part of a kernel on a block."""
    parameters, lanes = block.parameters if part == "step" else np.array([1e6]), block.ids.size

    @njit(error_model="numpy")
    def loop(z: Any, parameters: Any) -> None:
        for _ in range(REPEATS):
            function(z, parameters, 0.0, z, lanes, 0)

    def timed() -> float:
        begin = time.perf_counter()
        loop(block.buffers[0], parameters)
        return 1e9 * (time.perf_counter() - begin) / (REPEATS * block.ids.size)

    return timed
