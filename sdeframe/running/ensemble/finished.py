"""What is done of an ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from sdeframe.engines.engine import Done
from sdeframe.engines.flight import Flight
from sdeframe.engines.left import Span
from sdeframe.running.ensemble.total import Total
from sdeframe.running.problem import Problem


class Finished(Protocol):
    """What is done of an ensemble."""

    def missing(self, first: int, last: int) -> Iterable[Span]:
        """Return what is not done of the trajectories from a first one to the one before a last."""

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
    """What is done, as one sum, which ends with the process.

    Parameters
    ----------
    problem
        The run.
    written
        Writes down what stands in files, and returns the rest of a sum; nothing does if not given.
    """

    def __init__(self, problem: Problem, written: Callable[[Total], Total] = lambda total: total) -> None:
        self.sum, self.trajectories, self.written = Total.of_none(problem), 0, written

    def missing(self, first: int, last: int) -> list[Span]:
        """Return all of them, as none is done yet."""
        return [(first, last)]

    def add(self, done: Done) -> None:
        """Add what a task has done, in any order."""
        self.sum += self.written(done.value)
        self.trajectories += done.last - done.first

    def total(self) -> Total:
        """Return the sum."""
        return self.sum

    def during(self, flight: Flight) -> AbstractContextManager[None]:
        """Return nothing to be done: an interrupt ends the run."""
        return nullcontext()
