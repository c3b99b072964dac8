"""What must be said beside the numbers of a run."""

from __future__ import annotations

from collections.abc import Iterator

from sdeframe.interfaces.bounds import SAFE
from sdeframe.running.problem import Problem


def caveats(problem: Problem, alive: int) -> tuple[str, ...]:
    """Return what must be said beside the numbers of a run, of which some trajectories lived to its end."""
    return tuple(_caveats(problem, alive))


def _caveats(problem: Problem, alive: int) -> Iterator[str]:
    lost = problem.trajectories - alive
    if lost and problem.bounds[-1] == SAFE:
        yield (
            f"{lost:,} of {problem.trajectories:,} trajectories left the range of numbers that can be computed with "
            f"(moduli up to {SAFE:g}) and were frozen: means are those of the rest, spoilt by what had grown. Give a "
            f"bound, such as Moments(bound=1e3, ...), or take TrustHorizon, which tells how long means can be trusted"
        )
