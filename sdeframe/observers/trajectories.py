"""Chosen sample paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named, expressions
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.validators import is_whole

if TYPE_CHECKING:
    import xarray as xr


@attrs.define
class PathRecord:
    """Paths by trajectory number, each of shape (names, times)."""

    times: NDArray[np.float64]
    paths: dict[int, NDArray[np.complex128]]

    def __add__(self, other: PathRecord) -> PathRecord:
        """Return the record of the trajectories of both."""
        return PathRecord(self.times, {**self.paths, **other.paths})


@attrs.frozen(init=False)
class Trajectories(Observer):
    """Keeps expressions along chosen trajectories, over ("trajectory", "time"); not a number once one is lost.

    Parameters
    ----------
    trajectory_ids
        Numbers of the trajectories.
    **named
        Sympy expressions in the model's variables, parameters and time, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression or no trajectory, one is not valid, or the run has no such trajectory.
    """

    trajectory_ids: tuple[int, ...]
    named: Named

    def __init__(self, trajectory_ids: Iterable[int], **named: Any) -> None:
        ids: tuple[Any, ...] = tuple(trajectory_ids)
        whole = all(map(is_whole, ids))
        if not ids or not whole or len(set(ids)) < len(ids):
            raise ValueError(f"trajectory_ids={ids}: must be at least one integer, each once")
        if not named:
            raise ValueError("Trajectories has no expression: give at least one, such as excited_path=model.excited")
        self.__attrs_init__(tuple(map(int, ids)), expressions(named))

    def start(self, ensemble: Ensemble) -> PathRecord:
        """Return an empty record."""
        for i in self.trajectory_ids:
            if not 0 <= i < ensemble.trajectories:
                raise ValueError(f"trajectory {i}: the run has the numbers 0 to {ensemble.trajectories - 1}")
        for _, expression in self.named:
            ensemble.check(expression, self)
        return PathRecord(ensemble.times, {})

    def update(self, record: PathRecord, snapshot: Snapshot) -> None:
        """Keep the chosen trajectories of a block at an output time."""
        inside = [i for i in self.trajectory_ids if 0 <= i - snapshot.first < snapshot.alive.size]
        if not inside:
            return
        values = snapshot.evaluate(tuple(expression for _, expression in self.named))
        for i in inside:
            path = record.paths.setdefault(i, np.full((len(self.named), len(record.times)), np.nan + 0j))
            if snapshot.alive[i - snapshot.first]:
                path[:, snapshot.index] = values[:, i - snapshot.first]

    def finish(self, record: PathRecord) -> xr.Dataset:
        """Return the paths."""
        import xarray as xr

        missing = np.full((len(self.named), len(record.times)), np.nan + 0j)
        paths = np.array([record.paths.get(i, missing) for i in self.trajectory_ids])
        return xr.Dataset(
            {name: (("trajectory", "time"), paths[:, k]) for k, (name, _) in enumerate(self.named)},
            coords={"time": record.times, "trajectory": list(self.trajectory_ids)},
        )
