"""Versions on which bits depend, of this process and of others that work for it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from sdeframe.caches import cached
from sdeframe.engines.errors import WorkerVersionError
from sdeframe.engines.plugins import versions_of
from sdeframe.sources import HELD, code_key

LIBRARIES: Final = ("sdeframe", "numba", "llvmlite", "numpy", "sympy")
SOURCES: Final = "sources of sdeframe"


@cached(1)
def versions() -> Mapping[str, str]:
    """Return the versions in this process, by name."""
    python = ".".join(map(str, sys.version_info[:2]))
    return {"Python": python, **{name: version(name) for name in LIBRARIES}, SOURCES: code_key(*HELD)[:12]}


def check_versions(wanted: Mapping[str, str]) -> None:
    """Compare the versions of a client with those of this process.

    Raises
    ------
    WorkerVersionError
        If they differ; both are named. A module that is not here is said where the work is read.
    """
    here = versions()
    here = {**here, **versions_of(name for name in wanted if name not in here)}
    other = [
        f"{name} {here[name]} (the client {there})" for name, there in wanted.items() if here.get(name, there) != there
    ]
    if other:
        raise WorkerVersionError(f"{worker()} has {', '.join(other)}: install the same there, as bits depend on it")


def worker() -> str:
    """Return what this process is called in a message."""
    return f"the worker {platform.node()}, process {os.getpid()},"
