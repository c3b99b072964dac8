"""Blocks of a run on an executor: few at a time, their records added as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.running.block import BlockRecord, run_block
from sdeframe.running.problem import Problem
from sdeframe.running.workers import packed, run_packed_block

PATIENCE: Final = 1.0
"""Seconds after which a pool of threads that runs no block is taken to wait for the thread that waits for it."""


@attrs.define
class Total:
    """The sum of the blocks so far; losses[q, k] counts who passed bound q at step k, the weight's bound last."""

    records: list[Any]
    losses: NDArray[np.int64]

    @classmethod
    def of_none(cls, problem: Problem) -> Total:
        """Return the sum of no blocks."""
        shape = len(problem.bounds) + problem.layout.weighted, problem.steps[-1] + 1
        return cls([observer.start(problem) for observer in problem.observers], np.zeros(shape, dtype=np.int64))

    def add(self, block: BlockRecord) -> None:
        """Add a block, in any order."""
        self.records = [a + b for a, b in zip(self.records, block.records, strict=True)]
        for counts, steps in zip(self.losses, block.losses, strict=True):
            np.add.at(counts, steps, 1)


def run_blocks(problem: Problem, engine: Executor, at_a_time: int, advanced: Callable[[int], object]) -> Total:
    """Return the sum of all blocks.

    Parameters
    ----------
    problem
        The run.
    engine
        Where blocks run.
    at_a_time
        Blocks that it is given before one of them is done: enough to keep it busy, few enough to be called back.
    advanced
        Is told how many trajectories are done with every block.

    Raises
    ------
    TypeError
        If the run cannot be sent to the processes of a pool.
    BrokenExecutor
        If a worker of a pool ended.
    """
    total = Total.of_none(problem)
    flight = _Flight(problem, engine)
    try:
        flight.send(at_a_time)
        while flight.numbers:
            record = flight.next_record()
            flight.send(1)
            total.add(record)
            advanced(record.trajectories)
    except BrokenExecutor as error:
        raise type(error)(
            f"{type(engine).__name__}: a worker ended before its block was done: killed, perhaps for memory, or begun "
            f"by a script that makes the pool outside of if __name__ == '__main__'; the bits are the same in a new pool"
        ) from None
    except BaseException:  # an interrupt too: nothing goes on behind the user's back
        flight.call_back()
        raise
    return total


class _Flight:
    """Blocks that were given to an executor and are not yet added."""

    def __init__(self, problem: Problem, engine: Executor) -> None:
        self.problem, self.engine = problem, engine
        self.left: Iterator[int] = iter(range(problem.block_count))
        self.numbers: dict[Future[BlockRecord], int] = {}
        self.done: SimpleQueue[Future[BlockRecord]] = SimpleQueue()
        self.stop = threading.Event()
        self.of_threads = isinstance(engine, ThreadPoolExecutor)
        self.patience = PATIENCE
        self.run = packed(problem) if isinstance(engine, ProcessPoolExecutor) else b""

    def send(self, count: int) -> None:
        """Give the executor up to so many more blocks."""
        for number in islice(self.left, count):
            if self.run:
                future = self.engine.submit(run_packed_block, self.run, number)
            elif self.of_threads:
                future = self.engine.submit(run_block, self.problem, number, self.stop)
            else:
                future = self.engine.submit(run_block, self.problem, number)
            self.numbers[future] = number
            future.add_done_callback(self.done.put)

    def next_record(self) -> BlockRecord:
        """Return the record of the next block that is done."""
        while True:
            try:
                future = self.done.get(timeout=self.patience)  # none would let no interrupt through on Windows
            except Empty:
                taken = self._taken_back() if self.of_threads else None
                if taken is not None:
                    return run_block(self.problem, taken, self.stop)
            else:
                if self.numbers.pop(future, None) is not None:
                    return future.result()

    def _taken_back(self) -> int | None:
        """Return the number of a block that no thread would ever begin: all of them may be waiting, as this one is."""
        if not any(future.running() for future in self.numbers):
            for future in list(self.numbers):
                if future.cancel():
                    self.patience = 0.01
                    return self.numbers.pop(future)
        return None

    def call_back(self) -> None:
        """Stop what can be stopped, and let nothing else begin."""
        self.stop.set()
        for future in self.numbers:
            future.cancel()
