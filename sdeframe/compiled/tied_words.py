"""Random bits of trajectories that are tied by a linear code.

The bit with code vector c of trajectory i is the parity of c & i over the low bits of i, its index within the
replicate, exchanged by a bit that the whole replicate shares. That one is addressed as those of independent
trajectories are (`sdeframe.compiled.random_numbers`), with the replicate in place of the trajectory and purposes of its
own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.compiled.cache import compile_source
from sdeframe.compiled.jit import inlined
from sdeframe.compiled.random_numbers import SHIFT_BITS, SHIFT_SIGN, Word, address, philox

TYPES: Final = "void(uint64[:,::1], uint64[:,::1], int64, int64, int64, int64, uint32[:,:,::1], uint64, uint64)"
SOURCE: Final = f"""
from sdeframe.compiled.jit import outer
from sdeframe.compiled.tied_words import fill, recode_octagons


@outer({TYPES!r})
def fill_all(words, ids, window, sign_groups, bit_groups, octagons, columns, k0, k1):
    for g in range(ids.shape[0]):
        fill(words[g], ids[g], window, sign_groups, bit_groups, columns[window], k0, k1)
        recode_octagons(words[g], 4 * sign_groups, ids.shape[1], octagons)
"""

_0: Final = np.uint64(0)
_1: Final = np.uint64(1)


@cached(None)
def fill_tied_words() -> Any:
    """Return the compiled function that fills words.

    ``fill_all(words, ids, window, sign_groups, bit_groups, octagons, columns, k0, k1)`` writes to `words`, shape
    (groups, 4 (sign_groups + bit_groups) lanes), the bits of a window of 32 steps of the trajectories `ids`, shape
    (groups, lanes): rows of signs, then of bits of increments, the first of which are those of so many octagons.
    Columns hold bit k of the code vectors at [window, row, k], a bit a step.
    """
    return compile_source(SOURCE)["fill_all"]


@inlined
def fill(
    words: NDArray[Word],
    trajectories: NDArray[Word],
    window: int,
    sign_groups: int,
    bit_groups: int,
    columns: NDArray[np.uint32],
    k0: Word,
    k1: Word,
) -> None:
    """Write the words of some lanes; those of equally spaced ones are doubled, with the same bits as one by one."""
    lanes, exponent = trajectories.size, np.uint64(columns.shape[1])
    apart = spacing(trajectories, exponent)
    whole = apart >= 0
    for group in range(sign_groups + bit_groups):
        sign = group < sign_groups
        purpose, channel = (SHIFT_SIGN, group) if sign else (SHIFT_BITS, group - sign_groups)
        row = 4 * group
        for lane in range(1 if whole else lanes):
            i = trajectories[lane]
            c0, c1, c2, c3 = address(i >> exponent, window, channel, purpose, 0)
            w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
            for k in range(columns.shape[1]):
                mask = _0 - (i >> np.uint64(k) & _1)
                w0 ^= columns[row, k] & mask
                w1 ^= columns[row + 1, k] & mask
                w2 ^= columns[row + 2, k] & mask
                w3 ^= columns[row + 3, k] & mask
            for j, word in enumerate((w0, w1, w2, w3)):
                words[(row + j) * lanes + lane] = word
        if whole:
            for j in range(row, row + 4):
                double(words, j * lanes, lanes, columns[j, apart:])


@inlined
def spacing(trajectories: NDArray[Word], exponent: Word) -> int:
    """Return k where lanes hold numbers 2^k apart that differ in bits from bit k on only, in one replicate; else −1."""
    lanes, first, k = trajectories.size, trajectories[0], 0
    while lanes > 1 and k < np.int64(exponent) and trajectories[1] - first > np.uint64(1 << k):
        k += 1
    if lanes & (lanes - 1) or lanes << k > 1 << np.int64(exponent) or (first >> np.uint64(k)) % np.uint64(lanes):
        return -1
    strangers = 0
    for lane in range(lanes):
        strangers += trajectories[lane] != first + np.uint64(lane << k)
    return -1 if strangers else k


@inlined
def double(words: NDArray[Word], base: int, lanes: int, code: NDArray[np.uint32]) -> None:
    """Fill a row from its first lane on, that of an index whose bits are zeros where lanes differ."""
    k, size = 0, 1
    while size < lanes:
        column, low, high = np.uint64(code[k]), np.uint64(base), np.uint64(base + size)
        for lane in range(np.uint64(size)):
            words[high + lane] = words[low + lane] ^ column
        k, size = k + 1, 2 * size


@inlined
def recode_octagons(words: NDArray[Word], row: int, lanes: int, count: int) -> None:
    """Exchange bit 2 where bits 1 and 3 are set, of `count` octagons from a row on: then bit 3 alone is their sign."""
    for i in range(count):
        diagonal = np.uint64((row + 4 * i + 1) * lanes)
        swap, sign = diagonal + np.uint64(lanes), diagonal + np.uint64(2 * lanes)
        for lane in range(np.uint64(lanes)):
            words[swap + lane] ^= words[diagonal + lane] & words[sign + lane]
