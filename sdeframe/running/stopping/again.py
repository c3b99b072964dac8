"""The end of a run that is run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sdeframe.running.stopping.numbers import decision_numbers
from sdeframe.running.stopping.rules import Rule

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.running.ensemble.finished import Finished
    from sdeframe.running.problem import Problem


@attrs.frozen
class Again(Rule):
    """A run ends where one before it did, and tells the same: what ended that one may have been the time it took."""

    rule: Rule
    """What ended the run before."""
    trajectories: int
    """How many that one had."""

    def check(self, problem: Problem) -> None:
        """Raise ValueError where the rule does not fit the run, or the run does not end at such a number."""
        self.rule.check(problem)
        numbers = decision_numbers(problem)
        if self.trajectories not in numbers:
            near = min(numbers, key=lambda number: abs(number - self.trajectories))
            raise ValueError(
                f"until.trajectories={self.trajectories}: the run can end at fixed numbers only, the nearest one is "
                f"{near}: leave this key out, and the run ends where the rule says"
            )

    def enough(self, problem: Problem, finished: Finished, seconds: float) -> bool:
        """Tell whether as many are done."""
        return finished.trajectories >= self.trajectories

    def told(self, dataset: xr.Dataset, most: int) -> str:
        """Return why the run before ended as it did."""
        return self.rule.told(dataset, most)
