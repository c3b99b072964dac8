"""``sdeframe bench scaling``: how runs scale on cores here, what a scheduler costs, and what follows for a cluster."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from sdeframe.engines.choice import engine_for
from sdeframe.engines.clusters import TASKS_A_WORKER, Dask
from sdeframe.engines.engine import Engine
from sdeframe.engines.task_size import COST, LONGEST
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.progress import progress_bar
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.finished import InMemory
from sdeframe.running.ensemble.keeping import Keep
from sdeframe.running.ensemble.run import run_ensemble
from sdeframe.running.ensemble.total import Ensemble
from sdeframe.running.problem import Problem
from sdeframe.running.simulation import run_problem
from sdeframe.studies.benchmarks.kernel import spread
from sdeframe.studies.tables import Row

MODEL: Final = TavisCummings(atoms=100, photons=10.0)
TRAJECTORIES: Final = 4_000_000
ROUNDS: Final = 3
WORKERS: Final = (1, 2, 4, 8, 16, 32, 64)
"""In-process workers of Dask, which cost nothing but what a scheduler does for them."""
TASKS: Final = 500
CORES: Final = (100, 1_000, 10_000)
HOUR: Final = 3600.0
START: Final = 10.0
"""Seconds until a worker has imported and compiled what it runs."""
LEAST: Final = 0.85
CHECKPOINT, DASK = 1.03, 1.10
"""Largest ratios of time to that of threads alone."""


def scaling(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Measure strong and weak scaling here, what checkpoints and Dask cost, and what that means for a cluster.

    The Tavis-Cummings model with 100 atoms and 10 photons to τ = 1 at step 0.01, 11 output times.
    """
    count = trajectories or TRAJECTORIES
    yield from scaling_rows(count, threads)
    yield from engine_rows(count, threads)
    try:
        costs = {workers: scheduler_cost(workers) for workers in WORKERS}
    except ImportError:
        yield Row("Dask", "not installed", 0.0, note="pip install 'sdeframe[dask]'")
        return
    for workers, cost in costs.items():
        yield Row(f"Dask, {workers} in-process workers", "ms a task of one block", 1e3 * cost)
    yield from expected_rows(costs[WORKERS[-1]])


def problem(trajectories: int, **changes: Any) -> Problem:
    """Return the run that is measured."""
    options: dict[str, Any] = {"times": [k / 10 for k in range(11)], "seed": 1} | changes
    observers = [Moments(excited=MODEL.excited)]
    return compose(MODEL, W2S4(dt=0.01), observers=observers, trajectories=trajectories, **options)


def seconds(trajectories: int, threads: int | None, executor: Any = None, keep: Keep | None = None) -> float:
    """Return the wall time of a run."""
    return run_problem(problem(trajectories), threads, executor, progress_bar(None, False), keep).seconds


def scaling_rows(count: int, threads: int) -> Iterator[Row]:
    """Yield how much faster some threads are than one, with the same work and with the same work each."""
    strong, weak = [], []
    for _ in range(ROUNDS):
        alone, together, larger = seconds(count, 1), seconds(count, threads), seconds(threads * count, threads)
        strong.append(alone / (threads * together))
        weak.append(alone / larger)
    for name, values in (("strong", strong), ("weak", weak)):
        value = statistics.median(values)
        note = "1 is perfect; below it where threads share a memory, a clock or other users"
        yield Row(f"{threads} threads", f"{name} scaling, efficiency", value, None, spread(values), LEAST, note=note)


def engine_rows(count: int, threads: int) -> Iterator[Row]:
    """Yield what a checkpoint and Dask's local cluster add to the time of threads, one after the other."""
    yield _ratio("checkpoint / none", CHECKPOINT, lambda: _kept(count, threads), lambda: seconds(count, threads))
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        return
    options: dict[str, Any] = {"n_workers": threads, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        seconds(count, None, client)  # workers import and compile
        yield _ratio("Dask / threads", DASK, lambda: seconds(count, None, client), lambda: seconds(count, threads))


def _kept(count: int, threads: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return seconds(count, threads, keep=Keep(Path(folder) / "run.ckpt"))


def _ratio(name: str, limit: float, measured: Callable[[], float], base: Callable[[], float]) -> Row:
    values = [measured() / base() for _ in range(ROUNDS)]
    value = statistics.median(values)
    return Row("overhead", name, value, None, spread(values), limit, value <= limit)


def scheduler_cost(workers: int) -> float:
    """Return the seconds that a task takes of client and scheduler, beside its own work, with so many workers."""
    from distributed import Client, LocalCluster

    run = problem(TASKS, times=[0.0], block=1)
    run.prepare()
    options: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1, "processes": False, "memory_limit": 0}
    with LocalCluster(**options, dashboard_address=":0") as cluster, Client(cluster) as client:
        there = _seconds_a_task(run, SingleBlocks.of(client, Ensemble(run)))
    with engine_for(Ensemble(run), 1, None) as engine:
        return there - _seconds_a_task(run, engine)


class SingleBlocks(Dask):
    """A cluster that is given one block a task, however short it is."""

    task_seconds: ClassVar[float] = 0.0


def _seconds_a_task(run: Problem, engine: Engine) -> float:
    begin = time.perf_counter()
    run_ensemble(run, engine, InMemory(run), lambda done: None)
    return (time.perf_counter() - begin) / TASKS


def expected_rows(cost: float) -> Iterator[Row]:
    """Yield the efficiency to expect of many cores in a run of an hour, from the cost of a task."""
    for cores in CORES:
        task = min(LONGEST, max(1.0, COST * TASKS_A_WORKER * cores))
        fed = min(1.0, task / (cores * cost))
        value = fed * (1 - START / HOUR) * (1 - task / HOUR)
        note = (
            f"one hour, tasks of {task:g} s, {START:g} s to start, half of the cores idle in the last {2 * task:g} s; "
            f"one client and scheduler, {1e3 * cost:.2f} ms a task; every core as fast as one here"
        )
        yield Row(f"{cores} cores", "efficiency to expect", value, note=note)
