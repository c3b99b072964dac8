"""The share of trajectories that remain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.bounds import valid_bound
from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.recording import Recording, Summing
from sdeframe.observers.tally import Sum, Tally
from sdeframe.sampling.errors import replicate_error

if TYPE_CHECKING:
    import xarray as xr

COVERAGE = 0.95
"""Coverage of the binomial interval."""


@attrs.define
class RunawayRecord:
    """How many of how many remain, by time."""

    times: NDArray[np.float64]
    remaining: Tally
    trajectories: NDArray[np.int64]

    def __add__(self, other: RunawayRecord) -> RunawayRecord:
        """Return the record of the trajectories of both."""
        return RunawayRecord(self.times, self.remaining + other.remaining, self.trajectories + other.trajectories)


@attrs.frozen
class Runaways(Summing):
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
        trajectories = np.zeros(len(ensemble.times), dtype=np.int64)
        remaining = Tally.of_none(0, len(ensemble.times), ensemble.replicate_size, (Sum(self.bound),))
        return RunawayRecord(ensemble.times, remaining, trajectories)

    def summed(self, record: RunawayRecord) -> tuple[sp.Expr, ...]:
        """Return no expressions: only who remains is counted."""
        return ()

    def add(self, record: RunawayRecord, recording: Recording) -> None:
        """Count a block at some output times."""
        record.remaining.add(recording, ())
        record.trajectories[recording.times] += recording.held.count

    def finish(self, record: RunawayRecord) -> xr.Dataset:
        """Return the remaining share with its interval."""
        import xarray as xr

        remaining, of_replicates = record.remaining.counts(0)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = remaining / record.trajectories
        low, high = binomial_interval(remaining, record.trajectories)
        if record.remaining.means.extremes is not None:
            spread = spread_of(share, of_replicates, record.trajectories)
            low = np.clip(np.fmin(low, share - spread), 0.0, 1.0)
            high = np.clip(np.fmax(high, share + spread), 0.0, 1.0)
        name = f"remaining_{self.bound:g}"
        about = {"long_name": f"share of trajectories that never passed {self.bound:g}", "bound": float(self.bound)}
        return xr.Dataset(
            {name: ("time", share, about), f"{name}_low": ("time", low), f"{name}_high": ("time", high)},
            coords={"time": record.times},
        )


def binomial_interval(k: NDArray[Any], n: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the limits of the interval of a share of which k of n were seen (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    tail = (1 - COVERAGE) / 2
    low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
    high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
    return low, high


def spread_of(
    share: NDArray[np.float64], counts: NDArray[np.float64], trajectories: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return half the interval of a share that the counts of replicates tell, by Student's t, with the floor of means.

    See `sdeframe.sums.means.Means`.
    """
    from scipy.special import stdtrit

    replicates = len(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = trajectories / replicates
        error = replicate_error(np.broadcast_to(size, (replicates, 1, len(size))), (counts / size)[:, None])[0]
        floor = np.where((share > 0) & (share < 1), np.maximum(share, 1 - share), 0.0) / trajectories
    return np.asarray(stdtrit(replicates - 1, (1 + COVERAGE) / 2) * np.hypot(error, floor))
