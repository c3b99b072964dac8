"""Chosen sample paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named, expressions
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.validators import is_whole, shown

if TYPE_CHECKING:
    import xarray as xr


LOST: Final = complex(np.nan, np.nan)
"""What is written of a lost trajectory."""


@attrs.frozen(eq=False)
class BlockPaths:
    """The chosen trajectories of one block."""

    positions: NDArray[np.int64]
    """Where they stand among all that were chosen, shape (chosen,)."""
    columns: NDArray[np.int64]
    """Where they stand in the block, shape (chosen,)."""
    values: NDArray[np.complex128]
    """Shape (names, times, chosen)."""


@attrs.define
class PathRecord:
    """Paths by the number of their block's first trajectory."""

    times: NDArray[np.float64]
    blocks: dict[int, BlockPaths]

    def __add__(self, other: PathRecord) -> PathRecord:
        """Return the record of the trajectories of both."""
        chosen = {first: block for first, block in other.blocks.items() if block.columns.size}
        return PathRecord(self.times, {**self.blocks, **chosen})


@attrs.frozen(init=False)
class Trajectories(Observer):
    """Keeps expressions along chosen trajectories, over ("trajectory", "time"); nan in both parts once one is lost.

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

    knows_replicates: ClassVar[bool] = True

    trajectory_ids: tuple[int, ...]
    named: Named

    def __init__(self, trajectory_ids: Iterable[int], **named: Any) -> None:
        ids: tuple[Any, ...] = tuple(trajectory_ids) if isinstance(trajectory_ids, Iterable) else ()
        whole = all(map(is_whole, ids))
        if not ids or not whole or len(set(ids)) < len(ids):
            raise ValueError(f"trajectory_ids={shown(ids or trajectory_ids)}: must be at least one integer, each once")
        if not named:
            raise ValueError("Trajectories has no expression: give at least one, such as excited_path=model.excited")
        self.__attrs_init__(tuple(map(int, ids)), expressions(named))

    def start(self, ensemble: Ensemble) -> PathRecord:
        """Return an empty record."""
        for i in (min(self.trajectory_ids), max(self.trajectory_ids)):
            if not 0 <= i < ensemble.trajectories:
                raise ValueError(f"trajectory {i}: the run has the numbers 0 to {ensemble.trajectories - 1}")
        for _, expression in self.named:
            ensemble.check(expression, self)
        return PathRecord(ensemble.times, {})

    def update(self, record: PathRecord, snapshot: Snapshot) -> None:
        """Keep the chosen trajectories of a block at an output time."""
        if snapshot.first not in record.blocks:
            record.blocks[snapshot.first] = self._none(record, snapshot)
        block = record.blocks[snapshot.first]
        if block.columns.size:
            values = snapshot.evaluate(tuple(expression for _, expression in self.named))[:, block.columns]
            block.values[:, snapshot.index] = np.where(snapshot.alive[block.columns], values, LOST)

    def _none(self, record: PathRecord, snapshot: Snapshot) -> BlockPaths:
        """Return what is to be filled of a block."""
        columns = np.array(self.trajectory_ids) - snapshot.first
        positions = np.flatnonzero((columns >= 0) & (columns < snapshot.alive.size))
        shape = (len(self.named), len(record.times), positions.size)
        return BlockPaths(positions, columns[positions], np.full(shape, LOST))

    def finish(self, record: PathRecord) -> xr.Dataset:
        """Return the paths."""
        import xarray as xr

        paths = np.full((len(self.named), len(self.trajectory_ids), len(record.times)), LOST)
        for block in record.blocks.values():
            paths[:, block.positions] = block.values.swapaxes(1, 2)
        return xr.Dataset(
            {name: (("trajectory", "time"), paths[k]) for k, (name, _) in enumerate(self.named)},
            coords={"time": record.times, "trajectory": list(self.trajectory_ids)},
        )
