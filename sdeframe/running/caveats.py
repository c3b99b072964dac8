"""What must be said beside the numbers of a run."""

from __future__ import annotations

from collections.abc import Iterator

from sdeframe.interfaces.bounds import SAFE
from sdeframe.running.problem import Problem
from sdeframe.running.switching import narrowest


def caveats(problem: Problem, alive: int) -> tuple[str, ...]:
    """Return what must be said beside the numbers of a run, of which some trajectories lived to its end."""
    return (*_frozen(problem, alive), *_coarse(problem))


def _frozen(problem: Problem, alive: int) -> Iterator[str]:
    lost = problem.trajectories - alive
    if lost and problem.bounds[-1] == SAFE:
        yield (
            f"{lost:,} of {problem.trajectories:,} trajectories left the range of numbers that can be computed with "
            f"(moduli up to {SAFE:g}) and were frozen: means are those of the rest, spoilt by what had grown. Give a "
            f"bound, such as Moments(bound=1e3, ...), or take TrustHorizon, which tells how long means can be trusted"
        )


def _coarse(problem: Problem) -> Iterator[str]:
    if problem.switching.lost:
        yield f"steps do not end where a coefficient switches, which costs accuracy: {problem.switching.lost}"
        return
    try:
        shortest = narrowest(problem.sde, problem.values, problem.stretches)
    except ValueError as error:
        yield f"steps may miss how a coefficient changes in time: {error}"
        return
    if shortest is not None:
        yield (
            f"a coefficient changes in time within {shortest:.2g}, which steps of dt={problem.integrator.dt:g} may "
            f"miss: take dt={shortest / 2:.1g} or less, or write a short pulse as a Piecewise, at whose ends steps end"
        )
