"""An ensemble on an engine: tasks go out, sums come back, until nothing is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor
from contextlib import closing
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


class InMemory:
    """What is done, as one sum, which ends with the process."""

    def __init__(self, problem: Problem) -> None:
        self.sum = Total.of_none(problem)

    def missing(self, until: int) -> list[Span]:
        """Return all trajectories, as none is done yet."""
        return [(0, until)]

    def add(self, done: Done) -> None:
        """Add what a task has done, in any order."""
        self.sum = self.sum + done.value

    def total(self) -> Total:
        """Return the sum."""
        return self.sum


def run_ensemble(
    problem: Problem,
    engine: Engine,
    finished: Finished,
    advanced: Callable[[int], object],
    flying: Callable[[Flight], object] = lambda _: None,
) -> Total:
    """Return the sum over all trajectories, or over those that are done when the run is left.

    Parameters
    ----------
    problem
        The run.
    engine
        Where it runs.
    finished
        What is done before, and takes in what is done now.
    advanced
        Is told how many trajectories are done with every task.
    flying
        Is given the flight, by which the run can be left.

    Raises
    ------
    BrokenExecutor
        If workers ended and the engine cannot go on without them.
    """
    flight = Flight(engine, Ensemble(problem), Left(deque(finished.missing(problem.trajectories)), problem.block))
    flying(flight)
    try:
        with closing(iter(flight)) as tasks:
            for done in tasks:
                finished.add(done)
                advanced(done.last - done.first)
    except BrokenExecutor as error:
        raise type(error)(f"{error}; the bits are the same in a new one") from None
    return finished.total()
