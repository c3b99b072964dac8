"""How long a block of a run takes, told by whole blocks where they are short, else by their first steps."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Final

import attrs

from sdeframe.running.block import BlockRecord, run_trajectories
from sdeframe.running.problem import Problem

ROUNDS: Final = 3
ENOUGH: Final = 0.1
"""Seconds that tell enough."""
WHOLE: Final = 0.25
"""Seconds up to which whole blocks are timed."""
STEPS: Final = 32
"""Steps for which random bits are made at once: no fewer tell what a step costs."""
OUTPUTS: Final = (4, 32)
"""Outputs that are timed, at least, at most."""

Steps = tuple[int, ...]
Timer = Callable[[Steps], float]
"""Seconds of blocks, one on each thread, with outputs after some steps."""


@attrs.frozen
class Pace:
    """Seconds of parts of a block, while others run on the other threads."""

    start: float
    step: float
    output: float

    def seconds(self, steps: Steps) -> float:
        """Return the time of a block with outputs after some steps."""
        return self.start + self.step * steps[-1] + self.output * len(steps)

    @classmethod
    def of(cls, timed: Timer, many: int, outputs: int) -> Pace:
        """Return the pace that blocks of two steps, of many steps, and of some outputs tell."""
        short, long, seen = (timed(steps) for steps in ((2,), (many,), every_two(outputs)))
        step = max(long - short, 0.0) / (many - 2)
        output = max(seen - short - step * 2 * (outputs - 1), 0.0) / (outputs - 1)
        return cls(max(short - 2 * step - output, 0.0), step, output)


@attrs.frozen
class Pilot:
    """What was measured."""

    rounds: tuple[float, ...]
    """Seconds of a block."""
    measured: str

    @property
    def seconds(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rounds)


def every_two(outputs: int) -> Steps:
    """Return the steps of outputs after every two steps, which a run of twice the step reaches too."""
    return tuple(range(2, 2 * outputs + 1, 2))


def pilot(steps: Steps, timed: Timer) -> Pilot:
    """Return how long a block takes that has outputs after some steps, of which no more are made than needed."""
    if steps[-1] <= STEPS:
        return _whole(steps, timed)
    first = Pace.of(timed, STEPS, OUTPUTS[0])
    many = _even(ENOUGH, first.step, STEPS, steps[-1])
    outputs = _even(ENOUGH, first.output, OUTPUTS[0], min(OUTPUTS[1], steps[-1] // 2))
    about = Pace.of(timed, many, outputs)
    if about.seconds(steps) <= WHOLE:
        return _whole(steps, timed)
    rounds = [about, *(Pace.of(timed, many, outputs) for _ in range(ROUNDS - 1))]
    return Pilot(tuple(pace.seconds(steps) for pace in rounds), f"{many} steps and {outputs} outputs of blocks")


def _whole(steps: Steps, timed: Timer) -> Pilot:
    return Pilot(tuple(timed(steps) for _ in range(ROUNDS)), "whole blocks")


def _even(seconds: float, each: float, least: int, most: int) -> int:
    """Return an even number of things of which each takes some seconds, within limits."""
    fits = seconds / each if each * most > seconds else most
    return max(least, int(fits) // 2 * 2)


@attrs.define
class FirstBlocks:
    """The first blocks of a run, one on each thread."""

    problem: Problem
    threads: int
    timed_last: Problem = attrs.field(init=False)
    records: list[BlockRecord] = attrs.field(factory=list)
    """What its blocks brought."""

    def timed(self, steps: Steps) -> float:
        """Return the time of the blocks where outputs come after some steps."""
        problem = self.timed_last = self.problem if steps == self.problem.steps else ended(self.problem, steps)
        count = min(self.threads, problem.block_count)
        with ThreadPoolExecutor(count) as pool:
            begin = perf_counter()
            self.records = list(pool.map(partial(block, problem), range(count)))
            return perf_counter() - begin

    def two(self) -> list[BlockRecord]:
        """Return two records of what was timed last, one where there is but one block."""
        others = range(len(self.records), min(2, self.problem.block_count))
        return [*self.records[:2], *(block(self.timed_last, number) for number in others)]


def block(problem: Problem, number: int) -> BlockRecord:
    """Return what a block of a run brings."""
    first = problem.first_trajectory + number * problem.block
    return run_trajectories(problem, first, min(problem.block, problem.numbers.stop - first))


def ended(problem: Problem, steps: Steps) -> Problem:
    """Return a run that ends earlier, with outputs after other steps."""
    return attrs.evolve(problem, steps=steps, output_times=tuple(problem.time(step) for step in steps))
