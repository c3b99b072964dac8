"""Memory for what is computed on whole vectors, which is used again."""

from __future__ import annotations

import math
import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import forgets

ALIGNED: Final = 64
"""Bytes of a cache line, to which memory is aligned: a vector across two lines takes two accesses."""

_kept: Final = threading.local()


def zeros(shape: tuple[int, ...], dtype: type[np.generic] = np.float64) -> NDArray[Any]:
    """Return an aligned array of zeros."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + ALIGNED, dtype=np.uint8)
    first = -memory.ctypes.data % ALIGNED
    return memory[first : first + size].view(dtype).reshape(shape)


def scratch(purpose: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an aligned array of any content, which is lost once the same thread asks for the same purpose again.

    New pages for each use would cost as much as what is computed in them.
    """
    size, arrays = math.prod(shape), vars(_kept)
    if purpose not in arrays or arrays[purpose].size < size:
        arrays[purpose] = zeros((size,))
    found: NDArray[np.float64] = arrays[purpose][:size].reshape(shape)
    return found


class _Loan:
    """Memory that goes back to the shelf of the thread that took it, once no array refers to it."""

    def __init__(self, memory: NDArray[np.uint8], shelf: list[NDArray[np.uint8]]) -> None:
        self.memory, self.shelf = memory, shelf
        self.__array_interface__ = memory.__array_interface__

    def __del__(self) -> None:
        self.shelf.append(self.memory)


def borrowed(shape: tuple[int, ...], dtype: type[np.generic] = np.float64) -> NDArray[Any]:
    """Return an aligned array of any content, whose memory is used again once neither it nor a view of it is left.

    An allocator may give large arrays back to the system, as that of a worker of Dask does; then each block has new
    pages.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    shelf: list[NDArray[np.uint8]] = vars(_kept).setdefault("shelf", [])
    fitting = [place for place, memory in enumerate(shelf) if memory.size >= size]
    if fitting:
        memory = shelf.pop(min(fitting, key=lambda place: shelf[place].size))
    else:
        shelf.clear()  # of smaller arrays, for which there was use before
        memory = zeros((size,), np.uint8)
    return np.asarray(_Loan(memory, shelf))[:size].view(dtype).reshape(shape)


forgets(lambda: vars(_kept).clear())  # what other threads have ends with them
