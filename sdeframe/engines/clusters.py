"""Engines that reach other machines: a scheduler of Dask, ranks of MPI.

They bring work to workers and records back, nothing else; which libraries they are is asked only where such an executor
was given, so that neither need be there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from typing import Any, ClassVar, Final

import attrs

from sdeframe.engines.engine import Done, Engine, Work
from sdeframe.engines.parcels import WAY_OUT, Parcel, perform_packed

TASKS_A_WORKER: Final = 2
"""One at work and one that waits, so that no thread of a worker does."""
LOOK: Final = 1.0
"""Seconds after which it is asked again how many workers there are."""
IMPORTABLE: Final = (
    "ranks of MPI import what they run by name, so put classes and functions into a module, a file that all ranks can "
    "import; run the script as `mpiexec -n 4 python -m mpi4py.futures script.py`, not from a notebook or with -c"
)


@attrs.define(eq=False)
class Dask(Engine):
    """A cluster of Dask: work is pickled by value, kept by the scheduler's workers, and done again where one ends."""

    task_seconds: ClassVar[float] = 1.0

    client: Any
    executor: Executor
    about: Any
    content: Any
    """The future of the packed work, which workers get from each other."""
    asked: float = -LOOK
    workers: int = 1

    @classmethod
    def of(cls, client: Any, work: Work) -> Dask:
        """Return the engine that a client of Dask is.

        Raises
        ------
        TypeError
            If the client answers in coroutines only, or something in the work cannot be pickled.
        """
        import cloudpickle

        if client.asynchronous:
            raise TypeError(f"executor={client}: must be a client that waits, made without asynchronous=True")
        parcel = Parcel.of(work, cloudpickle.dumps)
        content = client.submit(_itself, parcel.content, pure=False)  # a result, which is made again where it is lost
        return cls(client, client.get_executor(pure=False), parcel.versions, content)

    def slots(self) -> int:
        """Return a few a thread of all workers that there are now."""
        now = time.monotonic()
        if now - self.asked >= LOOK:
            self.workers, self.asked = max(1, sum(self.client.nthreads().values())), now
        return TASKS_A_WORKER * self.workers

    def submit(self, first: int, last: int) -> Future[Done]:
        """Take a task."""
        return self.executor.submit(perform_packed, self.about, self.content, WAY_OUT, first, last)

    def recall(self, futures: Iterable[Future[Done]]) -> None:
        """Call back all tasks at the scheduler: a future that is cancelled here fails if its result comes just then."""
        with suppress(Exception):  # a client that was closed, which hides how the run ended
            self.executor.shutdown(wait=False)

    def loss(self, error: Exception) -> str | None:
        """Return why tasks were lost, if they were: those of a worker that ends are done again, some times."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return "Dask: workers that had the same task ended one after another, killed perhaps for memory"
        if isinstance(error, CancelledError):
            return "Dask: the scheduler called tasks back: the connection was lost, or the cluster was closed"
        return None


@attrs.frozen(eq=False)
class Ranks(Engine):
    """Ranks of MPI under `mpi4py.futures`."""

    task_seconds: ClassVar[float] = 1.0

    executor: Any
    parcel: Parcel

    @classmethod
    def of(cls, executor: Any, work: Work) -> Ranks:
        """Return the engine that a pool of ranks is.

        Raises
        ------
        TypeError
            If something in the work cannot be pickled.
        """
        return cls(executor, Parcel.of(work, way_out=IMPORTABLE))

    def slots(self) -> int:
        """Return a few a rank."""
        return TASKS_A_WORKER * max(1, self.executor.num_workers)

    def submit(self, first: int, last: int) -> Future[Done]:
        """Take a task."""
        return self.executor.submit(perform_packed, self.parcel.versions, self.parcel.content, IMPORTABLE, first, last)

    def loss(self, error: Exception) -> str | None:
        """Return that the pool ended, if it has; MPI itself ends all ranks with one that is killed."""
        lost = isinstance(error, (BrokenExecutor, CancelledError))
        return "MPI: the pool of ranks ended before its work was done" if lost else None


def _itself(content: bytes) -> bytes:
    return content
