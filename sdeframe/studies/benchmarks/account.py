"""``sdeframe bench account``: where the time of a default ``sdeframe run`` goes, cold or warm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from sdeframe.studies.benchmarks.stack_clock import StackClock

if TYPE_CHECKING:
    from sdeframe.studies.tables import Row

MOST_REST: Final = 0.1
"""Share of the total that no part may explain."""
SCRIPT: Final = """
from sdeframe.studies.benchmarks.account import watched
with watched():
    from sdeframe.cli import main
    main()
"""
TIMES_FILE: Final = "seconds.json"
STEPS: Final = "steps"
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "imports": ("<frozen importlib",),
    "compilation": ("/numba/", "/llvmlite/", "/sdeframe/compiled/"),
    STEPS: ("/sdeframe/running/block.py:_call",),
    "exact solution": ("/sdeframe/studies/commands/performing.py:exact_values",),
    "plotting": ("/sdeframe/studies/plotting.py", "/sdeframe/drawing/"),
    "writing": ("/sdeframe/running/result.py:save",),
    "observers": (
        "/sdeframe/observers/", "/sdeframe/sums/", "/sdeframe/running/block.py:snapshot",
        "/sdeframe/running/block.py:run_trajectories", "/sdeframe/running/ensemble/total.py",
    ),
    "derivation": (
        "/sdeframe/studies/commands/parsing.py", "/sdeframe/running/compose.py", "/sdeframe/running/caveats.py",
        "/sdeframe/running/problem.py", "/sdeframe/studies/experiments/",
    ),
}  # fmt: skip
"""Parts with the places in the stack that tell them, a file or file:function; the first part that is found counts."""


def account(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Account for a default ``sdeframe run`` on one thread, with an empty kernel cache and with a full one.

    What runs is looked at every few milliseconds. The steps, which are one compiled function, are divided by how long
    their parts take in loops of their own.
    """
    from sdeframe.studies.tables import Row

    shares = step_shares()
    size = () if trajectories is None else ("--trajectories", str(trajectories))
    with tempfile.TemporaryDirectory() as folder:
        for case in ("cold", "warm"):
            seconds = watched_seconds(Path(folder), "run", "--threads", "1", *size)
            total, steps = sum(seconds.values()), seconds.pop(STEPS, 0.0)
            rest = seconds.pop("rest", 0.0)
            for name, share in shares.items():
                seconds[name] = steps * share
            for name, value in seconds.items():
                yield Row(case, f"{name}: s", value, note=f"{value / total:.0%}")
            yield Row(
                case, "rest: s", rest, reference=MOST_REST * total, passed=rest < MOST_REST * total,
                note=f"{rest / total:.0%}",
            )  # fmt: skip
            yield Row(case, "start of Python to its end: s", total)


def watched_seconds(folder: Path, *arguments: str) -> dict[str, float]:
    """Return the seconds of every part of a command in a process of its own, with the kernel cache in a folder."""
    environment = {**os.environ, "SDEFRAME_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-c", SCRIPT, *arguments]
    begin = perf_counter()
    subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=True)
    total = perf_counter() - begin
    seconds: dict[str, float] = json.loads((folder / TIMES_FILE).read_text(encoding="utf-8"))
    return {"start and end of Python": total - sum(seconds.values()), **seconds}


@contextmanager
def watched() -> Iterator[None]:
    """Write the seconds of the parts of what runs meanwhile to a file."""
    clock = StackClock(PARTS)
    try:
        with clock:
            yield
    finally:
        Path(TIMES_FILE).write_text(json.dumps(clock.seconds), encoding="utf-8")


def step_shares() -> dict[str, float]:
    """Return the shares of random numbers, arithmetic and bound test in the steps of the default run.

    Two thirds of its steps are those of the run itself, the others those of twice the step.
    """
    import statistics

    from sdeframe.integrators import W2S4
    from sdeframe.models import TavisCummings
    from sdeframe.observers import Runaways
    from sdeframe.running.compose import compose
    from sdeframe.studies.benchmarks.schemes import ROUNDS, timer
    from sdeframe.studies.criteria import HIGH

    model = TavisCummings(atoms=10, photons=10.0)
    problem = compose(model, W2S4(0.025), observers=[Runaways(HIGH)], times=[5.0], trajectories=256, seed=1)
    timers = {
        "random numbers": (timer(problem, "noise"), timer(problem, "noise", ratio=2)),
        "arithmetic": (timer(problem, "step"),) * 2,
        "bound test": (timer(problem, "bound"),) * 2,
    }
    cost = {
        name: statistics.median((2 * fine() + coarse()) / 3 for _ in range(ROUNDS))
        for name, (fine, coarse) in timers.items()
    }
    return {name: value / sum(cost.values()) for name, value in cost.items()}
