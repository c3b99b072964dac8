"""Chosen sample paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.filing import Filing
from sdeframe.interfaces.named_expressions import Named, expressions
from sdeframe.interfaces.observer import Ensemble, Snapshot
from sdeframe.observers.files.path_file import path_file
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
class Trajectories(Filing):
    """Keeps expressions along chosen trajectories, over ("trajectory", "time"); nan in both parts once one is lost.

    With a file they are not kept in memory, so that there may be any number of them: the process that began the run
    writes those of each block as it comes back, and the file takes its name when all are there. It is a NetCDF file of
    the dimensions ("time", "trajectory"), which xarray opens without reading it; what is not known to be real has
    ("time", "trajectory", "complex_part"). In the dataset of the run its name stands in their place.

    Parameters
    ----------
    trajectory_ids
        Numbers of the trajectories, such as ``range(1000)``.
    file
        The name of the file; if not given they are kept.
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression or no trajectory, one is not valid, or the run has no such trajectory; with a file
        also if the run has a checkpoint, may end early, or is to be kept in a store.
    OSError
        If the file cannot be written; then nothing is left of it.
    """

    knows_replicates: ClassVar[bool] = True

    trajectory_ids: tuple[int, ...] | range
    named: Named
    file: str | None

    def __init__(
        self, /, trajectory_ids: Iterable[int], *, file: str | os.PathLike[str] | None = None, **named: Any
    ) -> None:
        if not named:
            raise ValueError("Trajectories has no expression: give at least one, such as excited_path=model.excited")
        if file is not None and not isinstance(file, (str, os.PathLike)):
            raise TypeError(f"file={shown(file)} in Trajectories: must be the name of a file, such as 'paths.nc'")
        ids = _valid_ids(trajectory_ids)
        self.__attrs_init__(ids, expressions(named), None if file is None else os.fspath(file))

    def start(self, ensemble: Ensemble) -> PathRecord:
        """Return an empty record."""
        for i in (min(self.trajectory_ids), max(self.trajectory_ids)):
            if i not in ensemble.numbers:
                first, last = ensemble.numbers[0], ensemble.numbers[-1]
                raise ValueError(f"trajectory {i}: the run has the numbers {first} to {last}")
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
        positions, columns = _within(self.trajectory_ids, snapshot.first, snapshot.alive.size)
        shape = (len(self.named), len(record.times), positions.size)
        return BlockPaths(positions, columns, np.full(shape, LOST))

    @contextmanager
    def opened(self, ensemble: Ensemble, about: Mapping[str, Any]) -> Iterator[Callable[[PathRecord], PathRecord]]:
        """Give a function that writes the paths of a record and returns an empty one."""
        path = Path(str(self.file))
        with path_file(path, self.named, self.trajectory_ids, ensemble.times, about) as file:

            def written(record: PathRecord) -> PathRecord:
                for block in record.blocks.values():
                    if block.columns.size:
                        file.write(block.positions, block.values)
                return PathRecord(record.times, {})

            yield written

    def finish(self, record: PathRecord) -> xr.Dataset:
        """Return the paths, or the name of the file that holds them."""
        import xarray as xr

        if self.file is not None:
            places = {
                name: ((), self.file, {"long_name": f"file that holds {expression} along trajectories"})
                for name, expression in self.named
            }
            return xr.Dataset(places, coords={"time": record.times})
        paths = np.full((len(self.named), len(self.trajectory_ids), len(record.times)), LOST)
        for block in record.blocks.values():
            paths[:, block.positions] = block.values.swapaxes(1, 2)
        return xr.Dataset(
            {name: (("trajectory", "time"), paths[k]) for k, (name, _) in enumerate(self.named)},
            coords={"time": record.times, "trajectory": list(self.trajectory_ids)},
        )


def _valid_ids(given: Any) -> tuple[int, ...] | range:
    """Return numbers of trajectories, those of a range as one."""
    if isinstance(given, range) and len(given):
        return given
    ids: tuple[Any, ...] = tuple(given) if isinstance(given, Iterable) else ()
    if not ids or not all(map(is_whole, ids)) or len(set(ids)) < len(ids):
        raise ValueError(f"trajectory_ids={shown(ids or given)}: must be at least one integer, each once")
    return tuple(map(int, ids))


def _within(ids: tuple[int, ...] | range, first: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the chosen trajectories of a block stand among all that are chosen, and in the block."""
    if isinstance(ids, range) and ids.step > 0:
        begin, end = (max(0, -((ids.start - number) // ids.step)) for number in (first, first + count))
        positions = np.arange(begin, min(end, len(ids)))
        return positions, ids.start + ids.step * positions - first
    columns = np.array(ids) - first
    positions = np.flatnonzero((columns >= 0) & (columns < count))
    return positions, columns[positions]
