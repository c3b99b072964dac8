"""Means with the time up to which they can be trusted, told from the ensemble alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.bounds import freezing_bound, valid_bound
from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.recording import Recording, Summing
from sdeframe.observers.plain import check_plain
from sdeframe.observers.step_error import KINDS, step_errors, tally
from sdeframe.observers.tally import Tally
from sdeframe.observers.unit import Unit
from sdeframe.observers.writing import suffixes, written
from sdeframe.sums.estimates import Estimates
from sdeframe.validators import shown, true_or_false

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.poles import Poles

SUFFIXES = ("_horizon", *suffixes("_low", *KINDS))
"""What is written for a name beside its mean."""

ONCE = ("lost", "lost_low")
"""What is written once."""

LOW_BOUND = 10.0
"""The low bound, in units of the scale, unless another one is given."""

PASSED = 5.0
"""Modulus of the strongest observables, in units of the scale, from which on they are on the way around a pole."""

ROUNDING = 1e-12
"""Of the size of a mean: what two means may differ by although no trajectory has spread."""


@attrs.frozen
class Watched:
    """What can raise an alarm."""

    expressions: tuple[sp.Expr, ...]
    """What is written, then the strongest poles that are not."""
    strongest: tuple[int, ...]
    """Which of them are the strongest poles, and raise the alarm for all."""

    @classmethod
    def of(cls, named: Named, poles: Poles) -> Watched:
        """Return what can raise an alarm for some observables of a model with some poles."""
        own = tuple(expression for _, expression in named)
        watched = (*own, *(pole for pole in poles.strongest if pole not in own))
        return cls(watched, tuple(i for i, expression in enumerate(watched) if expression in poles.strongest))


@attrs.define
class TrustRecord:
    """Moments of the survivors of both bounds, by time."""

    times: NDArray[np.float64]
    trajectories: int
    """Of the whole run."""
    bounds: tuple[float, float]
    """The upper and the low bound on the tested variables."""
    watched: Watched
    sums: Tally
    """Over the survivors of the upper bound, then of the low one."""
    unit: Unit
    """Of the strongest observables."""
    passed: NDArray[np.int64]
    """Whose strongest observables were ever larger than `reach`, shape (times,)."""

    def __add__(self, other: TrustRecord) -> TrustRecord:
        """Return the record of the trajectories of both."""
        return attrs.evolve(self, sums=self.sums + other.sums, passed=self.passed + other.passed)

    @property
    def reach(self) -> float:
        """The bound on the strongest observables themselves, beyond which a pole is passed."""
        return PASSED * self.unit.scale

    def displacement(self, lost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the strongest observables' means may be off for poles that were passed and for a share lost.

        Who is lost may be worth the scale with either sign. Who passes a simple pole, outside of a circle of radius B,
        comes back with −B in place of B; averaged over where it is passed that is πB/2.
        """
        return np.asarray(2 * self.unit.scale * lost + np.pi / 2 * self.reach * self.passed / self.trajectories)

    def seen(self, times: Any = ...) -> float:
        """Return the largest root mean square of a strongest observable at some times, over low survivors."""
        squares = self.sums.mean_squares(1)[list(self.watched.strongest)][:, times]
        known = squares[np.isfinite(squares)]
        return float(np.sqrt(known.max())) if known.size else np.inf


