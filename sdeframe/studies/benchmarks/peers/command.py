"""``sdeframe bench peers``: the same problem in other programs, each in an environment of its own."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from sdeframe.studies.benchmarks.peers.answers import Answer, wrong
from sdeframe.studies.benchmarks.peers.catalogue import NAMES, QUTIP
from sdeframe.studies.benchmarks.peers.homodyne import homodyne_rows
from sdeframe.studies.benchmarks.peers.steps import (
    END,
    MODEL,
    TASK,
    Known,
    asked,
    own_rounds,
    own_rows,
    peer_rows,
    quoted_rows,
)
from sdeframe.studies.benchmarks.peers.total_error import bias_at, biases, error_rows
from sdeframe.studies.benchmarks.sampling_levels import Case
from sdeframe.studies.tables import Row, show_table


def processor() -> str:
    """Return what the processor is called."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                wide = " with AVX-512" if "avx512f" in Path("/proc/cpuinfo").read_text(encoding="utf-8") else ""
                return line.partition(":")[2].strip() + wide
    return platform.processor() or platform.machine()


def selected(text: str | None) -> tuple[str, ...]:
    """Return the peers of a list with commas; none stands for all.

    Raises
    ------
    ValueError
        If there is no such peer.
    """
    names = tuple(part.strip() for part in text.split(",")) if text is not None else ()
    for name in names:
        if name not in NAMES:
            raise ValueError(f"--only {text}: there is no peer {name!r}, only {', '.join(NAMES)}")
    return names


def rows(only: tuple[str, ...]) -> Iterator[Row]:
    """Yield what a step costs, then the second problem, then times to a total error."""
    own = own_rounds()
    yield from own_rows(own)
    ladders = biases(Case(MODEL, END, {}))
    known = Known(
        float(MODEL.exact([END])["excited"][0]), own["euler"][0].spread,
        {scheme: bias_at(found, TASK["dt"]) for scheme, found in ladders.items()},
    )  # fmt: skip
    costs: dict[str, dict[str, float]] = {}
    for name, said, base in asked(only):
        yield from peer_rows(name, said, base, known)
        if not isinstance(said, Exception):
            right = {answer.scheme: answer for answer in said if not _wrong(answer, known)}
            costs |= {name: {s: a.nanoseconds(TASK["steps"]) for s, a in right.items()}} if right else {}
    yield from quoted_rows()
    if not only or QUTIP.name in only:
        yield from homodyne_rows()
    if costs:
        yield from error_rows(costs)


def _wrong(answer: Answer, known: Known) -> str:
    return wrong(answer, known.exact, known.biases[answer.scheme], known.spread)


@click.command("peers")
@click.option("--only", help=f"Peers with commas between them, of {', '.join(NAMES)}; all if not given.")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write the rows to this file as well.")
def peers(only: str | None, file: str | None) -> None:
    """Time other programs on the same problem, one thread on one core each, and hold their means against exact.

    Environments are made where they are missing, which takes a network and minutes.
    """
    show_table(f"Peers on one core of {processor()}", rows(selected(only)), file)
