"""Means with the weight of a gauge, as the paper takes them, and what tells how far they can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from sdeframe.interfaces.bounds import valid_bound
from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.observers.step_error import KINDS
from sdeframe.observers.weighing import Weighing, WeightRecord, WeightStatistics
from sdeframe.observers.writing import ERRORS, suffixes, written

if TYPE_CHECKING:
    import xarray as xr

POLICIES: Final = ("dropped", "kept", "zero")
"""What can happen to a lost trajectory."""

SUFFIXES: Final = suffixes("_ratio", "_unweighted", *KINDS)
"""What is written for a name beside its mean."""

ONCE: Final = ("weight", *(f"weight{error}" for error in ERRORS), "effective_sample_size", "heaviest_share")
"""What is written once."""


@attrs.frozen(init=False)
class WeightedMoments(Observer):
    """Means with the weight Ω = exp(C0) of a system with a log-weight C0 (Appendix C), such as a drift gauge makes.

    For each name it writes, over "time", three complex means, each with the standard errors ``..._se`` of its real
    and ``..._imag_se`` of its imaginary part: ``<name>`` = `<OΩ>`, ``<name>_ratio`` = `<OΩ>/<Ω>`, and
    ``<name>_unweighted``. Errors of ratios are by the delta method, which resolves nothing below 1e-8 of the size of O
    and says little where one weight dominates. Once it writes ``weight`` = `<Ω>` with its errors,
    ``effective_sample_size`` = (Σ|Ω|)²/Σ|Ω|², and ``heaviest_share``, the share of Σ|Ω| that the heaviest 0.1 % (at
    least one) of the trajectories that count carry. With ``step_error=True`` also ``<name>_step_error``, of `<OΩ>`, as
    in `Moments`, over the pairs of which both count.

    Only averages of analytic functions keep their meaning under a gauge: take the real part of `<OΩ>`, never the mean
    of a real part. Sums are kept in the log domain, whatever C0 is; ``weight`` and ``<name>`` are infinite, or 0,
    where no float holds them.

    Parameters
    ----------
    policy
        What happens to lost trajectories, those that passed the bound:

        "dropped"
            They are left out, and means divide by the number that remains, as in the paper. `<Ω>` is the mean weight
            of survivors, not 1 in general, and all means are those of survivors, biased where the lost differ.
        "kept"
            They count with the state and weight that they were frozen with. `<Ω>` stays 1, as that of a stopped
            martingale does, but for the step past the bound, which the lost do not take; and `<OΩ>` holds the values
            O that the lost had when they were frozen.
        "zero"
            They count with the weight 0. `<Ω>` falls short of 1 by the weight that was lost, `<OΩ>` is that of
            "dropped" times the share that remains, and the ratio is the same. Unweighted means are over survivors.
    bound
        Who has ever passed this bound is lost; the run's freezing bound decides if not given. Under "kept" it only
        takes part in setting that bound.
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, a name is taken, the policy is unknown, or the bound is not
        positive.
    """

    knows_replicates: ClassVar[bool] = True

    named: Named
    policy: str = attrs.field()
    bound: float | None = attrs.field(validator=attrs.validators.optional(valid_bound))

    def __init__(self, /, *, policy: str = "dropped", bound: float | None = None, **named: Any) -> None:
        distinct_names("WeightedMoments", named, SUFFIXES, ONCE)
        self.__attrs_init__(expressions(named), policy, bound)

    @policy.validator
    def _known(self, _: object, value: Any) -> None:
        if value not in POLICIES:
            raise ValueError(f"policy={value!r} in WeightedMoments: must be one of {', '.join(map(repr, POLICIES))}")

    @property
    def weighing(self) -> Weighing:
        """What is weighed, and who counts."""
        return Weighing(tuple(expression for _, expression in self.named), self.policy, self.bound)

    def start(self, ensemble: Ensemble) -> WeightRecord:
        """Return an empty record."""
        return self.weighing.start(ensemble, self)

    def update(self, record: WeightRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        self.weighing.add(record, snapshot)

    def finish(self, record: WeightRecord) -> xr.Dataset:
        """Return means and standard errors."""
        import xarray as xr

        return xr.Dataset(weighted_means(self.named, self.weighing.statistics(record)), coords={"time": record.times})


def weighted_means(named: Named, found: WeightStatistics) -> dict[str, Any]:
    """Return weighted means of the first expressions of a record, under their names, as variables."""
    variables = written("weight", found.weight, "mean weight <Ω>")
    variables["effective_sample_size"] = ("time", found.effective_sample_size)
    variables["heaviest_share"] = ("time", found.heaviest_share)
    for i, (name, expression) in enumerate(named):
        about = f"weighted mean of {expression}"
        variables |= written(name, found.products[i], about)
        variables |= written(f"{name}_ratio", found.ratios[i], f"{about} by <Ω>")
        variables |= written(f"{name}_unweighted", found.unweighted[i], f"mean of {expression}")
    if found.step_errors is not None and found.extrapolated is not None:
        for i, (name, expression) in enumerate(named):
            variables |= written(f"{name}_step_error", found.step_errors[i], f"step error of <Ω {expression}>")
            better = f"mean of <Ω {expression}> without its step error"
            variables |= written(f"{name}_extrapolated", found.extrapolated[i], better)
    return variables
