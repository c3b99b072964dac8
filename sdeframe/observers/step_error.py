"""What the step adds to means, told by a coarse run on the same Brownian paths."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named
from sdeframe.interfaces.observer import Ensemble, Snapshot
from sdeframe.observers.writing import written
from sdeframe.sums.moments import estimates, moments_over_time, real_parts, reduce_moments
from sdeframe.sums.over_time import OverTime


def richardson(ensemble: Ensemble) -> float | None:
    """Return 2^p − 1 for weak order p, which divides the difference of coarse and fine; None where there is none."""
    return 2**ensemble.weak_order - 1 if ensemble.step_error else None


@attrs.define
class StepErrors:
    """Moments of coarse less fine values, over the pairs of trajectories alive in both runs."""

    richardson: float | None
    differences: OverTime

    @classmethod
    def of_none(cls, ensemble: Ensemble, names: int) -> StepErrors:
        """Return the moments of no pairs yet."""
        return cls(richardson(ensemble), moments_over_time(names, len(ensemble.times)))

    def __add__(self, other: StepErrors) -> StepErrors:
        """Return the moments of the pairs of both."""
        return StepErrors(self.richardson, self.differences + other.differences)

    def add(
        self, snapshot: Snapshot, values: NDArray[np.complex128], chosen: tuple[sp.Expr, ...], bound: float | None
    ) -> None:
        """Take in the fine values of some expressions at an output time, of those within a bound in both runs."""
        if snapshot.coarse is not None:
            both = snapshot.survivors(bound) & snapshot.coarse.survivors(bound)
            parts = real_parts(snapshot.coarse.evaluate(chosen) - values)
            self.differences.add(snapshot.index, reduce_moments(snapshot.first, parts, both))

    def written(self, named: Named) -> dict[str, Any]:
        """Return what the step adds to each mean as variables; nothing where it is not wanted."""
        if self.richardson is None:
            return {}
        divisor, (_, differences) = self.richardson, estimates(self.differences.total())
        errors = differences.each(lambda z: z / divisor)
        variables: dict[str, Any] = {}
        for i, (name, expression) in enumerate(named):
            variables |= written(f"{name}_step_error", errors[i], f"step error of the mean of {expression}")
        return variables
