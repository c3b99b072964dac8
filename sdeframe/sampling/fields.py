"""Finite fields of characteristic 2, as powers of a primitive element."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached

Integers = NDArray[np.int64]

POLYNOMIALS: Final = {
    3: 0b1011, 4: 0b10011, 5: 0b100101, 6: 0b1000011, 7: 0b10000011, 8: 0x11D, 9: 0x211, 10: 0x409, 11: 0x805,
    12: 0x1053, 13: 0x201B,
}  # fmt: skip
"""A primitive polynomial of each degree, bit k for the power k; the bits of runs depend on the choice."""


@cached(None)
def powers(degree: int) -> Integers:
    """Return α⁰, α¹, ..., shape (2^degree − 1,), α the polynomial's root: every element but 0, bit k for α^k."""
    found = np.empty(2**degree - 1, dtype=np.int64)
    element = 1
    for k in range(found.size):
        found[k] = element
        element <<= 1
        if element >> degree:
            element ^= POLYNOMIALS[degree]
    return found
