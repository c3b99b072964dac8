"""An ensemble on an engine: tasks go out, sums come back, until nothing is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Protocol

from sdeframe.engines.engine import Done, Engine
from sdeframe.engines.flight import Flight
from sdeframe.engines.left import Left, Span
from sdeframe.running.ensemble.total import Ensemble, Total
from sdeframe.running.problem import Problem


class Finished(Protocol):
    """What is done of an ensemble."""

    def missing(self, until: int) -> Iterable[Span]:
        """Return what is not done of so many trajectories."""

    def add(self, done: Done) -> None:
        """Take in what a task has done."""

    def total(self) -> Total:
        """Return the sum over all that is done."""

    def during(self, flight: Flight) -> AbstractContextManager[None]:
        """Return what is to be done around a flight."""

    @property
    def trajectories(self) -> int:
        """How many are done."""


class InMemory:
    """What is done, as one sum, which ends with the process."""

    def __init__(self, problem: Problem) -> None:
        self.sum, self.trajectories = Total.of_none(problem), 0

    def missing(self, until: int) -> list[Span]:
        """Return all trajectories, as none is done yet."""
        return [(0, until)]

    def add(self, done: Done) -> None:
        """Add what a task has done, in any order."""
        self.sum = self.sum + done.value
        self.trajectories += done.last - done.first

    def total(self) -> Total:
        """Return the sum."""
        return self.sum

    def during(self, flight: Flight) -> AbstractContextManager[None]:
        """Return nothing to be done: an interrupt ends the run."""
        return nullcontext()


def run_ensemble(
    problem: Problem,
    engine: Engine,
    finished: Finished,
    advanced: Callable[[int], object],
) -> Total:
    """Return the sum over all trajectories.

    Parameters
    ----------
    problem
        The run.
    engine
        Where it runs.
    finished
        What is done before, and takes in what is done now.
    advanced
        Is told how many trajectories are done, those that were before first.

    Raises
    ------
    BrokenExecutor
        If workers ended and the engine cannot go on without them.
    """
    flight = Flight(engine, Ensemble(problem), Left(deque(finished.missing(problem.trajectories)), problem.block))
    advanced(finished.trajectories)
    try:
        with finished.during(flight), closing(iter(flight)) as tasks:
            for done in tasks:
                finished.add(done)
                advanced(done.last - done.first)
    except BrokenExecutor as error:
        told = "; ".join((str(error), "the bits are the same in a new one", *getattr(error, "__notes__", ())))
        raise type(error)(told) from None
    return finished.total()
