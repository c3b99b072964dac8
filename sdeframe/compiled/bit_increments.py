"""Increments made of a few random bits, for loops over lanes of trajectories.

Bits are addressed as in `sdeframe.compiled.random_numbers`. A noise takes neighbouring ones, complex noises first:

- four-point: bit 0 set means −, the large modulus where bits 1 and 2 are set; a complex noise takes three bits for its
  real and three for its imaginary part
- octagon: 0 where bit 0 is set; where bit 1 is set a diagonal, whose real and imaginary part have the signs of bits 2
  and 3; else the imaginary axis where bit 2 is set, the real one where it is not, with the sign of bit 3
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.functions.intrinsics import from_bits, to_bits
from sdeframe.compiled.jit import inlined
from sdeframe.compiled.random_numbers import STEPS_PER_WORD, Word

_TOP: Final = np.uint64(1 << 63)


@inlined
def _signed(modulus: float, bit: Word) -> float:
    """Return −modulus where the highest bit of a word is set."""
    return from_bits(to_bits(modulus) ^ bit & _TOP)


_LARGE, _SMALL = math.sqrt(1.0 + math.sqrt(6.0)), math.sqrt(1.0 - math.sqrt(6.0) / 3.0)


@inlined
def add_four_points(
    z: NDArray[np.float64], base: int, lanes: int, words: NDArray[Word], row: int, step: int, keep: float, scale: float
) -> None:
    """Write scale times the four-point variable of bits row.. of `words` at `step` to z, plus keep (0 or 1) times z."""
    to_top = np.uint64(63 - step % STEPS_PER_WORD)
    out, sign = np.uint64(base), np.uint64(row * lanes)
    one, two = np.uint64((row + 1) * lanes), np.uint64((row + 2) * lanes)
    large, small = scale * _LARGE, scale * _SMALL
    for lane in range(np.uint64(lanes)):
        both = (words[one + lane] & words[two + lane]) << to_top & _TOP
        modulus = large if both != np.uint64(0) else small
        z[out + lane] = keep * z[out + lane] + _signed(modulus, words[sign + lane] << to_top)


@inlined
def add_octagons(
    z: NDArray[np.float64], base: int, lanes: int, words: NDArray[Word], row: int, step: int, keep: float, scale: float
) -> None:
    """Write scale times the octagon variable of bits row.. of `words` at `step` to two rows of z, as above."""
    to_top = np.uint64(63 - step % STEPS_PER_WORD)
    first, second = np.uint64(base), np.uint64(base + lanes)
    zero, diagonal = np.uint64(row * lanes), np.uint64((row + 1) * lanes)
    two, three = np.uint64((row + 2) * lanes), np.uint64((row + 3) * lanes)
    part, axis = scale * math.sqrt(2.0), 2.0 * scale
    for lane in range(np.uint64(lanes)):
        still = words[zero + lane] << to_top & _TOP != np.uint64(0)
        oblique = words[diagonal + lane] << to_top & _TOP != np.uint64(0)
        b2, b3 = words[two + lane] << to_top, words[three + lane] << to_top
        upright = b2 & _TOP != np.uint64(0)
        x = _signed(part, b2) if oblique else (0.0 if upright else _signed(axis, b3))
        y = _signed(part, b3) if oblique else (_signed(axis, b3) if upright else 0.0)
        z[first + lane] = keep * z[first + lane] + (0.0 if still else x)
        z[second + lane] = keep * z[second + lane] + (0.0 if still else y)
