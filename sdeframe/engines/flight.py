"""Tasks on an engine: few at a time, taken back as they come, called back when a run is left."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import BrokenExecutor, Future
from queue import Empty, SimpleQueue
from typing import Final

from sdeframe.engines.engine import Done, Engine, Work, perform
from sdeframe.engines.left import Left, Span
from sdeframe.engines.task_size import TaskSize

PATIENCE: Final = 1.0
"""Seconds after which a pool of threads that runs no block is taken to wait for the thread that waits for it."""
GRACE: Final = 5.0
"""Seconds that tasks at work are waited for once a run is to be left."""


class Flight:
    """Tasks that were given to an engine and are not yet taken back.

    Parameters
    ----------
    engine, work, left
        Where is done what, and what of it is left to do.
    single
        Whether a task is of one block on any engine, as it brings back more the larger it is.
    """

    def __init__(self, engine: Engine, work: Work, left: Left, *, single: bool = False) -> None:
        self.engine, self.work, self.left = engine, work, left
        self.size = TaskSize(0.0 if single else engine.task_seconds)
        self.spans: dict[Future[Done], Span] = {}
        self.arrived: SimpleQueue[Future[Done] | None] = SimpleQueue()
        self.patience = PATIENCE
        self.deadline: float | None = None

    def leave(self) -> None:
        """Hand out nothing more, and end soon; may be called by a signal's handler."""
        self.deadline = time.monotonic() + GRACE
        self.arrived.put(None)  # wakes who waits

    def __iter__(self) -> Generator[Done, None, None]:
        """Give what is done as it comes, in any order, as no bit of a sum on the tree depends on it.

        Raises
        ------
        BrokenExecutor
            If workers ended and the engine cannot go on without them.
        """
        try:
            self._send()
            while self.spans:
                done = self._next()
                if done is None:
                    return
                self.size.measure((done.last - done.first) / self.left.block, done.seconds)
                self._send()
                yield done
        except Exception as error:
            told = self.engine.loss(error)
            if told is None:
                raise
            kind = type(error) if isinstance(error, BrokenExecutor) else BrokenExecutor
            raise kind(told) from None
        finally:  # after an interrupt too: nothing goes on behind the user's back
            if self.spans:
                self.engine.recall(self.spans)

    def _send(self) -> None:
        """Give the engine as much as keeps it busy."""
        slots = self.engine.slots()
        while self.deadline is None and len(self.spans) < slots:
            span = self.left.take(self.size.blocks(self.left.trajectories / self.left.block, slots))
            if span is None:
                return
            future = self.engine.submit(*span)
            self.spans[future] = span
            future.add_done_callback(self.arrived.put)

    def _next(self) -> Done | None:
        """Return what is done next; None where the run is to be left and nothing more comes in time."""
        while True:
            try:
                future = self.arrived.get(timeout=self.patience)  # none would let no interrupt through on Windows
            except Empty:
                taken = self._taken_back() if self.engine.of_threads else None
                if taken is not None:
                    return perform(self.work, *taken)
            else:
                if future is not None and self.spans.pop(future, None) is not None:
                    try:
                        return future.result()
                    except BaseException:
                        if self.deadline is None:
                            raise  # else whoever asked this process to end asked its workers too
            if self.deadline is not None:
                rest = self.deadline - time.monotonic()
                if rest <= 0 or not self.spans:
                    return None
                self.patience = min(rest, PATIENCE)

    def _taken_back(self) -> Span | None:
        """Return a task that no thread would ever begin: all of them may be waiting, as this one is."""
        if not any(future.running() for future in self.spans):
            for future in list(self.spans):
                if future.cancel():
                    self.patience = 0.01
                    return self.spans.pop(future)
        return None
