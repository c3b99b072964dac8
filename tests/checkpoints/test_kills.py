"""Clients and workers that are killed at random moments: no trajectory is lost or doubled, the bits stay the same."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sdeframe import load
from sdeframe.checkpoints import file
from tests.support.spread_run import OPTIONS, run

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")

SCRIPT = """
    import sys
    from concurrent.futures import ProcessPoolExecutor
    from sdeframe.checkpoints import checkpoint
    from sdeframe.engines.executors import Processes
    from tests.support.spread_run import OPTIONS, run
    checkpoint.EVERY, checkpoint.SHARE, Processes.task_seconds = 0.02, 1e9, 0.05
    def kept(executor=None):
        return run(
            checkpoint="run.ckpt", executor=executor, trajectories=int(sys.argv[2]), block=64,
            observers=OPTIONS["observers"][:2],
        )
    if __name__ == "__main__":
        if sys.argv[1] == "threads":
            result = kept()
        elif sys.argv[1] == "processes":
            with ProcessPoolExecutor(2) as pool:
                result = kept(pool)
        else:
            from distributed import Client, LocalCluster
            with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
                result = kept(Client(cluster))
        result.save("run.nc")
"""


def plain(trajectories):
    return run(trajectories=trajectories, observers=OPTIONS["observers"][:2], block=2048)


class Victim:
    """A run in a process of its own."""

    def __init__(self, folder, engine, trajectories):
        self.kept = folder / "run.ckpt"
        (folder / "script.py").write_text(textwrap.dedent(SCRIPT))
        env = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}
        command = [sys.executable, "script.py", engine, str(trajectories)]
        with (folder / "told").open("wb") as told:
            self.process = subprocess.Popen(
                command, cwd=folder, env=env, stdout=told, stderr=told, start_new_session=True
            )

    def done(self):
        return file.read(self.kept)[0].done if self.kept.exists() else 0

    def wait_for(self, done):
        """Wait until so many trajectories are done; return whether it is still at work."""
        end = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < end:
            if self.done() >= done:
                return True
            time.sleep(0.002)
        return False

    def workers(self):
        """Return its processes that have no children of their own: workers, not their nannies."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid:  # its process group
                parents[int(stat.parent.name)] = int(fields[1])
        return [pid for pid in parents if pid != self.process.pid and pid not in parents.values()]

    def end(self):
        """Kill it with all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def test_a_run_that_is_killed_three_times_gives_the_same_bits(tmp_path):
    before = 0
    for more in (64, 3_000, 9_000):
        victim = Victim(tmp_path, "threads", 40_000)
        assert victim.wait_for(before + more)
        victim.end()
        assert before + more <= victim.done() < 40_000
        before = victim.done()
    victim = Victim(tmp_path, "threads", 40_000)
    assert victim.process.wait(timeout=100) == 0
    assert load(tmp_path / "run.nc").dataset.identical(plain(40_000).dataset)


@pytest.mark.long
def test_a_killed_worker_of_a_pool_ends_the_run_with_what_is_kept(tmp_path):
    victim = Victim(tmp_path, "processes", 400_000)
    assert victim.wait_for(1_000)
    os.kill(victim.workers()[0], signal.SIGKILL)
    assert victim.process.wait(timeout=60) == 1
    told = (tmp_path / "told").read_text().splitlines()[-1]
    assert "a worker ended before its block was done: killed, perhaps for memory" in told
    assert "the bits are the same in a new one; " in told
    assert f"{victim.done()} of 400000 trajectories are done and kept in run.ckpt: the same call goes on" in told
    victim.end()
    victim = Victim(tmp_path, "processes", 400_000)
    assert victim.process.wait(timeout=100) == 0
    assert load(tmp_path / "run.nc").dataset.identical(plain(400_000).dataset)


@pytest.mark.long
def test_fifty_random_kills(tmp_path):
    seed = time.time_ns()
    print("seed", seed)
    chance, kills, trajectories, rounds = random.Random(seed), 0, 4_000_000, 0
    alone = plain(trajectories).dataset
    while kills < 50:
        rounds += 1
        folder = tmp_path / str(rounds)
        folder.mkdir()
        engine, wanted = chance.choice(["threads", "processes", "dask"]), 0
        while True:
            victim = Victim(folder, engine, trajectories)
            wanted = victim.done() + chance.randrange(1, trajectories // 5)
            if not victim.wait_for(wanted):
                break
            workers = victim.workers()
            if engine == "dask" and workers and chance.random() < 0.5:
                os.kill(chance.choice(workers), signal.SIGKILL)  # and the run goes on
                kills += 1
                if not victim.wait_for(victim.done() + chance.randrange(1, trajectories // 5)):
                    break
            elif engine == "processes" and workers and chance.random() < 0.5:
                os.kill(chance.choice(workers), signal.SIGKILL)
                victim.process.wait(timeout=60)
                kills += 1
                victim.end()
                continue
            victim.end()
            kills += 1
        assert victim.process.wait(timeout=100) == 0, (folder / "told").read_text()
        victim.end()
        page, _ = file.read(folder / "run.ckpt")
        assert page.done == trajectories
        assert load(folder / "run.nc").dataset.identical(alone)
        print(f"round {rounds}, {engine}: {kills} kills so far")
