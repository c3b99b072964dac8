"""Blocks on executors: few at a time, in any order the same bits; workers that die, wait or cannot read are named."""

import os
import random
import re
import subprocess
import sys
import textwrap
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from sdeframe import simulate
from sdeframe.engines import executors, flight
from sdeframe.engines.choice import engine_for
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Runaways, Trajectories
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.finished import InMemory
from sdeframe.running.ensemble.run import run_ensemble
from sdeframe.running.ensemble.total import Ensemble

posix = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
MODEL = OrnsteinUhlenbeck()
RUN = {
    "observers": [Moments(**MODEL.observables), Runaways(1.0), Trajectories([77, 3, 40], path=MODEL.observables["x"])],
    "times": [0.5, 1.0], "trajectories": 96, "seed": 5,
}  # fmt: skip


def run(**changes):
    return simulate(MODEL, EulerMaruyama(dt=0.1), **{**RUN, "progress": False, "block": 4, **changes})


class Hoarding(Executor):
    """Does nothing until it holds so many blocks, then all of them in any order."""

    def __init__(self, limit):
        self.limit, self.waiting, self.most, self.chance = limit, [], 0, random.Random(1)

    def submit(self, function, /, *arguments):
        future = Future()
        self.waiting.append((future, function, arguments))
        self.most = max(self.most, len(self.waiting))
        if len(self.waiting) == self.limit:
            self.chance.shuffle(self.waiting)
            for waiting, work, given in self.waiting:
                waiting.set_result(work(*given))
            self.waiting.clear()
        return future


def test_few_blocks_are_handed_out_at_a_time_and_their_order_changes_no_bit(monkeypatch):
    monkeypatch.setattr(executors, "TASKS_AT_A_TIME", 8)
    engine = Hoarding(8)
    result = run(executor=engine)
    assert engine.most == 8
    assert result.dataset.identical(run(threads=1).dataset)


def test_a_run_of_a_hundred_million_blocks_begins_at_once():
    """All of them handed out first would take an hour."""
    problem = compose(MODEL, EulerMaruyama(dt=0.5), **{**RUN, "trajectories": 10**8, "block": 1})
    done = []

    def enough(trajectories):
        done.append(trajectories)
        if len(done) == 50:
            raise KeyboardInterrupt

    with engine_for(Ensemble(problem), 2, None) as engine, pytest.raises(KeyboardInterrupt):
        run_ensemble(problem, engine, InMemory(problem), enough)


class Interrupted(Hoarding):
    """The user interrupts while the third block is handed out."""

    def submit(self, function, /, *arguments):
        if len(self.waiting) == 2:
            raise KeyboardInterrupt
        return super().submit(function, *arguments)


def test_an_interrupt_while_blocks_are_handed_out_calls_all_of_them_back():
    engine = Interrupted(1000)
    with pytest.raises(KeyboardInterrupt):
        run(executor=engine)
    assert [future.cancelled() for future, _, _ in engine.waiting] == [True, True]


@pytest.mark.parametrize("threads", [1, 2])
def test_runs_in_every_thread_of_the_pool_that_they_are_given_end(monkeypatch, threads):
    monkeypatch.setattr(flight, "PATIENCE", 0.05)
    alone = run(threads=1).dataset
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(run, executor=pool) for _ in range(threads)]:
            assert future.result(timeout=60).dataset.identical(alone)


def test_a_run_that_cannot_be_pickled_is_refused_before_a_process_starts(monkeypatch):
    class Local(EulerMaruyama):
        """A scheme that no other process knows."""

    monkeypatch.setattr(ProcessPoolExecutor, "submit", lambda *_: pytest.fail("was handed out"))
    told = (
        r"^the run cannot be sent to other processes \(.*Local.*\): put its classes .* or leave the executor out: .*$"
    )
    with ProcessPoolExecutor(1) as pool, pytest.raises(TypeError, match=told):
        simulate(MODEL, Local(dt=0.1), executor=pool, progress=False, **RUN)


def test_what_is_no_executor_is_refused_with_the_way_out():
    with pytest.raises(TypeError, match=r"executor='client': .*or a dask.distributed Client"):
        run(executor="client")


def test_no_bar_is_drawn_where_there_is_no_screen(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    assert run(progress=True).dataset.attrs["trajectories"] == 96


PRELUDE = """
    import multiprocessing, os, signal
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
    from sdeframe import simulate
    from sdeframe.integrators import EulerMaruyama
    from sdeframe.models import OrnsteinUhlenbeck
    from sdeframe.observers import Moments
    from visitors import Killed, Named
    model = OrnsteinUhlenbeck()
    def run(pool, integrator, *observers, last=1.0):
        options = {"times": [0.0, last], "trajectories": 2_000, "seed": 1}
        return simulate(model, integrator, executor=pool, observers=observers, **options)
    def workers():
        return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
"""
VISITORS = """
import os, signal, sys
import xarray as xr
from sdeframe.interfaces import Observer
class Named(Observer):
    def start(self, ensemble):
        return 0
    def update(self, record, snapshot):
        open(f"worker-{os.getpid()}", "w").close()
    def finish(self, record):
        return xr.Dataset()
class Killed(Named):
    def update(self, record, snapshot):
        if snapshot.first:
            os.kill(os.getpid(), signal.SIGKILL)
"""
STRANGE = """
    class Mine(EulerMaruyama):
        "From a notebook's cell."
    with workers() as pool:
        for integrator, observer in ((Mine(dt=0.1), Named()), (EulerMaruyama(dt=0.1), Killed())):
            try:
                run(pool, integrator, observer)
            except (TypeError, BrokenExecutor) as error:
                print(type(error).__name__, error, error.__suppress_context__)
"""
ABANDONED = """
    import threading, time, pathlib
    def kill():
        while len(list(pathlib.Path().glob("worker-*"))) < 2:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=kill, daemon=True).start()
    run(workers(), EulerMaruyama(dt=1e-3), Named(), last=100_000.0)
"""


def script(folder, text):
    """Run a script as a notebook would, without a file."""
    (folder / "visitors.py").write_text(VISITORS)
    command = [sys.executable, "-c", textwrap.dedent(PRELUDE) + textwrap.dedent(text)]
    paths = os.pathsep.join([str(folder), *sys.path])
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.mark.long
@posix
def test_a_class_from_a_notebook_and_a_killed_worker_are_told_in_one_line_each(tmp_path):
    done = script(tmp_path, STRANGE)
    unknown, killed = done.stdout.splitlines()
    assert re.match(r"TypeError the worker \S+, process \d+, cannot read the run \(AttributeError: ", unknown)
    assert "'Mine'" in unknown
    assert "put its classes and functions into a module" in unknown
    assert killed.startswith("BrokenProcessPool ProcessPoolExecutor: a worker ended before its block was done")
    assert killed.endswith("True")
    assert done.stderr == ""


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().split()[2] != "Z"


@posix
@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_workers_end_with_a_killed_parent(tmp_path):
    assert script(tmp_path, ABANDONED).returncode == -9
    pids = [file.name.removeprefix("worker-") for file in tmp_path.glob("worker-*")]
    assert len(pids) == 2
    end = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(alive, pids))
