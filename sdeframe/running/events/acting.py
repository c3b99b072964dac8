"""Events on the groups of a block while it runs."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sdeframe.groups.event import Members
from sdeframe.groups.number_states import number_states
from sdeframe.running.problem import Problem
from sdeframe.symbolic.symbols import log_weight

Complexes = NDArray[np.complex128]


class Block(Protocol):
    """The trajectories of whole groups."""

    def state(self) -> Complexes:
        """Return the state, shape (variables, trajectories)."""

    def put(self, positions: list[int], values: Complexes) -> None:
        """Write variables, shape (variables, trajectories)."""

    def row(self, number: int) -> NDArray[np.float64]:
        """Return a row of the buffers, shape (trajectories,)."""


class Acting:
    """The events of a run on a block of it.

    Parameters
    ----------
    problem
        The run.
    ids
        Numbers of the trajectories, whole groups of them.
    """

    def __init__(self, problem: Problem, ids: NDArray[np.uint64]) -> None:
        self.problem, self.ids, self.done = problem, ids, 0
        events = problem.events
        self.steps = () if events is None else events.steps
        groups = len(ids) // problem.group_size if self.steps else 0
        self.reports = np.full((groups, len(self.steps), 3), np.nan)
        """By group of the block and event."""

    def reach(self, block: Block, step: int, last: int) -> int:
        """Let events happen that come before the next step, unless a step is the last one; return the next event's."""
        while self.done < len(self.steps) and self.steps[self.done] == step < last:
            self._act(block)
            self.done += 1
        return self.steps[self.done] if self.done < len(self.steps) else last

    def _act(self, block: Block) -> None:
        """Let the next event happen to every group."""
        problem, events = self.problem, self.problem.events
        assert events is not None
        states, known = number_states(events.basis), [*problem.variables]
        rows = [known.index(x) for factor in events.basis.factors for x in factor.variables]
        rows.append(known.index(log_weight))
        held, alive = block.state()[rows].T, block.row(problem.layout.alive) > 0
        for group in range(len(self.reports)):
            of = slice(group * problem.group_size, (group + 1) * problem.group_size)
            members = Members(
                states, held[of, :-1], held[of, -1], alive[of], self.ids[of], self.done, problem.key
            )  # fmt: skip
            values, weights, self.reports[group, self.done] = events.due(self.done).act(members)
            held[of, :-1], held[of, -1] = values, weights
        block.put(rows, held.T)
