"""What the step adds to means, told by a coarse run on the same Brownian paths."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named
from sdeframe.interfaces.observer import Ensemble, Snapshot
from sdeframe.observers.writing import written
from sdeframe.sums.means import Means

KINDS: Final = ("_step_error", "_extrapolated")
"""What is written for a name, with errors each."""


def richardson(ensemble: Ensemble) -> float | None:
    """Return 2^p − 1 for weak order p, which divides the difference of coarse and fine; None where there is none."""
    return 2**ensemble.weak_order - 1 if ensemble.step_error else None


@attrs.define
class StepErrors:
    """Means of coarse less fine values, and of fine values without that error, over the pairs alive in both runs."""

    richardson: float | None
    differences: Means
    extrapolated: Means

    @classmethod
    def of_none(cls, ensemble: Ensemble, names: int) -> StepErrors:
        """Return the means of no pairs yet."""
        differences, extrapolated = (
            Means.of_none(names, len(ensemble.times), ensemble.replicate_size) for _ in range(2)
        )
        return cls(richardson(ensemble), differences, extrapolated)

    def __add__(self, other: StepErrors) -> StepErrors:
        """Return the means over the pairs of both."""
        return StepErrors(self.richardson, self.differences + other.differences, self.extrapolated + other.extrapolated)

    def add(
        self, snapshot: Snapshot, parts: NDArray[np.float64], chosen: tuple[sp.Expr, ...], bound: float | None
    ) -> None:
        """Take in the fine values of some expressions at an output time, of those within a bound in both runs."""
        if snapshot.coarse is not None and self.richardson is not None:
            both = snapshot.survivors(bound) & snapshot.coarse.survivors(bound)
            difference = snapshot.coarse.parts(chosen) - parts
            self.differences.add(snapshot.index, snapshot.first, difference, both)
            self.extrapolated.add(snapshot.index, snapshot.first, parts - difference / self.richardson, both)

    def written(self, named: Named) -> dict[str, Any]:
        """Return what the step adds to each mean, and the mean without it, as variables; nothing where not wanted."""
        if self.richardson is None:
            return {}
        divisor = self.richardson
        errors = self.differences.estimates()[1].each(lambda z: z / divisor)
        _, better = self.extrapolated.estimates()
        variables: dict[str, Any] = {}
        for i, (name, expression) in enumerate(named):
            variables |= written(f"{name}_step_error", errors[i], f"step error of the mean of {expression}")
            variables |= written(f"{name}_extrapolated", better[i], f"mean of {expression} without its step error")
        return variables
