"""Where work runs: an engine takes numbers of trajectories and gives back sums over them."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, ClassVar, Protocol

import attrs


class Work(Protocol):
    """What is to be done: sums over neighbouring trajectories, which no grouping changes."""

    def prepare(self) -> None:
        """Do what has to be done once a process."""

    def span(self, first: int, last: int, stop: threading.Event | None = None) -> Any:
        """Return the sum over the trajectories from a first one to the one before a last."""


@attrs.frozen(eq=False)
class Done:
    """A sum over the trajectories from a first one to the one before a last."""

    first: int
    last: int
    value: Any
    seconds: float
    """That it took where it was made."""


def perform(work: Work, first: int, last: int, stop: threading.Event | None = None) -> Done:
    """Do some work here."""
    begin = time.perf_counter()
    value = work.span(first, last, stop)
    return Done(first, last, value, time.perf_counter() - begin)


class Engine(ABC):
    """Something that takes tasks and gives back futures of what is done."""

    task_seconds: ClassVar[float] = 0.0
    """Time that a task should take, where handing one out costs something; 0 for one block a task."""
    of_threads: ClassVar[bool] = False
    """Whether all of its threads may wait for a run that waits for one of them."""

    @abstractmethod
    def slots(self) -> int:
        """Return how many tasks keep it busy: few enough to be called back, at work or waiting."""

    @abstractmethod
    def submit(self, first: int, last: int) -> Future[Done]:
        """Take a task."""

    def recall(self, futures: Iterable[Future[Done]]) -> None:
        """Call back tasks that are not taken back yet, as nobody waits for them; called at the end of a run."""
        for future in futures:
            future.cancel()

    @abstractmethod
    def loss(self, error: Exception) -> str | None:
        """Return for a message how workers or tasks were lost, if that is what an error means."""
