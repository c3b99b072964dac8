"""Options that say where a command runs, and the exit status of one that was asked to end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import click

ASKED_TO_END: Final = 75
"""Exit status of a command that a signal ended and that can be resumed, EX_TEMPFAIL of sysexits.h."""

ENVIRONMENT: Final = "distributed.nanny.pre-spawn-environ"
MEMORY: Final = {"MALLOC_TRIM_THRESHOLD_": 2**28, "MALLOC_MMAP_THRESHOLD_": 2**25}
"""Memory that workers keep for the next block: Dask's own have new pages each time, which takes a tenth of theirs."""


def engine_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command options that say where it runs."""
    workers = "Number of threads, or of Dask's local workers; all processors if not given."
    threads = click.option("--threads", type=int, help=workers)
    cluster = "Run on a cluster of Dask: one here, or that of a scheduler."
    dask = click.option("--dask", metavar="local|ADDRESS", help=cluster)
    mpi = click.option("--mpi", is_flag=True, help="Run on ranks of MPI: mpiexec -n 4 sdeframe run --mpi")
    return threads(dask(mpi(function)))


def engine_given(threads: int | None, dask: str | None, mpi: bool) -> dict[str, Any]:
    """Return what the options say, as the engine of an experiment."""
    given = {"threads": threads, "dask": dask, "mpi": mpi or None}
    return {name: value for name, value in given.items() if value is not None}


def on_engine(engine: Mapping[str, Any], function: Callable[..., None]) -> None:
    """Call a function with ``threads`` and ``executor``, as an engine of an experiment says."""
    threads, dask = engine.get("threads"), engine.get("dask")
    if engine.get("mpi"):
        _on_ranks(lambda pool: _ending(function, threads=threads, executor=pool))
    elif dask:
        with _client(dask, threads) as client:
            _ending(function, threads=None if dask == "local" else threads, executor=client)
    else:
        _ending(function, threads=threads, executor=None)


def _ending(function: Callable[..., None], **options: Any) -> None:
    """Call a function; where a signal ended it and what was done is kept, leave with a status of its own."""
    from sdeframe.checkpoints.leaving import Interrupted

    try:
        function(**options)
    except Interrupted as asked:
        click.echo(f"sdeframe: {asked}", err=True)
        sys.exit(ASKED_TO_END)


@contextmanager
def _client(where: str, threads: int | None) -> Iterator[Any]:
    """Give a client of Dask, of a cluster of its own or of a scheduler."""
    try:
        from dask import config
        from distributed import Client, LocalCluster
    except ImportError:
        raise ValueError(f"--dask {where}: Dask is not installed: pip install 'sdeframe[dask]'") from None
    if where != "local":
        with Client(where) as client:
            yield client
        return
    workers = threads or os.cpu_count() or 1
    with (
        config.set({ENVIRONMENT: {**config.get(ENVIRONMENT, {}), **MEMORY}}),
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


def _on_ranks(main: Callable[[Any], None]) -> None:
    """Call a function on the first rank, with the others as workers of a pool until it returns."""
    try:
        from mpi4py import MPI
        from mpi4py.futures import MPICommExecutor
    except ImportError:
        raise ValueError("--mpi: mpi4py is not installed: pip install 'sdeframe[mpi]'") from None
    from sdeframe.checkpoints.leaving import SIGNALS

    if MPI.COMM_WORLD.Get_rank():  # the first rank alone answers signals, which launchers send to all
        for name in SIGNALS:
            if name in signal.Signals.__members__:
                signal.signal(signal.Signals[name], signal.SIG_IGN)
    with MPICommExecutor(MPI.COMM_WORLD, root=0) as pool:
        if pool is not None:
            main(pool)
