"""Which engine an executor is."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sdeframe.engines.clusters import Dask, Ranks
from sdeframe.engines.engine import Engine, Work
from sdeframe.engines.executors import TASKS_A_THREAD, Anywhere, Processes, Threads
from sdeframe.engines.parcels import Parcel
from sdeframe.validators import positive_count, shown


def check_engine(threads: int | None, executor: Any) -> None:
    """Refuse what is no engine, before anything is run.

    Raises
    ------
    TypeError, ValueError
        If the executor is none, there are no threads, or both are given.
    """
    if executor is None:
        positive_count("threads", os.cpu_count() or 1 if threads is None else threads)
    elif not (isinstance(executor, Executor) or _is_client(executor)):
        raise TypeError(
            f"executor={shown(executor)}: must be a concurrent.futures Executor, such as ProcessPoolExecutor() or "
            f"mpi4py's MPIPoolExecutor(), or a dask.distributed Client"
        )
    elif threads is not None:
        raise ValueError(f"threads={threads} and executor={executor!r}: give one of them, the other decides nothing")


@contextmanager
def engine_for(work: Work, threads: int | None, executor: Any) -> Iterator[Engine]:
    """Give the engine of an executor, or of some threads, which stop what they do when it is left.

    Raises
    ------
    TypeError
        If the work cannot be sent to other processes.
    """
    stop = threading.Event()
    try:
        if executor is None:
            count = threads or os.cpu_count() or 1
            with ThreadPoolExecutor(count) as pool:
                try:
                    yield Threads(pool, work, stop, TASKS_A_THREAD * count)
                finally:
                    stop.set()
        elif isinstance(executor, ThreadPoolExecutor):
            yield Threads(executor, work, stop, TASKS_A_THREAD * executor._max_workers)
        else:
            yield _remote(work, executor)
    finally:
        stop.set()


def _remote(work: Work, executor: Any) -> Engine:
    if isinstance(executor, ProcessPoolExecutor):
        return Processes(executor, Parcel.of(work))
    if _is_client(executor):
        return Dask.of(executor, work)
    if _is_pool_of_ranks(executor):
        return Ranks.of(executor, work)
    return Anywhere(executor, work)


def _is_client(executor: Any) -> bool:
    """Tell whether this is a client of Dask; nobody has one who never loaded its library."""
    library = sys.modules.get("distributed")
    return library is not None and isinstance(executor, library.Client)


def _is_pool_of_ranks(executor: Any) -> bool:
    library = sys.modules.get("mpi4py.futures")
    return library is not None and isinstance(executor, library.MPIPoolExecutor)
