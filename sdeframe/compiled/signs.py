"""Random signs for loops over lanes of trajectories, addressed as in `random_numbers`."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.functions.intrinsics import from_bits, to_bits
from sdeframe.compiled.jit import inlined
from sdeframe.compiled.random_numbers import STEPS_PER_WORD, Word

_TOP: Final = np.uint64(1 << 63)


@inlined
def fill_signs(
    z: NDArray[np.float64], base: int, lanes: int, words: NDArray[Word], j: int, step: int, scale: float
) -> None:
    """Write sign j at `step` times scale to z[base + l] for every lane l.

    `words` is what `fill_words` wrote for a step of the same window.
    """
    to_sign_bit = np.uint64(63 - step % STEPS_PER_WORD)
    first, row = np.uint64(base), np.uint64(j * lanes)
    for lane in range(np.uint64(lanes)):
        flip = words[row + lane] << to_sign_bit & _TOP
        z[first + lane] = from_bits(to_bits(scale) ^ flip)
