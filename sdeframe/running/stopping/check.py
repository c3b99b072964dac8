"""Whether a run can end early, asked before it begins."""

from __future__ import annotations

from typing import Any

import attrs

from sdeframe.running.ensemble.filing import refuse_files
from sdeframe.running.problem import Problem
from sdeframe.running.stopping.numbers import decision_numbers
from sdeframe.running.stopping.rules import Rule
from sdeframe.validators import shown


def check_rule(rule: Any, problem: Problem) -> None:
    """Refuse what is no rule, or does not fit a run.

    Raises
    ------
    TypeError, ValueError
        If it is none, asks for what the run does not tell, or the run could end at its most trajectories only.
    """
    if rule is None:
        return
    if not isinstance(rule, Rule):
        raise TypeError(f"until={shown(rule)}: must be TargetError(excited=1e-3, at=[2.0]), WallTime(60.0), or None")
    refuse_files(problem, f"how long it will be is not known with until={shown(rule)}: leave one of them out")
    rule.check(problem)
    first = decision_numbers(problem)[0]
    if first == problem.trajectories and problem.plan is not None:
        raise ValueError(
            f"until={shown(rule)}: replicates are so large ({1 << problem.plan.exponent}) that a run of "
            f"trajectories={first} at most cannot end earlier: give more, or a smaller block in {problem.sampling}"
        )
    smallest = attrs.evolve(problem, trajectories=first)
    for observer in problem.observers:
        try:
            observer.start(smallest)
        except ValueError as error:
            raise ValueError(f"until={shown(rule)}: the run may end after {first} trajectories: {error}") from None
