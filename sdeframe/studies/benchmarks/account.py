"""``sdeframe bench account``: where the time of a default ``sdeframe run`` goes, in a cold process and in a warm one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter, sleep
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sdeframe.studies.tables import Row

EVERY: Final = 0.004
"""Seconds between two looks at what runs."""
MOST_REST: Final = 0.1
"""Share of the total that the parts may leave unexplained."""
SCRIPT: Final = "import sys; from sdeframe.studies.benchmarks.account import watched_run; watched_run(*sys.argv[1:])"
KERNEL: Final = "steps"
DOORS: Final[dict[str, tuple[str, ...]]] = {
    "imports": ("<frozen importlib",),
    "compilation": ("/numba/", "/llvmlite/", "/sdeframe/compiled/"),
    KERNEL: ("/sdeframe/running/block.py:_advance",),
    "random numbers of the start": ("/sdeframe/running/initial_draws.py",),
    "exact solution": ("/sdeframe/studies/commands/run.py:exact_values",),
    "plotting": ("/sdeframe/studies/plotting.py",),
    "writing": ("/sdeframe/running/result.py:save",),
    "observers": ("/sdeframe/observers/", "/sdeframe/sums/", "/sdeframe/running/block.py", "/sdeframe/running/blocks.py:add"),
    "derivation": (
        "/sdeframe/running/compose.py", "/sdeframe/running/caveats.py", "/sdeframe/running/problem.py", "/sympy/",
        "/sdeframe/symbolic/", "/sdeframe/derivation/", "/sdeframe/models/", "/sdeframe/kernels/",
    ),
}  # fmt: skip
"""Parts with the places in a stack that tell them, file or file:function; the first that is found counts."""


def account(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Account for every second of a default ``sdeframe run`` on one thread, with an empty kernel cache and a full one."""
    from sdeframe.studies.benchmarks.kernel_shares import kernel_shares
    from sdeframe.studies.tables import Row

    size = () if trajectories is None else ("--trajectories", str(trajectories))
    shares = kernel_shares()
    with tempfile.TemporaryDirectory() as folder:
        for case in ("cold", "warm"):
            seconds, total = timed_run(folder, *size)
            steps = seconds.pop(KERNEL, 0.0)
            parts = {"start of Python": total - sum(seconds.values()) - steps - seconds.get("rest", 0.0) * 0}
            ...
        yield Row("", "", 0.0)
