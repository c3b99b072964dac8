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

The level counts halvings below the nominal step (0: the step itself).

The functions take words as unsigned 64-bit integers below 2³² (a trajectory: below 2⁶⁴). They are branch-free and call
no library, so that a loop over lanes becomes vector instructions; fused multiply-adds are explicit, so that no compiler
or processor changes a bit (one without the instruction is slower).

Sources: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011); Box and Muller,
Ann. Math. Stat. 29, 610 (1958).
"""

import math
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sdeframe.compiled.jit import inlined

LAYOUT: Final = "sdeframe-philox4x32-10/1"

PATH: Final = 0
SIGN: Final = 1
INITIAL: Final = 2
JUMP: Final = 3
BRIDGE: Final = 4
BITS: Final = 5

STEPS_PER_WORD: Final = 32

Word = np.uint64
Words = tuple[Word, Word, Word, Word]
Pair = tuple[float, float]

_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)

_intrinsic: Any = intrinsic  # numba annotates it as if it were called with the typing context


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


@_intrinsic
def _to_word(typing_context: Any, x: Any) -> Any:
    """Return the bits of a float64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), generate


@_intrinsic
def _to_float(typing_context: Any, word: Any) -> Any:
    """Return the float64 that has the given bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), generate


@_intrinsic
def _fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a*b + c, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


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
def _address(trajectory: Word, step: int, channel: int, purpose: int, level: int) -> Words:
    """Return the counter words of an address."""
    low = np.uint64(channel) << np.uint64(16) | np.uint64(purpose) << np.uint64(8) | np.uint64(level)
    return trajectory & _MASK, trajectory >> _32, np.uint64(step), low


@inlined
def _call(
    trajectory: Word, step: int, channel: int, purpose: int, level: int, k0: Word, k1: Word
) -> tuple[np.uint64, np.uint64]:
    """Return the 128 bits of an address as two 64-bit words x and y."""
    c0, c1, c2, c3 = _address(trajectory, step, channel, purpose, level)
    w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
    return w0 << _32 | w1, w2 << _32 | w3


_MANTISSA = np.uint64(2**52 - 1)
_52 = np.uint64(52)
_1 = np.uint64(1)
_ONE_BITS = np.uint64(0x3FF0000000000000)  # 1.0
_SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)  # √½
_TWO_52_BITS = np.uint64(0x4330000000000000)  # 2⁵², whose mantissa counts units
_TWO_52_AND_64 = 2.0**52 + 64.0
_MINUS_2_LN_2 = -1.3862943611198906

# Minimax in z = s² for |s| <= (√2 − 1)/(√2 + 1), relative error 2e-18: −2 ln((1 + s)/(1 − s)) = s L(z).
_L0, _L1, _L2, _L3 = -4.0, -1.3333333333333468, -0.7999999999883272, -0.5714285748403436
_L4, _L5, _L6, _L7 = -0.4444439722140186, -0.3636712481348818, -0.306281976647029, -0.2959095001772368


@inlined
def _radius(x: Word) -> float:
    """Return √(−2 ln u) for u = (x | 1) / 2⁶⁴, from 0 to 9.42."""
    # u 2⁶⁴ = 2ᵏ m with m in [√½, √2), so that near u = 1 nothing cancels.
    above = _to_word(float(x | _1)) - _SQRT_HALF_BITS
    k = _to_float(above >> _52 | _TWO_52_BITS) - _TWO_52_AND_64
    m = _to_float((above & _MANTISSA) + _SQRT_HALF_BITS)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = _fma(z, _fma(z, _fma(z, _fma(z, _L7, _L6), _L5), _L4), _L3)
    p = _fma(z, _fma(z, _fma(z, p, _L2), _L1), _L0)
    return math.sqrt(_fma(k, _MINUS_2_LN_2, s * p))


# Minimax in z = q² for |q| <= 1/2, relative errors 4e-18 and 6e-17: sin(πq/2) = q S(z), cos(πq/2) = C(z).
_S0, _S1, _S2, _S3 = 1.5707963267948966, -0.6459640975062443, 0.07969262624603957, -0.004681754132282454
_S4, _S5, _S6 = 0.00016044115029189453, -3.5986417551299964e-06, 5.633721075556274e-08
_C0, _C1, _C2, _C3 = 1.0, -1.2337005501361553, 0.2536695078999594, -0.020863480735867905
_C4, _C5, _C6 = 0.0009192599541506677, -2.520014306667707e-05, 4.6553373172331166e-07

_BIT_62 = np.uint64(1 << 62)
_BIT_63 = np.uint64(1 << 63)


@inlined
def _box_muller(x: Word, y: Word) -> Pair:
    """Return two independent standard normals made of 128 random bits."""
    q = _to_float(y & _MANTISSA | _ONE_BITS) - 1.5
    z = q * q
    sine = _fma(z, _fma(z, _fma(z, _S6, _S5), _S4), _S3)
    sine = q * _fma(z, _fma(z, _fma(z, sine, _S2), _S1), _S0)
    cosine = _fma(z, _fma(z, _fma(z, _C6, _C5), _C4), _C3)
    cosine = _fma(z, _fma(z, _fma(z, cosine, _C2), _C1), _C0)
    # The angle covers a quarter of the circle; a reflection and a half turn cover the rest.
    r = _to_float(_to_word(_radius(x)) ^ y & _BIT_63)
    exchanged = (y & _BIT_62) != np.uint64(0)
    return r * (sine if exchanged else cosine), r * (cosine if exchanged else sine)


@inlined
def normal_pair(trajectory: Word, step: int, channel: int, purpose: int, level: int, k0: Word, k1: Word) -> Pair:
    """Return the two independent standard normals of an address."""
    x, y = _call(trajectory, step, channel, purpose, level, k0, k1)
    return _box_muller(x, y)


@inlined
def uniform_pair(trajectory: Word, step: int, channel: int, purpose: int, level: int, k0: Word, k1: Word) -> Pair:
    """Return the two independent uniforms on [0, 1) of an address, multiples of 2⁻⁵³."""
    x, y = _call(trajectory, step, channel, purpose, level, k0, k1)
    return float(x >> np.uint64(11)) * 2.0**-53, float(y >> np.uint64(11)) * 2.0**-53


@inlined
def fill_normals(
    z: NDArray[np.float64],
    base: int,
    lanes: int,
    trajectories: NDArray[Word],
    step: int,
    channel: int,
    purpose: int,
    level: int,
    k0: Word,
    k1: Word,
    scale: float,
) -> None:
    """Write scale*g0 to z[base + l] and scale*g1 to z[base + lanes + l] for every lane l.

    `z` is flat; `trajectories` holds the number of each lane's trajectory, in any order.
    """
    # Two loops, because short bodies keep more lanes in flight than one long one (9.1 ns instead of 10.2 for six).
    # Indices are unsigned here and below: testing for negative ones would turn loads into gathers.
    first, second = np.uint64(base), np.uint64(base + lanes)
    for lane in range(np.uint64(lanes)):
        x, y = _call(trajectories[lane], step, channel, purpose, level, k0, k1)
        z[first + lane] = _to_float(x)
        z[second + lane] = _to_float(y)
    for lane in range(np.uint64(lanes)):
        g0, g1 = _box_muller(_to_word(z[first + lane]), _to_word(z[second + lane]))
        z[first + lane] = scale * g0
        z[second + lane] = scale * g1


@inlined
def add_normals(
    z: NDArray[np.float64],
    base: int,
    lanes: int,
    trajectories: NDArray[Word],
    step: int,
    channel: int,
    purpose: int,
    level: int,
    k0: Word,
    k1: Word,
    scale: float,
) -> None:
    """Add what `fill_normals` would write: a coarse step is the sum of its fine ones, in order of time."""
    first, second = np.uint64(base), np.uint64(base + lanes)
    for lane in range(np.uint64(lanes)):
        g0, g1 = normal_pair(trajectories[lane], step, channel, purpose, level, k0, k1)
        z[first + lane] += scale * g0
        z[second + lane] += scale * g1


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
            c0, c1, c2, c3 = _address(trajectories[lane], step // STEPS_PER_WORD, group, purpose, 0)
            w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
            words[first + lane] = w0
            words[second + lane] = w1
            words[third + lane] = w2
            words[fourth + lane] = w3


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
        flip = words[row + lane] << to_sign_bit & _BIT_63
        z[first + lane] = _to_float(_to_word(scale) ^ flip)
