"""Means with the time up to which they can be trusted, told from the ensemble alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.observer import (
    Ensemble,
    Observer,
    Snapshot,
    distinct_names,
    expressions,
    freezing_bound,
    valid_bound,
)
from sdeframe.observers.moments import (
    Named,
    add_differences,
    add_moments,
    real_parts,
    statistics,
    step_errors,
    total_or_zeros,
    written,
)
from sdeframe.sums.tree import Tree, merge_moments

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.poles import Poles

SUFFIXES = (
    *("_se", "_imag_se", "_low", "_low_se", "_low_imag_se", "_horizon"),
    *("_step_error", "_step_error_se", "_step_error_imag_se"),
)
"""What is written for a name beside its mean."""

ONCE = ("lost", "lost_low")
"""What is written once."""

ROUNDING = 1e-12
"""Of the size of a mean: what two means may differ by although no trajectory has spread."""


@attrs.define
class TrustRecord:
    """Counts, means and squared deviations of the survivors of both bounds, by time."""

    times: NDArray[np.float64]
    trajectories: int
    """Of the whole run."""
    bounds: tuple[float, float]
    """The upper and the low bound on the tested variables."""
    watched: Named
    """What is written, then what else can raise the alarm."""
    strongest: tuple[int, ...]
    """Who of them raises the alarm for all."""
    richardson: float | None
    """2^p − 1 for weak order p, where the step error is wanted."""
    upper: Tree = attrs.field(factory=lambda: Tree(merge_moments))
    low: Tree = attrs.field(factory=lambda: Tree(merge_moments))
    differences: Tree = attrs.field(factory=lambda: Tree(merge_moments))

    def __add__(self, other: TrustRecord) -> TrustRecord:
        """Return the record of the trajectories of both."""
        return attrs.evolve(
            self,
            upper=self.upper + other.upper,
            low=self.low + other.low,
            differences=self.differences + other.differences,
        )


@attrs.frozen(init=False)
class TrustHorizon(Observer):
    """Means with the time up to which they can be trusted, told by the survivors of two bounds.

    Where trajectories have movable poles, a mean leaves the truth without a sign in its standard error, which the same
    spikes inflate. The survivors of a low bound have an honest standard error. An output time raises the alarm where
    the survivors of the upper bound have a standard error of more than `error_ratio` times theirs, or a mean that lies
    more than `shift` of their standard errors away, in the real or the imaginary part, of the observable or of one of
    the model's strongest poles (`Poles.strongest`), or where a standard error is not defined. Every output time before
    the first alarm is certified: the mean lies within 5 standard errors of the low survivors of the truth.

    For each name it writes, over "time": the complex mean of the survivors of the upper bound as ``<name>`` with the
    standard errors ``<name>_se`` and ``<name>_imag_se`` of its parts, those of the low bound as ``<name>_low``,
    ``<name>_low_se`` and ``<name>_low_imag_se``; and the scalar ``<name>_horizon``, the last certified output time, 0
    if the first one raised the alarm, see `Result.horizon`. Once it writes ``lost`` and ``lost_low``, the shares of
    the trajectories that have passed the bounds. With ``step_error=True`` also ``<name>_step_error`` as in `Moments`.

    Parameters
    ----------
    bound
        The upper bound, on observables in units of the model's scale (`Poles`). 1e3 is where the rule was found, on
        35 closed cases of the Tavis-Cummings model. In ensembles of more than a million trajectories it grows as the
        square root of their number: a single spike below 1e3 would not show there.
    low_bound
        The lower bound, in the same units. At 10 those lost are few enough, and those left tame enough, for an honest
        standard error.
    error_ratio
        Largest ratio of the standard errors. 2, 3 and 4 differ little; at 3, with the shift below, no certificate was
        wrong of 500 closed and 70 open ensembles on which it was chosen, nor of 240 others (docs/trust).
    shift
        Largest difference of the means, in standard errors of the low survivors. Up to 2.5 none was wrong on those
        closed ensembles, but 3 of 10 of a driven Kerr oscillator, which 1.75 flags in time.
    **named
        Sympy expressions in the model's variables, parameters and time, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, a name is taken, a bound or factor is not positive, the bounds
        are not in order, or, when it is run, the model declares no poles.
    """

    bound_is_relative: ClassVar[bool] = True

    named: Named
    bound: float = attrs.field(validator=valid_bound)
    low_bound: float = attrs.field(validator=valid_bound)
    error_ratio: float = attrs.field(validator=valid_bound)
    shift: float = attrs.field(validator=valid_bound)

    def __init__(
        self,
        *,
        bound: float = 1e3,
        low_bound: float = 10.0,
        error_ratio: float = 3.0,
        shift: float = 1.75,
        **named: Any,
    ) -> None:
        distinct_names("TrustHorizon", named, SUFFIXES, ONCE)
        self.__attrs_init__(tuple(expressions(named).items()), bound, low_bound, error_ratio, shift)

    @low_bound.validator
    def _below(self, _: object, value: float) -> None:
        if not value < self.bound:
            raise ValueError(f"low_bound={value!r} in TrustHorizon: must be below bound={self.bound!r}")

    def start(self, ensemble: Ensemble) -> TrustRecord:
        """Return an empty record."""
        poles = declared_poles(ensemble, "TrustHorizon")
        known = [expression for _, expression in self.named]
        watched = (*self.named, *((str(e), e) for e in poles.strongest if e not in known))
        strongest = tuple(i for i, (_, expression) in enumerate(watched) if expression in poles.strongest)
        for _, expression in watched:
            ensemble.check(expression, self)
        upper = freezing_bound(self, poles, ensemble.trajectories) or self.bound
        richardson = 2**ensemble.weak_order - 1 if ensemble.step_error else None
        bounds = (upper, poles.on_variables(self.low_bound))
        return TrustRecord(ensemble.times, ensemble.trajectories, bounds, watched, strongest, richardson)

    def update(self, record: TrustRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        times, m = len(record.times), len(self.named)
        chosen = tuple(expression for _, expression in record.watched)
        values = snapshot.evaluate(chosen)
        parts = real_parts(values)
        for tree, bound in zip((record.upper, record.low), record.bounds, strict=True):
            add_moments(tree, snapshot, times, parts, snapshot.survivors(bound))
        add_differences(record.differences, snapshot, times, values[:m], chosen[:m], record.bounds[0])

    def finish(self, record: TrustRecord) -> xr.Dataset:
        """Return means, standard errors and horizons."""
        import xarray as xr

        times, size = len(record.times), 1 + 4 * len(record.watched)
        nodes = (total_or_zeros(tree, size, times) for tree in (record.upper, record.low))
        (count, mean, error), (low_count, low_mean, low_error) = map(statistics, nodes)
        raised = alarms(mean, error, low_mean, low_error, self.error_ratio, self.shift)
        variables: dict[str, Any] = {
            "lost": ("time", 1 - count / record.trajectories, {"bound": record.bounds[0]}),
            "lost_low": ("time", 1 - low_count / record.trajectories, {"bound": record.bounds[1]}),
        }
        for i, (name, expression) in enumerate(self.named):
            variables |= written(name, mean[i], error[i], f"mean of {expression}")
            variables |= written(f"{name}_low", low_mean[i], low_error[i], f"low survivors' mean of {expression}")
            about = f"mean of {expression}"
            variables[f"{name}_horizon"] = horizon(record.times, raised[[i, *record.strongest]], about)
        variables |= step_errors(self.named, record.differences, record.richardson, times)
        return xr.Dataset(variables, coords={"time": record.times})


def alarms(
    mean: NDArray[Any],
    error: NDArray[Any],
    low_mean: NDArray[Any],
    low_error: NDArray[Any],
    error_ratio: float,
    shift: float,
) -> NDArray[np.bool_]:
    """Return where an alarm is raised, of the shape of the means; what is not a number raises one.

    Errors are those of the real and the imaginary part, as one complex number.
    """
    quiet = np.ones(mean.shape, dtype=bool)
    for part in (np.real, np.imag):
        away, honest = np.abs(part(mean) - part(low_mean)), part(low_error)
        quiet &= part(error) <= error_ratio * honest
        quiet &= away <= shift * honest + ROUNDING * np.abs(low_mean)
    return ~quiet


def horizon(times: NDArray[Any], raised: NDArray[Any], about: str) -> tuple[Any, ...]:
    """Return the last time before an alarm, raised by any of the observables along the first axis, as a variable."""
    return (
        (),
        last_before(times, np.any(raised, axis=0)),
        {"long_name": f"last output time that can be trusted, {about}"},
    )


def declared_poles(ensemble: Ensemble, owner: str) -> Poles:
    """Return what the model declares of its poles, or raise ValueError."""
    if ensemble.poles is None:
        raise ValueError(
            f"{owner}: the model declares no poles, so no horizon can be told; take plain means, or declare them, "
            f"such as SymbolicModel(..., poles=Poles(scale=1.0, strongest=(x,)))"
        )
    return ensemble.poles


def last_before(times: NDArray[Any], event: NDArray[Any]) -> float:
    """Return the last time before an event first happens; 0 if it happens at once."""
    until = int(np.argmax(event)) if event.any() else len(times)
    return float(times[until - 1]) if until else 0.0
