"""When an ensemble is looked at: at fixed numbers of trajectories, over exactly as many, however they come back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from sdeframe.checkpoints.nodes import Node, Nodes
from sdeframe.compiled.cache import seconds_without_compiling
from sdeframe.engines.engine import Done
from sdeframe.engines.left import Span
from sdeframe.running.ensemble.finished import Finished
from sdeframe.running.problem import Problem
from sdeframe.running.stopping.numbers import decision_numbers
from sdeframe.running.stopping.rules import Rule


class Looks:
    """What is done of a run, to which is added only what lies below the next number at which it may end.

    Parameters
    ----------
    problem
        The run.
    finished
        What is done. Numbers below what it holds already are passed over, as its sums cannot be taken apart.
    rule
        Tells whether it is enough; if not given, all trajectories are run.
    """

    def __init__(self, problem: Problem, finished: Finished, rule: Rule | None) -> None:
        self.problem, self.finished, self.rule = problem, finished, rule
        first, last = problem.numbers.start, problem.numbers.stop
        gaps = list(finished.missing(first, last))
        held = gaps[-1][0] if gaps and gaps[-1][1] == last else last
        numbers = [problem.trajectories] if rule is None else decision_numbers(problem)
        self.ends = [first + number for number in numbers if first + number >= held]
        """The trajectories before which the run may end."""
        self.gaps, self.next = gaps, 0
        self.early: dict[int, Nodes] = {}
        """What came back before the number below it was decided on, by the number above it."""
        self.begin = seconds_without_compiling()

    def missing(self) -> Iterator[Span]:
        """Give what is to be done, cut where the run may end."""
        for first, last in self.gaps:
            inner = self.ends[bisect_left(self.ends, first + 1) : bisect_left(self.ends, last)]
            yield from pairwise([first, *inner, last])

    def add(self, done: Done) -> None:
        """Take in what a task has done."""
        number = bisect_left(self.ends, done.last)
        if number == self.next:
            self.finished.add(done)
        else:
            self.early.setdefault(number, Nodes()).add(Node(done.first, done.last, done.value))

    def ended(self) -> bool:
        """Tell whether the run ends with what is done, having looked at all numbers that were reached."""
        while self.finished.trajectories == self.ends[self.next] - self.problem.first_trajectory:
            last = self.next == len(self.ends) - 1
            seconds = seconds_without_compiling() - self.begin
            if last or (self.rule is not None and self.rule.enough(self.problem, self.finished, seconds)):
                return True
            self.next += 1
            for node in self.early.pop(self.next, Nodes()).nodes:
                self.finished.add(Done(node.first, node.last, node.value, 0.0))
        return False
