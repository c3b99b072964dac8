"""Numbers of trajectories at which it is decided whether they are enough, which nothing else decides."""

from __future__ import annotations

from typing import Final

from sdeframe.running.problem import Problem

STEPS: Final = 20
"""Numbers are k 2^j of a unit, from this k on up to twice of it: each exceeds the one before by 5 % at most."""
UNIT: Final = 64
"""Of independent trajectories: 1,280 are the first that are decided on, whose standard error is known to some 2 %."""
FEWEST: Final = 24
"""Groups of tied trajectories, of which one is a unit, that are decided on first: their number tells the error."""


def decision_numbers(problem: Problem) -> list[int]:
    """Return the numbers of trajectories at which a run may end, in order, the most of them last.

    They are multiples of growing powers of two, so that work is cut where sums on the tree of trajectories are whole.
    """
    tied = problem.plan is not None or problem.group_size > 1
    unit, k, found = max(problem.replicate_size, problem.group_size) if tied else UNIT, FEWEST if tied else STEPS, []
    while k * unit < problem.trajectories:
        found.append(k * unit)
        k += 1
        if k == 2 * STEPS:
            unit, k = 2 * unit, STEPS
    return [*found, problem.trajectories]
