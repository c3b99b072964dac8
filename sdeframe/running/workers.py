"""Blocks in processes of a pool: the run is pickled once, a worker reads it once, and ends with its parent."""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from typing import Final

from sdeframe.caches import cached
from sdeframe.running.block import BlockRecord, run_block
from sdeframe.running.problem import Problem

WAY_OUT: Final = (
    "put its classes and functions into a module, a file that is imported, or leave the executor out: threads need no "
    "pickling"
)


def packed(problem: Problem) -> bytes:
    """Return a run as bytes for other processes.

    Raises
    ------
    TypeError
        If something in it cannot be pickled.
    """
    try:
        return bytes(ForkingPickler.dumps(problem))
    except Exception as error:  # of any class, as classes say themselves how they are pickled
        raise TypeError(f"the run cannot be sent to other processes ({error}): {WAY_OUT}") from None


def run_packed_block(run: bytes, number: int) -> BlockRecord:
    """Run one block of a run that was packed, in a worker process.

    Raises
    ------
    TypeError
        If a class in it is not known here, such as one from a notebook's cell.
    """
    _end_with_parent()
    return run_block(_unpacked(run), number)


@cached(1)
def _unpacked(run: bytes) -> Problem:
    try:
        problem: Problem = ForkingPickler.loads(run)
    except Exception as error:  # of any class, as for packing
        raise TypeError(f"a worker process cannot read the run ({error}): {WAY_OUT}") from None
    return problem


@cached(1)
def _end_with_parent() -> None:
    """Let this process end when its parent does: a pool's worker would wait for ever for the next block."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
