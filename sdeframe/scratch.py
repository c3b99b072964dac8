"""Memory for what is computed on whole vectors."""

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


forgets(lambda: vars(_kept).clear())  # what other threads have ends with them
