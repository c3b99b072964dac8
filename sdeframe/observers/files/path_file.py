"""A file of paths: the HDF5 library lays it out in memory while it is empty, and plain writes fill it.

So no more than a block is in memory, blocks come in any order, and a full disk is an error like any other: that
library, which does not survive one, never sees the disk.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.files import COMPLEX_PART, whole_file
from sdeframe.interfaces.named_expressions import Named
from sdeframe.observers.files.sparse_file import SparseFile

REAL: Final = np.dtype("<f8")
HEAD: Final = 2**16
"""Bytes that a file takes beside its numbers, about."""


@attrs.define(eq=False)
class PathFile:
    """An open file of paths, in which the numbers of a name stand in the order (time, trajectory, part).

    Parameters
    ----------
    file
        It.
    begins
        Where the numbers of each name begin.
    real
        Which names are real: the others have two parts.
    times, trajectories
        How many there are.
    """

    file: BinaryIO
    begins: Sequence[int]
    real: Sequence[bool]
    times: int
    trajectories: int
    written: int = 0
    """How many trajectories are there."""

    def write(self, positions: NDArray[np.int64], values: NDArray[np.complex128]) -> None:
        """Write some trajectories, shape (names, times, trajectories), which stand at ascending positions."""
        runs = np.split(np.arange(positions.size), np.flatnonzero(np.diff(positions) != 1) + 1)
        for begin, real, numbers in zip(self.begins, self.real, values, strict=True):
            size = REAL.itemsize * (1 if real else 2)
            for time, row in enumerate(numbers.real if real else numbers):
                for run in runs:
                    self.file.seek(begin + size * (time * self.trajectories + int(positions[run[0]])))
                    self.file.write(np.ascontiguousarray(row[run]).astype(f"<{'f8' if real else 'c16'}").tobytes())
        self.written += positions.size


@contextmanager
def path_file(
    path: Path, named: Named, ids: Sequence[int], times: NDArray[np.float64], about: Mapping[str, Any]
) -> Iterator[PathFile]:
    """Give a file to be filled, which takes its name once all trajectories are there.

    Raises
    ------
    OSError
        If it cannot be written, or its disk has too little room; then nothing is left of it.
    """
    real = [bool(expression.is_real) for _, expression in named]
    size = HEAD + REAL.itemsize * (len(ids) * (1 + len(times) * sum(1 if r else 2 for r in real)))
    try:
        if shutil.disk_usage(os.path.dirname(os.path.realpath(path))).free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with whole_file(path) as file:
            found = PathFile(file, _laid_out(file, named, real, ids, times, about), real, len(times), len(ids))
            yield found
            if found.written != len(ids):
                raise RuntimeError(f"{path}: {found.written} of {len(ids)} trajectories came")
    except OSError as error:
        way_out = f"it takes {size / 1e6:,.1f} MB: make room, take another folder, or keep fewer trajectories or times"
        raise OSError(error.errno, f"{error.strerror}, nothing is left of this file; {way_out}", str(path)) from None


def _laid_out(
    file: BinaryIO, named: Named, real: Sequence[bool], ids: Sequence[int], times: NDArray[np.float64],
    about: Mapping[str, Any],
) -> list[int]:  # fmt: skip
    """Write what describes the numbers, and return where those of each name are to begin."""
    import h5netcdf
    import h5py

    held = SparseFile()
    placed = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    placed.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    placed.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5netcdf.File(held, "w") as laid:
        laid.dimensions = {"time": len(times), "trajectory": len(ids)} | ({} if all(real) else {COMPLEX_PART: 2})
        laid.attrs.update(about)
        laid.create_variable("time", ("time",), REAL, data=times)
        laid.create_variable("trajectory", ("trajectory",), np.int64, data=np.asarray(ids, dtype=np.int64))
        for (name, expression), is_real in zip(named, real, strict=True):
            dimensions = ("time", "trajectory") if is_real else ("time", "trajectory", COMPLEX_PART)
            variable = laid.create_variable(name, dimensions, REAL, dcpl=placed)
            variable.attrs["long_name"] = f"{expression} along trajectories, nan once one is lost"
    held.copy_to(file)
    with h5py.File(held, "r") as laid:
        return [laid[name].id.get_offset() for name, _ in named]
