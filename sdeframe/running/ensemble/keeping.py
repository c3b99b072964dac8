"""Where what is done of an ensemble is kept: in memory, or in a checkpoint too, which must be one of the same run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs

from sdeframe.checkpoints import file
from sdeframe.checkpoints.checkpoint import Checkpoint
from sdeframe.checkpoints.file import Page
from sdeframe.checkpoints.lock import locked
from sdeframe.files import writable
from sdeframe.running.ensemble.filing import filed, refuse_files
from sdeframe.running.ensemble.finished import Finished, InMemory
from sdeframe.running.ensemble.identity import REPLICATES, follows_from_number, parts
from sdeframe.running.ensemble.total import Total
from sdeframe.running.problem import Problem
from sdeframe.running.provenance import provenance
from sdeframe.running.stopping.rules import Rule
from sdeframe.validators import printable, shown

UNTIL: Final = "until"
"""What a checkpoint says of a run that may end before the most of its trajectories."""


def _path(given: Any) -> Path:
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"checkpoint={shown(given)}: must be the name of a file, such as 'run.ckpt'")
    return Path(given)


@attrs.frozen
class Keep:
    """Where a run is kept, and what on the command line began it."""

    path: Path = attrs.field(converter=_path)
    command: Mapping[str, Any] | None = None


@contextmanager
def finished(problem: Problem, keep: Keep | None, until: Rule | None = None) -> Iterator[Finished]:
    """Give what is done of a run, which a rule may end, and takes in more.

    Raises
    ------
    OSError
        If another process is at work on the checkpoint, or the file of an observer cannot be written.
    TypeError, ValueError
        If the file is no checkpoint, is one of another run, or cannot be written, or no file can hold what observers
        keep.
    """
    if keep is None:
        with filed(problem) as written:
            yield InMemory(problem, written)
        return
    refuse_files(problem, f"no checkpoint holds it, and checkpoint={keep.path} was given: leave one of them out")
    path = writable(keep.path)
    with locked(path):
        yield opened(problem, path, keep.command, until)


def opened(
    problem: Problem, path: Path, command: Mapping[str, Any] | None = None, until: Rule | None = None
) -> Checkpoint:
    """Return what a checkpoint holds of a run, nothing where there is none; nothing is written.

    Raises
    ------
    TypeError, ValueError
        As above.
    """
    try:
        identity = parts(problem)
    except (TypeError, ValueError) as error:
        raise type(error)(f"checkpoint={path}: {error}") from None
    page = Page(
        parts=identity, about=_about(problem, until), command=command, trajectories=problem.trajectories, spans=(),
        seconds=0.0, written="",
    )  # fmt: skip
    empty = Total.of_none(problem)
    kept = Checkpoint(path, page, empty)
    kept.check_holds(empty)
    if path.exists():
        known, members = file.read(path)
        _check_same(problem, path, known, identity)
        kept.read(known, members, partial(_check_sum, problem, empty))
    return kept


def _check_sum(problem: Problem, empty: Total, total: Total) -> None:
    """Raise an error, of any class, unless observers can make of a sum what they make of one over nothing."""
    if total.losses.shape != empty.losses.shape or len(total.records) != len(empty.records):
        raise ValueError("it is no sum of this run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for observer, record in zip(problem.observers, (empty + total).records, strict=True):
            observer.finish(record)


def _about(problem: Problem, until: Rule | None) -> dict[str, str]:
    """Return for people what a run is."""
    known = provenance(problem)
    names = (
        "model_description",
        "gauge",
        "integrator",
        "sampling",
        "seed",
        "first_trajectory",
        "step_error",
        "version_sdeframe",
    )
    times = problem.output_times
    observers = ", ".join(type(observer).__name__ for observer in problem.observers)
    return {
        **{name: str(known[name]) for name in names},
        "times": f"{times[0]:g} to {times[-1]:g}, {len(times)} of them", "observers": observers,
        **({} if until is None else {UNTIL: shown(until)}),
    }  # fmt: skip


def _check_same(problem: Problem, path: Path, known: Page, identity: Mapping[str, str]) -> None:
    """Refuse a checkpoint of another run."""
    names = {*identity, *known.parts}
    other = sorted(name for name in names if identity.get(name) != known.parts.get(name))
    differs = printable(", ".join(other))
    if other and not (known.trajectories != problem.trajectories and all(map(follows_from_number, other))):
        raise ValueError(
            f"checkpoint={path}: holds another run, which differs in {differs}: give another path, or delete this file"
        )
    if other:
        say = ", or say Balanced(block=...) from the first call on" if REPLICATES in other else ""
        raise ValueError(
            f"trajectories={problem.trajectories}: decides {differs} otherwise than the "
            f"{known.trajectories} with which {path} was begun: keep their number, or begin anew at another path{say}"
        )
    held = max((last for _, last in known.spans), default=0) - problem.first_trajectory
    if held > problem.trajectories:
        raise ValueError(
            f"trajectories={problem.trajectories}: {path} holds sums over {held} already, which cannot be taken apart: "
            f"ask for as many at least, or give another path"
        )