@attrs.frozen(init=False)
class TrustHorizon(Summing):
    """Means with the time up to which they can be trusted, told by the survivors of two bounds.

    Where trajectories have movable poles, a mean leaves the truth without a sign in its standard error, which the same
    spikes inflate. The survivors of a low bound have an honest standard error. An output time raises the alarm where
    the survivors of the upper bound have a standard error of more than `error_ratio` times theirs, or a mean that lies
    more than `shift` of their standard errors away, in the real or the imaginary part, of the observable or of one of
    the model's strongest poles (`Poles.strongest`), or where a standard error is not defined; and where what was lost,
    and the simple poles that were passed, may have displaced the strongest poles' mean by more than such a standard
    error, which shows where there is no tail. Every output time before the first alarm is certified: the mean lies
    within 5 standard errors of the low survivors of the truth.

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
    unweighted
        As in `Moments`; `WeightedTrustHorizon` takes means with the weight.
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, a name is taken, a bound or factor is not positive, the bounds
        are not in order, or, when it is run, the model declares no poles or there is a weight that nobody said to leave
        out.
    """

    knows_replicates: ClassVar[bool] = True
    bound_is_relative: ClassVar[bool] = True

    named: Named
    bound: float = attrs.field(validator=valid_bound)
    low_bound: float = attrs.field(validator=valid_bound)
    error_ratio: float = attrs.field(validator=valid_bound)
    shift: float = attrs.field(validator=valid_bound)
    unweighted: bool = attrs.field(validator=true_or_false)

    def __init__(
        self,
        /,
        *,
        bound: float = 1e3,
        low_bound: float = LOW_BOUND,
        error_ratio: float = 3.0,
        shift: float = 1.75,
        unweighted: bool = False,
        **named: Any,
    ) -> None:
        distinct_names("TrustHorizon", named, SUFFIXES, ONCE)
        self.__attrs_init__(expressions(named), bound, low_bound, error_ratio, shift, unweighted)

    @low_bound.validator
    def _below(self, _: object, value: float) -> None:
        if not value < self.bound:
            raise ValueError(f"low_bound={value!r} in TrustHorizon: must be below bound={self.bound!r}")

    def start(self, ensemble: Ensemble) -> TrustRecord:
        """Return an empty record."""
        check_plain(ensemble, "TrustHorizon", self.named, self.unweighted)
        poles = declared_poles(ensemble, "TrustHorizon")
        watched = Watched.of(self.named, poles)
        for expression in watched.expressions:
            ensemble.check(expression, self)
        bounds = (freezing_bound(self, poles, ensemble.most) or self.bound, poles.on_variables(self.low_bound))
        return TrustRecord(
            ensemble.times, ensemble.trajectories, bounds, watched, tally(ensemble, len(watched.expressions), *bounds),
            Unit.of(poles), np.zeros(len(ensemble.times), dtype=np.int64),
        )  # fmt: skip

    def summed(self, record: TrustRecord) -> tuple[sp.Expr, ...]:
        """Return what is written, then the strongest poles that are not."""
        return record.watched.expressions

    def add(self, record: TrustRecord, recording: Recording) -> None:
        """Add a block's values at some output times."""
        record.sums.add(recording, record.watched.expressions)
        reach_squared = recording.reach_squared()
        if reach_squared is not None:
            record.passed[recording.times] += np.count_nonzero(reach_squared > record.reach**2, axis=1)

    def finish(self, record: TrustRecord) -> xr.Dataset:
        """Return means, standard errors and horizons."""
        import xarray as xr

        (count, upper), (low_count, low) = (record.sums.estimates(number) for number in range(2))
        lost = 1 - count / record.trajectories
        raised = alarms(upper, low, self.error_ratio, self.shift)
        strongest = list(record.watched.strongest)
        raised[strongest] |= record.displacement(lost) > smallest_spread(low)[strongest]
        seen = record.seen(before(raised[strongest]))
        raised |= not record.unit.certifies(seen)
        variables: dict[str, Any] = {
            "lost": ("time", lost, {"bound": record.bounds[0]} | record.unit.told(seen)),
            "lost_low": ("time", 1 - low_count / record.trajectories, {"bound": record.bounds[1]}),
        }
        for i, (name, expression) in enumerate(self.named):
            about = f"mean of {expression}"
            variables |= written(name, upper[i], about)
            variables |= written(f"{name}_low", low[i], f"low survivors' {about}")
            variables[f"{name}_horizon"] = horizon(record.times, raised[[i, *strongest]], about)
        variables |= step_errors(record.sums, self.named)
        return xr.Dataset(variables, coords={"time": record.times})


def above_low_bound(instance: object, attribute: attrs.Attribute[Any], bound: Any) -> None:
    """Raise ValueError unless a bound of an observer made of `TrustHorizon` is above its low one (attrs validator)."""
    valid_bound(instance, attribute, bound)
    if not bound > LOW_BOUND:
        raise ValueError(
            f"{attribute.name}={shown(bound)} in {type(instance).__name__}: must be above {LOW_BOUND:g}, within which "
            f"trajectories are tame, or leave it out"
        )


def alarms(upper: Estimates, low: Estimates, error_ratio: float, shift: float) -> NDArray[np.bool_]:
    """Return where the means of all raise an alarm against those of the low; what is not a number raises one."""
    quiet = np.ones(upper.mean.shape, dtype=bool)
    for part in (np.real, np.imag):
        away, honest = np.abs(part(upper.mean) - part(low.mean)), part(low.error)
        quiet &= part(upper.error) <= error_ratio * honest
        quiet &= away <= shift * honest + ROUNDING * np.abs(low.mean)
    return ~quiet


def smallest_spread(means: Estimates) -> NDArray[np.float64]:
    """Return the smaller standard error of both parts, but for parts that have no spread; infinity where none has."""
    parts = np.array([means.error.real, means.error.imag])
    return np.asarray(np.where(parts == 0, np.inf, parts).min(axis=0))


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
            f"{owner}: the model declares no poles, so no horizon can be told; take plain means, run "
            f"propose_poles(model, integrator, times=times).model in its place, or declare them, such as "
            f"SymbolicModel(..., poles=Poles(scale=1.0, strongest=(x,)))"
        )
    return ensemble.poles


def before(raised: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which times are before an alarm, raised by any of the observables along the first axis."""
    return ~np.logical_or.accumulate(np.any(raised, axis=0))


def last_before(times: NDArray[Any], event: NDArray[Any]) -> float:
    """Return the last time before an event first happens; 0 if it happens at once."""
    until = int(np.argmax(event)) if event.any() else len(times)
    return float(times[until - 1]) if until else 0.0
