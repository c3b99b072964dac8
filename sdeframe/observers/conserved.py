"""How far invariants drift along trajectories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named, expressions
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot

if TYPE_CHECKING:
    import xarray as xr

PERCENT: Final = (50, 90, 99)
"""The quantiles that are written."""

MANTISSA_BITS: Final = 5
"""Bits of the mantissa that tell bins apart: a bin is at most 1/32 of its values wide, its middle at most 1/64 off."""
OCTAVES: Final = 64
"""Bins reach from 2^-64 to 2^64."""
BINS: Final = (2 * OCTAVES << MANTISSA_BITS) + 2
"""The first bin holds what is smaller, the last one what is larger or no number."""


@attrs.define
class DriftRecord:
    """Counts of drifts by bin and the largest one, by name and time."""

    times: NDArray[np.float64]
    counts: NDArray[np.int64]
    """Shape (names, times, bins)."""
    largest: NDArray[np.float64]
    """Shape (names, times); -inf where nobody lives."""
    start: NDArray[np.complex128] | None = None
    """The values at the first output time, shape (names, trajectories); none before it and after the last one."""

    def __add__(self, other: DriftRecord) -> DriftRecord:
        """Return the record of the trajectories of both."""
        largest = np.maximum(self.largest, other.largest)
        return DriftRecord(self.times, self.counts + other.counts, largest)


@attrs.frozen(init=False)
class Conserved(Observer):
    """Drift of invariants along trajectories, |f(t) - f(first output time)|, over the trajectories alive at t.

    ``Conserved(**model.invariants)`` observes what a model declares; the mean of an invariant is that of `Moments`.
    For each name it writes the quantiles 0.5, 0.9 and 0.99 as ``<name>_drift``, over ("quantile", "time"), and the
    largest drift as ``<name>_drift_largest``, over "time". A quantile q is the smallest drift that at least a share q
    of the trajectories does not exceed (numpy's "inverted_cdf"), read from a histogram and so within 1.6 %; below 5e-20
    it is 0, above 1.8e19 inf. The largest drift is exact. A value that is no number counts as infinite.

    A finite step of an Itô scheme conserves an invariant to its strong order in the step: look at how the drift falls
    with the step, not at its size (Appendix D).

    Parameters
    ----------
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, or one is no expression.
    """

    knows_replicates: ClassVar[bool] = True

    named: Named

    def __init__(self, /, **named: Any) -> None:
        if not named:
            raise ValueError(
                "Conserved() has no expression: the model declares no invariants, or none was given; "
                "give at least one, such as Conserved(norm=x**2 + y**2)"
            )
        self.__attrs_init__(expressions(named))

    def start(self, ensemble: Ensemble) -> DriftRecord:
        """Return an empty record."""
        for _, expression in self.named:
            ensemble.check(expression, self)
        shape = (len(self.named), len(ensemble.times))
        return DriftRecord(ensemble.times, np.zeros((*shape, BINS), dtype=np.int64), np.full(shape, -np.inf))

    def update(self, record: DriftRecord, snapshot: Snapshot) -> None:
        """Count a block's drifts at an output time."""
        values = snapshot.evaluate(tuple(expression for _, expression in self.named))
        if record.start is None:
            record.start = values
        drifts = distance(values, record.start)[:, snapshot.alive]
        for counts, bins in zip(record.counts[:, snapshot.index], bin_numbers(drifts), strict=True):
            counts += np.bincount(bins, minlength=BINS)
        record.largest[:, snapshot.index] = drifts.max(axis=1, initial=-np.inf)
        if snapshot.index == len(record.times) - 1:
            record.start = None

    def finish(self, record: DriftRecord) -> xr.Dataset:
        """Return the quantiles and the largest drift."""
        import xarray as xr

        below = np.cumsum(record.counts, axis=-1)
        alive = below[..., -1:]
        middles = bin_middles()
        variables: dict[str, Any] = {}
        for i, (name, expression) in enumerate(self.named):
            reached = [np.argmax(100 * below[i] >= percent * alive[i], axis=-1) for percent in PERCENT]
            quantiles = np.where(alive[i, :, 0] > 0, middles[reached], np.nan)
            largest = np.where(alive[i, :, 0] > 0, record.largest[i], np.nan)
            about = {"long_name": f"drift of {expression} along trajectories"}
            variables[f"{name}_drift"] = (("quantile", "time"), quantiles, about)
            variables[f"{name}_drift_largest"] = ("time", largest, about)
        return xr.Dataset(variables, coords={"quantile": np.array(PERCENT) / 100, "time": record.times})


def distance(values: NDArray[np.complex128], start: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return |values - start|, inf for no number, by correctly rounded operations alone: the same bits in any array."""
    with np.errstate(all="ignore"):
        z = values - start
        squared = z.real * z.real + z.imag * z.imag
    return np.where(np.isnan(squared), np.inf, np.sqrt(squared))


def bin_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each value, which exponent and leading bits of the mantissa are."""
    leading = np.ascontiguousarray(values).view(np.int64) >> (52 - MANTISSA_BITS)
    first = (1023 - OCTAVES) << MANTISSA_BITS
    return np.clip(leading - first + 1, 0, BINS - 1)


def bin_middles() -> NDArray[np.float64]:
    """Return the value that stands for each bin, shape (bins,)."""
    per_octave = 1 << MANTISSA_BITS
    octave = np.repeat(np.arange(-OCTAVES, OCTAVES), per_octave)
    mantissa = 1 + (np.tile(np.arange(per_octave), 2 * OCTAVES) + 0.5) / per_octave
    return np.concatenate([[0.0], np.ldexp(mantissa, octave), [np.inf]])
