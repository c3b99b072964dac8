"""The law of what an observer keeps."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, Any, Final

import attrs

from sdeframe.checkpoints.archive import packed
from sdeframe.checkpoints.codec import Decoder, Encoder, Shown
from sdeframe.interfaces.observer import Observer
from sdeframe.running.ensemble.filing import files_of
from sdeframe.running.ensemble.total import Ensemble
from sdeframe.running.problem import Problem

if TYPE_CHECKING:
    import xarray as xr

CUTS: Final = (0, 7, 100, 101, 256, 300)
"""Where the trajectories are cut into parts."""
SIZES: Final = (256, 2048)
"""Trajectories of two blocks, both a power of two, so that sums on the tree of both are one node."""
SLACK: Final = 4096
"""Bytes in which what is kept of two blocks may differ beside a factor of two."""


def recorded(observer: Observer, problem: Problem) -> xr.Dataset:
    """Return what the only observer of a run writes."""
    return observer.finish(Ensemble(problem).span(0, problem.trajectories).records[0])


def check_record(observer: Observer, problem: Problem) -> None:
    """Check that records add in any order, that adding changes none, that they are small and can be kept.

    Parameters
    ----------
    observer
        The only one of the run.
    problem
        The run, of 300 trajectories.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    empty, parts = observer.start(problem), _parts(problem)
    whole = reduce(add, parts, empty)
    written = observer.finish(whole)
    backwards = observer.finish(reduce(add, reversed(parts), empty))
    assert backwards.identical(written), f"{observer}: records that are added in another order give another dataset"
    for left, right in pairwise(parts):
        _ = left + right
    for part, fresh in zip([empty, *parts], [observer.start(problem), *_parts(problem)], strict=True):
        assert observer.finish(part).identical(observer.finish(fresh)), f"{observer}: adding changes what is added"
    for record in (parts[0], whole):
        again = observer.start(problem) + kept(observer, problem, record)[0]
        assert observer.finish(again).identical(observer.finish(record)), (
            f"{observer}: its record comes back from a checkpoint as another one"
        )
    if not files_of(problem):  # what is written is let go where it comes back
        _check_small(observer, attrs.evolve(problem, trajectories=SIZES[1], most=SIZES[1]))


def _parts(problem: Problem) -> list[Any]:
    work = Ensemble(problem)
    return [work.span(first, last).records[0] for first, last in pairwise(CUTS)]


def kept(observer: Observer, problem: Problem, record: Any) -> tuple[Any, int]:
    """Return a record as it comes back from a checkpoint, and its size in bytes."""
    shown, encoder = Shown(observer.start(problem)), Encoder()
    try:
        structure = encoder.encode(record, shown)
        return Decoder(encoder.arrays).decode(structure, shown), len(packed(structure, encoder.arrays))
    except (TypeError, ValueError) as refusal:
        raise AssertionError(f"{observer}: no checkpoint can hold what it keeps: {refusal}") from refusal


def _check_small(observer: Observer, problem: Problem) -> None:
    records = (Ensemble(attrs.evolve(problem, block=count)).span(0, count).records[0] for count in SIZES)
    one, eight = (kept(observer, problem, record)[1] for record in records)
    assert eight <= 2 * one + SLACK, (
        f"{observer}: keeps {one} bytes of a block of {SIZES[0]} trajectories and {eight} of one of {SIZES[1]}: sum "
        f"what they say, and let go what is needed while a block runs at its last output time"
    )
