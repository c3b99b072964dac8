"""Weighted means with the time up to which they can be trusted, told from the ensemble alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.bounds import valid_bound
from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.observers.trust import Watched, alarms, before, declared_poles, horizon
from sdeframe.observers.unit import Unit
from sdeframe.observers.weighing import Weighing, WeightRecord
from sdeframe.observers.weighted import ONCE, SUFFIXES, weighted_means
from sdeframe.observers.writing import ERRORS, written
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.weighted_means import WeightedMeans

if TYPE_CHECKING:
    import xarray as xr

OWN_SUFFIXES = (*SUFFIXES, *("_low" + error for error in ("", *ERRORS)), "_horizon")
OWN_ONCE = (*ONCE, "beyond_low")

Array = NDArray[np.float64]

DOUBT = 1e-9
"""Of the size of a logarithm: far more than what it may be off when it is told by squares."""


@attrs.define
class WeightedTrustRecord:
    """The record of all weighted means, and sums over those whose weights are low."""

    watched: Watched
    unit: Unit
    """Of the strongest observables."""
    trajectories: int
    """Of the whole run."""
    weights: WeightRecord
    low: WeightedMeans

    def __add__(self, other: WeightedTrustRecord) -> WeightedTrustRecord:
        """Return the record of the trajectories of both."""
        return attrs.evolve(self, weights=self.weights + other.weights, low=self.low + other.low)


@attrs.frozen(init=False)
class WeightedTrustHorizon(Observer):
    """Weighted means with the time up to which they can be trusted, told by the trajectories with low weights.

    A heavy tail of ΩO, with Ω = exp(C0), takes a weighted mean away from the truth as movable poles do with a plain
    one, and hides it in the same way. The rule is that of `TrustHorizon` with the same constants: the means
    `<OΩ>/<Ω>` of all survivors are held against those of the trajectories of which |Ω|, and |ΩS|/scale for the
    strongest poles S of the model, are within `low_bound` at that time. What is certified is ``<name>_ratio``.

    It writes what `WeightedMoments` writes, and for each name, over "time", the mean of those with low weights as
    ``<name>_low`` with the standard errors ``<name>_low_se`` and ``<name>_low_imag_se`` of its parts, and the scalar
    ``<name>_horizon``, see `Result.horizon`. Once it writes ``beyond_low``, the share of the trajectories, lost or
    not, that are not among them.

    Parameters
    ----------
    bound
        Who has ever passed this bound is lost, and left out; the run's freezing bound decides if not given.
    low_bound
        On |Ω| and |ΩS|/scale. At 10 no certificate of 90 was wrong on the data that it was chosen on, at 30 three were.
    error_ratio, shift
        As in `TrustHorizon`.
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, a name is taken, a bound or factor is not positive, or, when
        it is run, there is no weight or the model declares no poles.
    """

    knows_replicates: ClassVar[bool] = True

    named: Named
    bound: float | None = attrs.field(validator=attrs.validators.optional(valid_bound))
    low_bound: float = attrs.field(validator=valid_bound)
    error_ratio: float = attrs.field(validator=valid_bound)
    shift: float = attrs.field(validator=valid_bound)

    def __init__(
        self,
        /,
        *,
        bound: float | None = None,
        low_bound: float = 10.0,
        error_ratio: float = 3.0,
        shift: float = 1.75,
        **named: Any,
    ) -> None:
        distinct_names("WeightedTrustHorizon", named, OWN_SUFFIXES, OWN_ONCE)
        self.__attrs_init__(expressions(named), bound, low_bound, error_ratio, shift)

    def start(self, ensemble: Ensemble) -> WeightedTrustRecord:
        """Return an empty record."""
        poles = declared_poles(ensemble, "WeightedTrustHorizon")
        watched = Watched.of(self.named, poles)
        weights = self._weighing(watched).start(ensemble, self)
        low = WeightedMeans.of_none(len(watched.expressions), len(ensemble.times), ensemble.replicate_size)
        return WeightedTrustRecord(watched, Unit.of(poles), ensemble.trajectories, weights, low)

    def _weighing(self, watched: Watched) -> Weighing:
        return Weighing(watched.expressions, "dropped", self.bound)

    def update(self, record: WeightedTrustRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        run = self._weighing(record.watched).add(record.weights, snapshot)
        strongest = run.outcomes[:, record.watched.strongest]
        low = run.only(within(run.log_modulus, strongest, record.unit.scale, float(self.low_bound)))
        record.low.add(snapshot.index, snapshot.first, low)

    def finish(self, record: WeightedTrustRecord) -> xr.Dataset:
        """Return means, standard errors and horizons."""
        import xarray as xr

        times, found = record.weights.times, self._weighing(record.watched).statistics(record.weights)
        (count, _), low = record.low.means(), record.low.ratios()
        low = low.each(lambda z: np.where(count > 1, z, complex(np.nan, np.nan)))
        raised = alarms(found.ratios, low, self.error_ratio, self.shift)
        strongest = list(record.watched.strongest)
        size = seen(low, count, strongest, before(raised[strongest]))
        raised |= not record.unit.certifies(size)
        variables = weighted_means(self.named, found)
        variables["beyond_low"] = ("time", 1 - count / record.trajectories, record.unit.told(size))
        for i, (name, expression) in enumerate(self.named):
            about = f"weighted mean of {expression}"
            variables |= written(f"{name}_low", low[i], f"{about} by <Ω>, low weights only")
            variables[f"{name}_horizon"] = horizon(times, raised[[i, *strongest]], about)
        return xr.Dataset(variables, coords={"time": times})


def seen(low: Estimates, count: Array, strongest: list[int], times: NDArray[np.bool_]) -> float:
    """Return the largest root mean square of a strongest observable at some times, by its mean and standard error."""
    squares = np.abs(low.mean) ** 2 + count * (low.error.real**2 + low.error.imag**2)
    of_them = squares[strongest][:, times]
    known = of_them[np.isfinite(of_them)]
    return float(np.sqrt(known.max())) if known.size else np.inf


def within(log_modulus: Array, values: Array, scale: float, bound: float) -> NDArray[np.bool_]:
    """Return of which trajectories |Ω| and |ΩS|/scale are within a bound.

    Told by logarithms, as no float may hold Ω, and by squares where these leave no doubt, in a third of the time.

    Parameters
    ----------
    log_modulus
        Re C0, shape (trajectories,).
    values
        Parts of values S, shape (2, values, trajectories).
    scale, bound
        As above.
    """
    limit = np.log(bound)
    if not values.shape[1]:
        return np.asarray(log_modulus <= limit)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = values / scale
        squares = (parts[0] * parts[0] + parts[1] * parts[1]).max(axis=0)
        excess = log_modulus + np.log(np.maximum(squares, 1.0)) / 2 - limit
        sure = (np.abs(excess) > DOUBT * (1.0 + np.abs(log_modulus))) & (squares < np.inf) & (1e-100 < scale < 1e100)
        found, left = np.asarray(excess <= 0), np.flatnonzero(~sure)
        if left.size:
            sizes = np.hypot(*values[..., left]).max(axis=0) / scale
            found[left] = log_modulus[left] + np.log(np.maximum(sizes, 1.0)) <= limit
    return found
