"""Random bits of trajectories that are tied by a linear code.

The bit with code vector c of trajectory i is the parity of c & i over the low bits of i, its index within the
replicate, exchanged by a bit that the whole replicate shares. That one is addressed as those of independent
trajectories are (`sdeframe.compiled.random_numbers`), with the replicate in place of the trajectory and purposes of its
own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.jit import inlined, inner
from sdeframe.compiled.random_numbers import SHIFT_BITS, SHIFT_SIGN, STEPS_PER_WORD, Word, address, philox

_0: Final = np.uint64(0)
_1: Final = np.uint64(1)


@inner
def fill_tied_words(
    words: NDArray[Word],
    lanes: int,
    trajectories: NDArray[Word],
    step: int,
    sign_groups: int,
    bit_groups: int,
    columns: NDArray[np.uint32],
    k0: Word,
    k1: Word,
) -> None:
    """Write the words that hold the bits of the 32 steps around `step`, those of signs first.

    `columns` holds bit k of the code vectors at [window, row, k], a bit a step. Lanes of neighbouring trajectories are
    doubled, one exclusive or each; others are made one by one, with the same bits.
    """
    window, exponent = step // STEPS_PER_WORD, np.uint64(columns.shape[2])
    whole = neighbours(trajectories, lanes, exponent)
    for group in range(sign_groups + bit_groups):
        sign = group < sign_groups
        purpose, channel = (SHIFT_SIGN, group) if sign else (SHIFT_BITS, group - sign_groups)
        code = columns[window, 4 * group : 4 * group + 4]
        row = 4 * group * lanes
        for lane in range(1 if whole else lanes):
            i = trajectories[lane]
            c0, c1, c2, c3 = address(i >> exponent, window, channel, purpose, 0)
            w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
            for k in range(columns.shape[2]):
                mask = _0 - (i >> np.uint64(k) & _1)
                w0 ^= code[0, k] & mask
                w1 ^= code[1, k] & mask
                w2 ^= code[2, k] & mask
                w3 ^= code[3, k] & mask
            words[row + lane] = w0
            words[row + lanes + lane] = w1
            words[row + 2 * lanes + lane] = w2
            words[row + 3 * lanes + lane] = w3
        if whole:
            for j in range(4):
                _double(words, row + j * lanes, lanes, code[j])


@inner
def neighbours(trajectories: NDArray[Word], lanes: int, exponent: Word) -> bool:
    """Tell whether lanes are a power of 2 of neighbours, from a multiple of it on and in one replicate."""
    first = trajectories[0]
    if lanes & (lanes - 1) or lanes > 1 << np.int64(exponent) or first % np.uint64(lanes):
        return False
    strangers = 0
    for lane in range(lanes):
        strangers += trajectories[lane] != first + np.uint64(lane)
    return strangers == 0


@inlined
def _double(words: NDArray[Word], base: int, lanes: int, code: NDArray[np.uint32]) -> None:
    """Fill a row from its first lane on, that of an index whose low bits are zeros."""
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
