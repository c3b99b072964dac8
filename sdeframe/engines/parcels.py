"""Work as bytes for other processes: packed once, read once a worker."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final

import attrs

from sdeframe.caches import cached
from sdeframe.engines.engine import Done, Work, perform
from sdeframe.engines.plugins import plugin_versions
from sdeframe.engines.versions import check_versions, versions, worker

WAY_OUT: Final = (
    "put its classes and functions into a module, a file that is imported, or leave the executor out: threads need no "
    "pickling"
)

_reading = threading.Lock()


@attrs.frozen
class Parcel:
    """Work as bytes."""

    versions: Mapping[str, str]
    content: bytes

    @classmethod
    def of(cls, work: Work, dumps: Callable[[Any], Any] = ForkingPickler.dumps, way_out: str = WAY_OUT) -> Parcel:
        """Return work as bytes for other processes.

        Raises
        ------
        TypeError
            If something in it cannot be pickled.
        """
        try:
            content = bytes(dumps(work))
            return cls({**versions(), **plugin_versions(content)}, content)
        except Exception as error:  # of any class, as classes say themselves how they are pickled
            raise TypeError(f"the run cannot be sent to other processes ({error}): {way_out}") from None


def perform_packed(about: Mapping[str, str], content: bytes, way_out: str, first: int, last: int) -> Done:
    """Do some packed work in a worker.

    Raises
    ------
    TypeError
        If a class in it is not known here, such as one from a notebook's cell.
    WorkerVersionError
        If this is another version than the one that packed it.
    """
    check_versions(about)
    with _reading:  # a worker may have several threads, and the work is compiled once
        work = _unpacked(content, way_out)
    return perform(work, first, last)


def perform_in_pool(parcel: Parcel, first: int, last: int) -> Done:
    """Do some packed work in a process of a pool, which ends with its parent."""
    _end_with_parent()
    return perform_packed(parcel.versions, parcel.content, WAY_OUT, first, last)


@cached(1)
def _unpacked(content: bytes, way_out: str) -> Work:
    try:
        work: Work = ForkingPickler.loads(content)
    except Exception as error:  # of any class, as for packing
        raise TypeError(f"{worker()} cannot read the run ({type(error).__name__}: {error}): {way_out}") from None
    work.prepare()
    return work


@cached(1)
def _end_with_parent() -> None:
    """Let this process end when its parent does: a pool's worker would wait for ever for the next block."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
