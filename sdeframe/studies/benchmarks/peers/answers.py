"""What a peer's program says, and whether it is right."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from sdeframe.studies.benchmarks import xmds
from sdeframe.studies.benchmarks.peers.catalogue import SINGLE, XMDS2, Peer
from sdeframe.studies.benchmarks.peers.environments import PROGRAMS, MissingPeerError, interpreter, last_line

LIMIT: Final = 5.0
"""Standard errors by which a mean may be off beyond the bias of its scheme."""
SPREAD_LIMIT: Final = 7.0
"""By which share over √n a spread may be off: five errors of one whose kurtosis is 9."""
LONGEST: Final = 600
"""Seconds a program may take."""


@attrs.frozen
class Answer:
    """What a scheme of a peer came to, round by round."""

    scheme: str
    trajectories: int
    seconds: tuple[float, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]
    first: float
    """Seconds of the first run, with compilation."""
    version: str

    def nanoseconds(self, steps: int) -> float:
        """Return the median time of a trajectory's step."""
        return 1e9 * statistics.median(self.seconds) / (self.trajectories * steps)

    @property
    def compilation(self) -> float:
        """Seconds of the first run beyond those of another."""
        return max(0.0, self.first - statistics.median(self.seconds))

    @property
    def spread(self) -> float:
        """Standard deviation of a trajectory."""
        return statistics.fmean(self.errors) * math.sqrt(self.trajectories)


def ask(peer: Peer, task: Mapping[str, Any]) -> list[Answer]:
    """Run a peer's program on a task.

    Raises
    ------
    MissingPeerError
        If it cannot be installed, fails or says nothing that can be read.
    """
    python = interpreter(peer.requirements)
    runs = [{"scheme": scheme, "trajectories": count} for scheme, count in peer.schemes.items()]
    text = json.dumps({**task, "runs": runs, "packages": list(peer.packages)})
    try:
        with tempfile.TemporaryDirectory() as folder:  # where a program may write what it compiles
            done = subprocess.run(
                [python, str(PROGRAMS / peer.script)], input=text, capture_output=True, text=True, check=False,
                env={**os.environ, **SINGLE}, timeout=LONGEST, cwd=folder,
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise MissingPeerError(f"took more than {LONGEST} s") from None
    if done.returncode:
        raise MissingPeerError(f"failed: {last_line(done.stderr)}")
    return answers(done.stdout)


def answers(text: str) -> list[Answer]:
    """Return what the last line of a program's output says."""
    try:
        said = json.loads(text.splitlines()[-1])
        version = ", ".join(f"{name} {number}" for name, number in said["versions"].items())
        return [
            Answer(
                str(run["scheme"]), int(run["trajectories"]), _numbers(run["seconds"]), _numbers(run["means"]),
                _numbers(run["errors"]), float(run["first"]), version,
            )
            for run in said["runs"]
        ]  # fmt: skip
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise MissingPeerError(f"said nothing that can be read: {error!r}"[:120]) from None


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def ask_xmds(task: Mapping[str, Any], schemes: Mapping[str, int] = XMDS2) -> list[Answer]:
    """Run XMDS2 on a task; the compilation is that of its program.

    Raises
    ------
    MissingPeerError
        If it is not installed.
    """
    if not xmds.installed():
        raise MissingPeerError("not installed: no xmds2, a Debian package")
    return [_ask_xmds(task, scheme, count) for scheme, count in schemes.items()]


def _ask_xmds(task: Mapping[str, Any], scheme: str, count: int) -> Answer:
    begin = time.perf_counter()
    end = task["steps"] * task["dt"]
    run: Callable[[], Path] = xmds.build(task["atoms"], task["photons"], task["dt"], end, 2, count, scheme)
    run()
    first, seconds = time.perf_counter() - begin, []
    for _ in range(task["rounds"]):
        begin = time.perf_counter()
        mean, error = xmds.last_mean(run())
        seconds.append(time.perf_counter() - begin)
    return Answer(scheme, count, tuple(seconds), (mean,), (error,), first, "xmds2")


def deviation(answer: Answer, exact: float, bias: float) -> float:
    """Return by how many standard errors the worst mean is off beyond a bias, or infinity where one is no number."""
    beyond = [
        max(0.0, abs(mean - exact) - abs(bias)) / error if error > 0 and math.isfinite(mean) else math.inf
        for mean, error in zip(answer.means, answer.errors, strict=True)
    ]
    return max(beyond)


def wrong(answer: Answer, exact: float, bias: float, spread: float) -> str:
    """Return what is wrong with an answer, or nothing: its mean, or how far its trajectories spread."""
    off = deviation(answer, exact, bias)
    if not off < LIMIT:
        return f"wrong: the mean is {off:.3g} standard errors off"
    if not abs(answer.spread / spread - 1) < SPREAD_LIMIT / math.sqrt(answer.trajectories):
        return f"wrong: trajectories spread by {answer.spread:.3g}, not {spread:.3g}"
    return ""
