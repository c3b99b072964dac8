"""One process at a time on a checkpoint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PATIENCE: Final = 2.0
"""Seconds in which the workers of a killed process let go of its lock."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which the system lets go of when this process ends, however it does.

    Raises
    ------
    OSError
        If another process holds it.
    """
    from filelock import FileLock, Timeout

    name = Path(f"{os.path.realpath(path)}.lock")
    lock = FileLock(name, timeout=PATIENCE, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise OSError(
            f"checkpoint={path}: another process is at work on it, which holds the lock {name}: wait until it has "
            f"ended, or give another path"
        ) from None
    try:
        yield
    finally:
        lock.release()
