"""Weighted means with the time up to which they can be trusted, told from the ensemble alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot, distinct_names, expressions, valid_bound
from sdeframe.observers.moments import Named, add_nodes, total_or_zeros, written
from sdeframe.observers.trust import alarms, declared_poles, horizon
from sdeframe.observers.weighted import ONCE, SUFFIXES, WeightedMoments, WeightRecord
from sdeframe.sums.log_weights import Weighed
from sdeframe.sums.tree import Tree
from sdeframe.sums.weights import Rows, merge_weights, ratio, reduce_weights

if TYPE_CHECKING:
    import xarray as xr

OWN_SUFFIXES = (*SUFFIXES, "_low", "_low_se", "_low_imag_se", "_horizon")
OWN_ONCE = (*ONCE, "beyond_low")
HIDDEN = "strongest_"
"""Begins the names of the model's strongest poles that are watched and not written."""


@attrs.define
class WeightedTrustRecord:
    """The record of all weighted means, and sums over those whose weights are low."""

    moments: WeightedMoments
    """Of what is written, then of what else can raise the alarm."""
    strongest: tuple[int, ...]
    """Which of them are the strongest poles, and raise the alarm for all."""
    scale: float
    """The size of the strongest."""
    trajectories: int
    """Of the whole run."""
    weights: WeightRecord
    low: Tree = attrs.field(factory=lambda: Tree(merge_weights))

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
        Sympy expressions in the model's variables, parameters and time, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, a name is taken, a bound or factor is not positive, or, when
        it is run, there is no weight or the model declares no poles.
    """

    named: Named
    bound: float | None = attrs.field(validator=attrs.validators.optional(valid_bound))
    low_bound: float = attrs.field(validator=valid_bound)
    error_ratio: float = attrs.field(validator=valid_bound)
    shift: float = attrs.field(validator=valid_bound)

    def __init__(
        self,
        *,
        bound: float | None = None,
        low_bound: float = 10.0,
        error_ratio: float = 3.0,
        shift: float = 1.75,
        **named: Any,
    ) -> None:
        distinct_names("WeightedTrustHorizon", named, OWN_SUFFIXES, OWN_ONCE)
        self.__attrs_init__(tuple(expressions(named).items()), bound, low_bound, error_ratio, shift)

    def start(self, ensemble: Ensemble) -> WeightedTrustRecord:
        """Return an empty record."""
        poles = declared_poles(ensemble, "WeightedTrustHorizon")
        known = [expression for _, expression in self.named]
        hidden = {f"{HIDDEN}{i}": e for i, e in enumerate(poles.strongest) if e not in known}
        moments = WeightedMoments(bound=self.bound, **dict(self.named), **hidden)
        strongest = tuple(i for i, (_, expression) in enumerate(moments.named) if expression in poles.strongest)
        weights = moments.start(ensemble)
        return WeightedTrustRecord(moments, strongest, poles.scale, ensemble.trajectories, weights)

    def update(self, record: WeightedTrustRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        run = record.moments.weigh(snapshot)
        record.moments.add(record.weights, snapshot, run)
        low = run.only(self._low(record, snapshot, run))
        add_nodes(record.low, snapshot, len(record.weights.times), reduce_weights(snapshot.first, low))

    def _low(self, record: WeightedTrustRecord, snapshot: Snapshot, run: Weighed) -> NDArray[np.bool_]:
        """Return of which trajectories |Ω| and |ΩS|/scale are within the bound; logarithms, as no float may hold Ω."""
        log_size = snapshot.state[-1].real
        if record.strongest:
            size = np.hypot(*run.values[:, record.strongest]).max(axis=0) / record.scale
            log_size = log_size + np.log(np.maximum(size, 1.0))
        within: NDArray[np.bool_] = log_size <= np.log(float(self.low_bound))
        return within

    def finish(self, record: WeightedTrustRecord) -> xr.Dataset:
        """Return means, standard errors and horizons."""
        names, times = [name for name, _ in record.moments.named], record.weights.times
        ds = record.moments.finish(record.weights)
        mean, error, imag_error = (
            np.array([ds[f"{name}_ratio{end}"].values for name in names]) for end in ("", "_se", "_imag_se")
        )
        rows = Rows(len(names))
        node = total_or_zeros(record.low, rows.quadratic.stop, len(times))
        count = node[rows.count]
        low_mean, low_error = (np.where(count > 1, parts[0] + 1j * parts[1], np.nan) for parts in ratio(node))
        raised = alarms(mean, error + 1j * imag_error, low_mean, low_error, self.error_ratio, self.shift)
        variables: dict[str, Any] = {"beyond_low": ("time", 1 - count / record.trajectories)}
        for i, (name, expression) in enumerate(self.named):
            about = f"weighted mean of {expression}"
            variables |= written(f"{name}_low", low_mean[i], low_error[i], f"{about} by <Ω>, low weights only")
            variables[f"{name}_horizon"] = horizon(times, raised[[i, *record.strongest]], about)
        hidden = [str(k) for k in ds if str(k).startswith(HIDDEN)]
        return ds.drop_vars(hidden).assign(variables)
