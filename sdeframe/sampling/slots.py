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
from sdeframe.sampling.fields import logarithms, powers

Integers = NDArray[np.int64]


@cached(64)
def codes(degree: int, dimension: int) -> Integers:
    """Return the code vectors of all slots, shape (2^degree, dimension), those of signs first."""
    cycle = powers(degree)
    elements = np.zeros((2**degree, dimension), dtype=np.int64)
    for j in range(dimension):
        elements[1:, j] = np.roll(cycle, -j)
    return elements << dimension | 1 << np.arange(dimension)


def slots_of(odd: Integers, degree: int, dimension: int) -> Integers:
    """Return the slots that odd vectors belong to."""
    low, high = odd & (1 << dimension) - 1, odd >> dimension
    # φ(x) = Σ x_j α^j is not 0, as 1, α, ... are independent
    phi = np.zeros_like(low)
    for j in range(dimension):
        phi ^= np.where(low >> j & 1, powers(degree)[j], 0)
    logs = logarithms(degree)
    return np.where(high == 0, 0, 1 + (logs[high] - logs[phi]) % (2**degree - 1))


def span(vectors: Integers) -> Integers:
    """Return the sums of all subsets of some vectors, along the last axis."""
    found = np.zeros((*vectors.shape[:-1], 1), dtype=np.int64)
    for k in range(vectors.shape[-1]):
        found = np.concatenate([found, found ^ vectors[..., k, None]], axis=-1)
    return found


@cached(64)
def number_codes(degree: int, dimension: int, numbers: int) -> Integers:
    """Return code vectors of the leading six bits of initial random numbers, shape (numbers, 6), the sign's first.

    Each takes two slots, from the last ones on, such that its odd vectors are those of no other number. Slots that
    any of these vectors belongs to are not for increments.

    Raises
    ------
    ValueError
        If there are too few slots.
    """
    table, taken = codes(degree, dimension), np.zeros(2 ** (degree + dimension), dtype=bool)
    found = np.empty((numbers, 6), dtype=np.int64)
    for k in range(numbers):
        found[k] = _free_pair(table, taken)
        taken[odd_vectors(found[k])] = True
    return found


def odd_vectors(code: Integers) -> Integers:
    """Return the odd vectors of initial numbers: the sign's with all sums of the others, shape (..., 32)."""
    return code[..., :1] ^ span(code[..., 1:])


def _free_pair(table: Integers, taken: NDArray[np.bool_]) -> Integers:
    """Return six vectors of the last two slots whose odd vectors are all free."""
    for first in range(len(table) - 1, 1, -1):
        if not taken[table[first, 0]]:
            seconds = table[1:first]
            own = np.broadcast_to(table[first, :3], (first - 1, 3))
            pairs = np.concatenate([own, seconds[:, :1] ^ 1, seconds[:, 1:3]], axis=1)
            odd = np.sort(odd_vectors(pairs), axis=1)
            usable = (np.diff(odd, axis=1) > 0).all(axis=1) & ~taken[odd].any(axis=1)
            if usable.any():
                return pairs[np.flatnonzero(usable)[-1]]
    raise ValueError("no slots are left for initial random numbers")
