"""The law of what an observer keeps."""

from __future__ import annotations

import gc
import sys
from functools import reduce
from itertools import pairwise
from operator import add
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe.checkpoints.archive import packed
from sdeframe.checkpoints.codec import Decoder, Encoder, Shown
from sdeframe.interfaces.observer import Observer
from sdeframe.running.ensemble.filing import filed, files_of
from sdeframe.running.ensemble.total import Ensemble
from sdeframe.running.problem import Problem

if TYPE_CHECKING:
    import xarray as xr

CUTS: Final = (0, 7, 100, 101, 256, 300)
"""Where the trajectories are cut into parts."""
SIZES: Final = (256, 16384)
"""Trajectories of two blocks, both a power of two, so that sums on the tree of both are one node."""
SLACK: Final = 4096
"""Bytes in which what is kept of two blocks may differ beside a factor of two: less than a flag a trajectory."""


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
    """Check that little is left of a block that has run, in its record or on the observer."""
    if files_of(problem):
        one, many = kept(observer, problem, observer.start(problem))[1], _left(observer, problem)
    else:
        one, many = (_left(observer, attrs.evolve(problem, trajectories=count, block=count)) for count in SIZES)
    assert many <= 2 * one + SLACK, (
        f"{observer}: keeps {one} bytes of a block of {SIZES[0]} trajectories and {many} of one of {SIZES[1]}: sum "
        f"what they say, and let go what is needed while a block runs at its last output time"
    )


def _left(observer: Observer, problem: Problem) -> int:
    """Return the bytes that are left in a record once its run is over and its file, if there is one, written."""
    before = _held(problem.observers[0])
    with filed(problem) as written:
        (record,) = written(Ensemble(problem).span(0, problem.trajectories)).records
    grown = _held(problem.observers[0]) - before
    assert grown <= SLACK, (
        f"{observer}: keeps {grown} bytes of {problem.trajectories} trajectories on itself, which no other process "
        f"sees: keep sums in the record"
    )
    return kept(observer, problem, record)[1]


def _held(observer: Observer) -> int:
    """Return the bytes that an observer holds, but for classes, functions and expressions."""
    todo: list[Any] = [observer]
    found: dict[int, int] = {}
    while todo:
        thing = todo.pop()
        if id(thing) not in found and not isinstance(thing, (type, ModuleType, FunctionType, sp.Basic)):
            found[id(thing)] = thing.nbytes if isinstance(thing, np.ndarray) else sys.getsizeof(thing)
            todo += gc.get_referents(thing)
    return sum(found.values())
