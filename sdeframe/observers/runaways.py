"""The share of trajectories that remain."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.bounds import valid_bound
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.sums.means import Means

if TYPE_CHECKING:
    import xarray as xr

COVERAGE = 0.95
"""Coverage of the binomial interval."""


@attrs.define
class RunawayRecord:
    """How many of how many remain, by time."""

    times: NDArray[np.float64]
    remaining: NDArray[np.int64]
    trajectories: NDArray[np.int64]
    share: Means | None = None
    """Of those that remain, where trajectories are tied."""

    def __add__(self, other: RunawayRecord) -> RunawayRecord:
        """Return the record of the trajectories of both."""
        share = None if self.share is None or other.share is None else self.share + other.share
        remaining, trajectories = self.remaining + other.remaining, self.trajectories + other.trajectories
        return RunawayRecord(self.times, remaining, trajectories, share)


@attrs.frozen
class Runaways(Observer):
    """Counts the trajectories that have never passed a bound.

    It writes, over "time", the share that remains as ``remaining_<bound>`` (such as ``remaining_1000``) with the
    limits ``..._low`` and ``..._high`` of its 95 % binomial interval (Clopper and Pearson 1934); of tied trajectories
    (`sdeframe.sampling.Balanced`) that holds the interval which replicates tell, where it is wider. The run itself
    records the losses at this bound by step, see `Result.runaway_time`; of a system with a log-weight also
    ``weight_alive``, over "time", and ``weight_losses``, over "step": the trajectories whose weight has not passed its
    bound, and those that did so while they lived. A weight beyond its bound freezes nothing.

    Parameters
    ----------
    bound
        On the largest modulus of the model's runaway variables.
    weight_bound
        On the modulus of the weight, |Ω| = exp(Re C0), in a run of a system with a log-weight; one for all observers.

    Raises
    ------
    ValueError
        If a bound is not positive.
    """

    knows_replicates: ClassVar[bool] = True

    bound: float = attrs.field(default=1e3, validator=valid_bound)
    weight_bound: float = attrs.field(default=1e3, validator=valid_bound)

    def start(self, ensemble: Ensemble) -> RunawayRecord:
        """Return an empty record."""
        zero = np.zeros(len(ensemble.times), dtype=np.int64)
        tied = ensemble.replicate_size > 1
        share = Means.of_none(1, len(ensemble.times), ensemble.replicate_size) if tied else None
        return RunawayRecord(ensemble.times, zero, zero.copy(), share)

    def update(self, record: RunawayRecord, snapshot: Snapshot) -> None:
        """Count a block at an output time."""
        remaining = snapshot.survivors(self.bound)
        record.remaining[snapshot.index] += np.count_nonzero(remaining)
        record.trajectories[snapshot.index] += remaining.size
        if record.share is not None:
            parts = np.stack([remaining, np.zeros_like(remaining)]).astype(float)
            record.share.add(snapshot.index, snapshot.first, parts, np.ones_like(remaining))

    def finish(self, record: RunawayRecord) -> xr.Dataset:
        """Return the remaining share with its interval."""
        import xarray as xr
        from scipy.special import betaincinv

        k, n = record.remaining, record.trajectories
        tail = (1 - COVERAGE) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            share = k / n
            low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
            high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
        if record.share is not None:
            spread = spread_of(record.share)
            low = np.clip(np.fmin(low, share - spread), 0.0, 1.0)
            high = np.clip(np.fmax(high, share + spread), 0.0, 1.0)
        name = f"remaining_{self.bound:g}"
        about = {"long_name": f"share of trajectories that never passed {self.bound:g}", "bound": float(self.bound)}
        return xr.Dataset(
            {name: ("time", share, about), f"{name}_low": ("time", low), f"{name}_high": ("time", high)},
            coords={"time": record.times},
        )


def spread_of(share: Means) -> NDArray[np.float64]:
    """Return half the interval of a share that replicates tell, by Student's t."""
    from scipy.special import stdtrit

    _, found = share.estimates()
    return np.asarray(stdtrit(len(share.moments.groups()) - 1, (1 + COVERAGE) / 2) * found.error[0].real)
