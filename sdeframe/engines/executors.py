"""Engines of the standard library: threads, processes, and whatever has the same interface."""

from __future__ import annotations

import threading
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import ClassVar, Final

import attrs

from sdeframe.engines.engine import Done, Engine, Work, perform
from sdeframe.engines.parcels import Parcel, perform_in_pool

TASKS_A_THREAD: Final = 4
"""Tasks that are handed out at a time: one at work, others so that no thread waits."""
TASKS_AT_A_TIME: Final = 1024
"""The same for an executor of which nothing is known: it may have any number of workers."""


@attrs.frozen(eq=False)
class Threads(Engine):
    """Threads of this process: work is not copied, and stops when told to."""

    of_threads: ClassVar[bool] = True

    executor: ThreadPoolExecutor
    work: Work
    stop: threading.Event
    tasks: int

    def slots(self) -> int:
        """Return a few a thread."""
        return self.tasks

    def submit(self, first: int, last: int) -> Future[Done]:
        """Take a task."""
        return self.executor.submit(perform, self.work, first, last, self.stop)

    def loss(self, error: Exception) -> str | None:
        """Return why threads end, if they have."""
        return f"threads: {error}" if isinstance(error, BrokenExecutor) else None


@attrs.frozen(eq=False)
class Processes(Engine):
    """Processes of this machine: work is pickled once."""

    task_seconds: ClassVar[float] = 1.0

    executor: ProcessPoolExecutor
    parcel: Parcel

    def slots(self) -> int:
        """Return a few a process."""
        return TASKS_A_THREAD * self.executor._max_workers  # type: ignore[attr-defined]

    def submit(self, first: int, last: int) -> Future[Done]:
        """Take a task."""
        return self.executor.submit(perform_in_pool, self.parcel, first, last)

    def loss(self, error: Exception) -> str | None:
        """Return why workers of pools end, if one has."""
        if not isinstance(error, BrokenExecutor):
            return None
        return (
            f"{type(self.executor).__name__}: a worker ended before its block was done: killed, perhaps for memory, or "
            f"begun by a script that makes the pool outside of if __name__ == '__main__'"
        )


@attrs.frozen(eq=False)
class Anywhere(Engine):
    """An executor of which nothing is known but its interface."""

    executor: Executor
    work: Work

    def slots(self) -> int:
        """Return enough for many workers."""
        return TASKS_AT_A_TIME

    def submit(self, first: int, last: int) -> Future[Done]:
        """Take a task."""
        return self.executor.submit(perform, self.work, first, last)

    def loss(self, error: Exception) -> str | None:
        """Return that a worker ended, if one has."""
        lost = isinstance(error, (BrokenExecutor, CancelledError))
        return f"{type(self.executor).__name__}: a worker ended before its block was done" if lost else None
