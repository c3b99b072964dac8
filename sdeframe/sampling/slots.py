"""Slots of a linear code: each gives the few bits of one random factor their code vectors.

The bit with code vector c of the trajectory with index ι in its replicate is the parity of c & ι, exchanged by a bit
that the whole replicate shares. Vectors with bit 0 are odd: they change under ι → ι ^ 1. A factor's sign has an odd
vector, all else even ones. Slot a has the field element y, 0 for the first and α^(a−1) else, and the vectors 2^j with
α^j y above them, j = 0, 1, ...: so the odd vectors of all slots differ, and are all that there are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.sampling.fields import powers
from sdeframe.sampling.order import independent_order

Integers = NDArray[np.int64]


@cached(64)
def codes(degree: int, dimension: int) -> Integers:
    """Return the code vectors of all slots, shape (2^degree, dimension), those of signs first.

    In the order of a, the vectors α^(j+1) y of a slot would be those α^j y of the next one but for a constant, so that
    increments of neighbouring steps would hang together. Slots stand in an order in which neighbours are independent.
    """
    cycle = powers(degree)
    elements = np.zeros((2**degree, dimension), dtype=np.int64)
    for j in range(dimension):
        elements[1:, j] = np.roll(cycle, -j)
    table = elements << dimension | 1 << np.arange(dimension)
    return table[independent_order(table.tolist(), (degree + dimension) // dimension)]
