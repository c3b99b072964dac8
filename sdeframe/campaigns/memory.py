"""What a run will hold in memory beside its first blocks."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from sdeframe.campaigns.pilot import FirstBlocks
from sdeframe.running.ensemble.filing import files_of

HANDED_OUT: Final = 4
"""Blocks of each thread whose records may be there at once."""


def peak_memory() -> int | None:
    """Return the most bytes that this process has held, None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # the same number of the module below would be that of the process it was forked from
        lines = status.read_text(encoding="utf-8").splitlines()
        return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    try:
        resource = import_module("resource")
    except ImportError:
        return None
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # in bytes on macOS


def growth(blocks: FirstBlocks) -> int:
    """Return the bytes that records will take once all blocks are done.

    Sums of independent trajectories are kept once for every level of their tree, those of tied ones once for every
    replicate. What grows with every block is told by two; what is written to files does not.
    """
    problem, (first, *second) = blocks.problem, blocks.two()
    size = held(first.records)
    kept = [k for k in range(len(first.records)) if k not in files_of(problem)]
    both = [held([first.records[k] + other.records[k] for k in kept]) for other in second]
    alone = held([first.records[k] for k in kept])
    each = max([0, *(more - alone for more in both)]) if problem.plan is None else 0
    replicates = 0 if problem.plan is None else problem.trajectories // problem.replicate_size
    copies = HANDED_OUT * blocks.threads + problem.block_count.bit_length() + replicates
    outputs = len(problem.steps) / len(blocks.timed_last.steps)
    return int(outputs * (size * copies + each * problem.block_count))


def held(what: Any) -> int:
    """Return the bytes of the arrays in a record."""
    if isinstance(what, np.ndarray):
        return what.nbytes
    if isinstance(what, dict):
        return sum(map(held, what.values()))
    if isinstance(what, (list, tuple)):
        return sum(map(held, what))
    if attrs.has(type(what)):
        return sum(held(getattr(what, field.name)) for field in attrs.fields(type(what)))
    return 0
