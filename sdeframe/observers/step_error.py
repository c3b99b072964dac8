"""What the step adds to means, told by a coarse run on the same Brownian paths."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.interfaces.named_expressions import Named
from sdeframe.interfaces.observer import Ensemble
from sdeframe.observers.tally import DIFFERENCES, EXTRAPOLATED, Sum, Tally
from sdeframe.observers.writing import written
from sdeframe.sums.estimates import Estimates

KINDS: Final = ("_step_error", "_extrapolated")
"""What is written for a name, with errors each."""


def richardson(ensemble: Ensemble) -> float | None:
    """Return 2^p − 1 for weak order p, which divides the difference of coarse and fine; None where there is none."""
    return 2**ensemble.weak_order - 1 if ensemble.step_error else None


def tally(ensemble: Ensemble, names: int, *bounds: float | None, count: int | None = None) -> Tally:
    """Return empty sums over the survivors of bounds, then those that `step_errors` reads, over pairs within the first.

    These are the differences of coarse and fine values, and the fine values without the error that they tell; at all
    output times unless another number of times is given.
    """
    sums = [Sum(bound) for bound in bounds]
    if ensemble.step_error:
        sums += [Sum(bounds[0], kind) for kind in (DIFFERENCES, EXTRAPOLATED)]
    times = len(ensemble.times) if count is None else count
    return Tally.of_none(names, times, ensemble.replicate_size, tuple(sums), richardson(ensemble))


def step_estimates(sums: Tally) -> tuple[Estimates, Estimates] | None:
    """Return what the step adds to each mean, and the means without it; None where not wanted."""
    if sums.sums[-1].kind != EXTRAPOLATED:
        return None
    return sums.estimates(-2)[1].each(lambda z: z / sums.richardson), sums.estimates(-1)[1]


def step_errors(sums: Tally, named: Named) -> dict[str, Any]:
    """Return what the step adds to each mean, and the mean without it, as variables; nothing where not wanted."""
    found = step_estimates(sums)
    if found is None:
        return {}
    errors, better = found
    variables: dict[str, Any] = {}
    for i, (name, expression) in enumerate(named):
        variables |= written(f"{name}_step_error", errors[i], f"step error of the mean of {expression}")
        variables |= written(f"{name}_extrapolated", better[i], f"mean of {expression} without its step error")
    return variables
