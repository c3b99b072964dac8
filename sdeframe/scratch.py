"""Memory that a thread uses again and again: new pages would cost as much as what is computed in them."""

from __future__ import annotations

import math
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import forgets

_kept: Final = threading.local()


def scratch(purpose: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an array of any content, which is lost once the same thread asks for the same purpose again."""
    size, arrays = math.prod(shape), vars(_kept)
    if purpose not in arrays or arrays[purpose].size < size:
        arrays[purpose] = np.empty(size)
    found: NDArray[np.float64] = arrays[purpose][:size].reshape(shape)
    return found


forgets(lambda: vars(_kept).clear())  # what other threads have ends with them
