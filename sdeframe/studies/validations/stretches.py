"""The last stretches of lost trajectories, on their way to a pole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot

if TYPE_CHECKING:
    import xarray as xr

POINTS: Final = 25
"""Points of a stretch."""


@attrs.define
class LostRecord:
    """Trajectory number to the output time at which it was first seen lost."""

    seen: dict[int, float]

    def __add__(self, other: LostRecord) -> LostRecord:
        """Return the record of the trajectories of both."""
        return LostRecord({**self.seen, **other.seen})


@attrs.frozen
class LostTrajectories(Observer):
    """Tells who was lost by which output time: "lost_by" over "lost", the trajectory numbers."""

    bound: float

    def start(self, ensemble: Ensemble) -> LostRecord:
        """Return an empty record."""
        return LostRecord({})

    def update(self, record: LostRecord, snapshot: Snapshot) -> None:
        """Note a block's new losses."""
        for lane in np.flatnonzero(~snapshot.alive):
            record.seen.setdefault(snapshot.first + int(lane), snapshot.time)

    def finish(self, record: LostRecord) -> xr.Dataset:
        """Return who was lost, by trajectory number."""
        import xarray as xr

        numbers = np.array(sorted(record.seen), dtype=np.int64)
        by = np.array([record.seen[i] for i in numbers], dtype=float)
        return xr.Dataset({"lost_by": ("lost", by)}, coords={"lost": numbers})


@attrs.frozen(eq=False)
class Approach:
    """Points of runaways at which a modulus first reaches levels that are equally spaced in its logarithm."""

    times: NDArray[np.float64]
    """Shape (trajectories, POINTS)."""
    states: NDArray[np.complex128]
    """Shape (variables, trajectories, POINTS)."""

    @property
    def count(self) -> int:
        """Number of trajectories."""
        return len(self.times)


def joined(found: list[Approach], variables: int) -> Approach:
    """Return the trajectories of all."""
    none = Approach(np.empty((0, POINTS)), np.empty((variables, 0, POINTS), dtype=complex))
    every = [none, *found]
    return Approach(np.concatenate([a.times for a in every]), np.concatenate([a.states for a in every], axis=1))


def last_stretch(times: NDArray[Any], states: NDArray[Any], watched: int, limits: tuple[float, float]) -> Approach:
    """Return the points of those trajectories that pass from low to high inside a path, in `POINTS` steps at least.

    Parameters
    ----------
    times
        Shape (times,).
    states
        Shape (variables, trajectories, times).
    watched
        The variable whose modulus counts.
    limits
        Low, which the modulus is last below, and high, which it then first reaches.
    """
    size, step = np.abs(states[watched]), np.arange(len(times))
    high = size >= limits[1]
    end = np.where(high.any(axis=1), high.argmax(axis=1), 0)[:, None]
    low = (size < limits[0]) & (step < end)
    begin = np.where(low, step, -1).max(axis=1, initial=-1)[:, None]
    chosen = np.flatnonzero((begin >= 0) & (end - begin >= POINTS))
    inside = (step > begin[chosen]) & (step <= end[chosen])
    levels = np.geomspace(*limits, POINTS)
    at = np.stack([(inside & (size[chosen] >= level)).argmax(axis=1) for level in levels], axis=1)
    return Approach(times[at], np.take_along_axis(states[:, chosen], at[None], axis=2))
