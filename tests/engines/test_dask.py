"""Runs on a cluster of Dask: the same bits, classes of notebooks too, and whatever happens to its workers."""

import os
import signal
import textwrap
import threading
import time
import types
from concurrent.futures import BrokenExecutor

import attrs
import pytest
import xarray as xr
from distributed import Client, LocalCluster

from sdeframe import TargetError, simulate
from sdeframe.engines import clusters
from sdeframe.interfaces import Observer
from tests.support.spread_run import MODEL, OPTIONS, run

pytestmark = pytest.mark.filterwarnings("default")  # those of Dask and its libraries


@pytest.fixture(scope="module")
def client():
    """Two worker processes."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        yield client


def test_a_client_gives_the_same_bits_as_threads(client):
    assert run(executor=client).dataset.identical(run(threads=1).dataset)


@pytest.mark.long
def test_a_run_that_ends_early_is_the_same_and_leaves_nothing_behind(client, caplog):
    early = {"until": TargetError(x=0.011), "trajectories": 100_000, "block": None}
    alone = run(threads=2, **early)
    for _ in range(5):
        assert run(executor=client, **early).dataset.identical(alone.dataset)
    assert alone.problem.trajectories < 6_000
    assert "InvalidStateError" not in caplog.text
    assert run(executor=client).dataset.identical(run(threads=1).dataset)


def test_the_executor_of_a_client_does_too(client):
    assert run(executor=client.get_executor()).dataset.identical(run(threads=1).dataset)


def notebook(text):
    """Return what a notebook's cell defines: names of a module that no other process can import."""
    module = types.ModuleType("__main__")
    exec(textwrap.dedent(text), vars(module))
    return vars(module)


CELL = """
    import attrs
    from sdeframe.integrators import EulerMaruyama
    @attrs.frozen
    class Mine(EulerMaruyama):
        def step(self, f, x, t, dW):
            return x + f.drift(x, t) * dW.dt + f.noise(x, t, dW.path)
"""


def test_a_class_from_a_notebook_works(client):
    scheme = notebook(CELL)["Mine"](dt=0.1)
    result = simulate(MODEL, scheme, executor=client, **OPTIONS)
    assert result.dataset["x"].equals(run(threads=1).dataset["x"])


@attrs.frozen
class Slow(Observer):
    """Takes its time, so that workers can be killed meanwhile."""

    def start(self, ensemble):
        return 0

    def update(self, record, snapshot):
        time.sleep(0.05)

    def finish(self, record):
        return xr.Dataset()


@pytest.mark.long
def test_a_killed_worker_is_made_up_for(client):
    """The nanny of a worker starts another one, and Dask does again what it had in work."""
    victim = next(iter(client.run(os.getpid).values()))
    killer = threading.Timer(0.7, os.kill, (victim, signal.SIGKILL))
    observers = [*run(threads=1).problem.observers, Slow()]
    killer.start()
    result = run(executor=client, observers=observers)
    killer.join()
    assert result.dataset.drop_attrs().identical(run(threads=1).dataset.drop_attrs())
    assert victim not in client.run(os.getpid).values()


class Deadly(Slow):
    """Ends the process of one block, as a system does that runs out of memory."""

    def update(self, record, snapshot):
        if snapshot.first == 40:
            os.kill(os.getpid(), signal.SIGKILL)


def test_a_block_that_kills_every_worker_ends_the_run(client, tmp_path):
    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    told = (
        r"^Dask: workers that had the same task ended one after another.*; \d+ of 96 trajectories are done and kept in"
    )
    with pytest.raises(BrokenExecutor, match=told):
        run(executor=client, observers=[Deadly()], checkpoint=tmp_path / "run.ckpt")


@pytest.fixture
def inside():
    """Four workers that are threads of this process."""
    options = {"n_workers": 4, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        yield client


@pytest.mark.long
def test_few_tasks_are_in_flight(inside, monkeypatch):
    most = []
    submit = clusters.Dask.submit

    def counted(self, first, last):
        most.append(len([f for f in inside.futures.values() if f.status == "pending"]))
        return submit(self, first, last)

    monkeypatch.setattr(clusters.Dask, "submit", counted)
    result = run(executor=inside, trajectories=4_000)
    assert result.dataset.identical(run(threads=1, trajectories=4_000).dataset)
    assert max(most) <= 2 * 4 + 1  # the packed run too
    assert len(most) < 500  # of a thousand blocks


def test_a_client_of_coroutines_is_refused():
    client = types.SimpleNamespace(asynchronous=True)
    with pytest.raises(TypeError, match=r"made without asynchronous=True"):
        clusters.Dask.of(client, None)


def test_a_closed_cluster_is_told():
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster:
        client = Client(cluster)
        threading.Timer(0.5, client.close).start()
        with pytest.raises(Exception, match=r"called tasks back|closed|lost") as caught:
            run(executor=client, observers=[Slow()], trajectories=400)
    assert "\n" not in str(caught.value)
