"""Counter-based random numbers for loops over lanes of trajectories.

Every random number is a pure function of its address, so a trajectory has the same bits whatever the lane width,
block, thread or order of the work. The layout is public and named by `LAYOUT`:

- key: the two words of `key(seed)`
- counter word 0, 1: trajectory, low and high 32 bits
- counter word 2: step
- counter word 3: channel (16 bits) << 16 | purpose (8 bits) << 8 | level (8 bits)
- generator: Philox4x32-10; its words w0..w3 are read as x = w0 << 32 | w1 and y = w2 << 32 | w3
- uniforms on [0, 1): u0 = (x >> 11) / 2⁵³ and u1 = (y >> 11) / 2⁵³
- normals: g0 = r cos a and g1 = r sin a with r = √(−2 ln u), u = (x | 1) / 2⁶⁴, and a = π/2 (q − 1/2), where q is
  the low 52 bits of y over 2⁵²; then bit 62 of y exchanges g0 with g1 and bit 63 flips the signs of both
- sign j at step s: bit s % 32 of word j % 4 of the call with purpose `SIGN`, step s // 32, channel j // 4, level 0;
  a set bit means −1
- bit i at step s of increments made of bits (`sdeframe.compiled.bit_increments`): likewise, with purpose `BITS`
- candidates of jumps (`sdeframe.compiled.jumps`): purpose `JUMP`, the number of the candidate as step
- of tied trajectories (`BALANCED`): `sdeframe.compiled.tied_words`, with purposes `SHIFT_SIGN` and `SHIFT_BITS`;
  their initial numbers: `sdeframe.sampling.initial_numbers`, with purpose `SHIFT_INITIAL`, the number as channel
- of event number k on a group: normals and uniforms with purpose `EVENT`, k as step

The level counts halvings below the nominal step (0: the step itself).

The functions take words as unsigned 64-bit integers below 2³² (a trajectory: below 2⁶⁴). They are branch-free and call
no library, so that a loop over lanes becomes vector instructions; fused multiply-adds are explicit, so that no compiler
or processor changes a bit (one without the instruction is slower).

Sources: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011); Box and Muller,
Ann. Math. Stat. 29, 610 (1958).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.jit import inlined

LAYOUT: Final = "sdeframe-philox4x32-10/1"
BALANCED: Final = f"{LAYOUT}+balanced/1"
"""The layout where trajectories are tied by codes."""

PATH: Final = 0
SIGN: Final = 1
INITIAL: Final = 2
JUMP: Final = 3
BRIDGE: Final = 4
BITS: Final = 5
SHIFT_SIGN: Final = 6
SHIFT_BITS: Final = 7
SHIFT_INITIAL: Final = 8
EVENT: Final = 9

STEPS_PER_WORD: Final = 32

Word = np.uint64
Words = tuple[Word, Word, Word, Word]
Pair = tuple[float, float]

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def key(seed: int) -> tuple[np.uint64, np.uint64]:
    """Return the two 32-bit key words of a seed.

    Different seeds have different keys, and neighbouring seeds keys without resemblance.

    Raises
    ------
    ValueError
        If the seed is not an integer in [0, 2⁶³).

    Source: finalizer of SplitMix64; Steele, Lea and Flood, OOPSLA (2014), mix variant 13.
    """
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise ValueError(f"seed {seed!r} is not allowed: give an integer from 0 to 2**63 - 1")
    wide = 2**64 - 1
    mixed = (int(seed) + 0x9E3779B97F4A7C15) & wide
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & wide
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & wide
    mixed ^= mixed >> 31
    return np.uint64(mixed & 0xFFFFFFFF), np.uint64(mixed >> 32)


# Multipliers and key increments of Philox4x32 (Salmon et al., section 3.3).
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)


@inlined
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> Words:
    """Return the four 32-bit words of Philox4x32-10 for counter (c0..c3) and key (k0, k1)."""
    for _ in range(10):
        # The masks prove to the compiler that a 32 x 32 -> 64 multiplication is enough.
        p0 = (c0 & _MASK) * _M0
        p1 = (c2 & _MASK) * _M1
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _MASK, (p0 >> _32) ^ c3 ^ k1, p0 & _MASK
        k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@inlined
def address(trajectory: Word, step: int, channel: int, purpose: int, level: int) -> Words:
    """Return the counter words of an address."""
    low = np.uint64(channel) << np.uint64(16) | np.uint64(purpose) << np.uint64(8) | np.uint64(level)
    return trajectory & _MASK, trajectory >> _32, np.uint64(step), low


@inlined
def call(
    trajectory: Word, step: int, channel: int, purpose: int, level: int, k0: Word, k1: Word
) -> tuple[np.uint64, np.uint64]:
    """Return the 128 bits of an address as two 64-bit words x and y."""
    c0, c1, c2, c3 = address(trajectory, step, channel, purpose, level)
    w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
    return w0 << _32 | w1, w2 << _32 | w3


@inlined
def uniform_pair(trajectory: Word, step: int, channel: int, purpose: int, level: int, k0: Word, k1: Word) -> Pair:
    """Return the two independent uniforms on [0, 1) of an address, multiples of 2⁻⁵³."""
    x, y = call(trajectory, step, channel, purpose, level, k0, k1)
    return float(x >> np.uint64(11)) * 2.0**-53, float(y >> np.uint64(11)) * 2.0**-53


@inlined
def fill_words(
    words: NDArray[Word],
    base: int,
    lanes: int,
    trajectories: NDArray[Word],
    step: int,
    groups: int,
    purpose: int,
    k0: Word,
    k1: Word,
) -> None:
    """Write the words that hold the bits of the 32 steps around `step`: four rows of `lanes` a group, from `base` on.

    `words` is flat; row j serves bit j. Call it when a run enters a new window of 32 steps.
    """
    for group in range(groups):
        row = base + 4 * group * lanes
        first, second = np.uint64(row), np.uint64(row + lanes)
        third, fourth = np.uint64(row + 2 * lanes), np.uint64(row + 3 * lanes)
        for lane in range(np.uint64(lanes)):
            c0, c1, c2, c3 = address(trajectories[lane], step // STEPS_PER_WORD, group, purpose, 0)
            w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
            words[first + lane] = w0
            words[second + lane] = w1
            words[third + lane] = w2
            words[fourth + lane] = w3
