"""Standard normal random numbers for loops over lanes, by the method of Box and Muller.

Their layout is part of that of `random_numbers`. Fused multiply-adds are explicit, so that no compiler
or processor changes a bit (one without the instruction is slower).

Source: Box and Muller, Ann. Math. Stat. 29, 610 (1958).
"""

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sdeframe.compiled.functions.intrinsics import from_bits, to_bits
from sdeframe.compiled.jit import inlined
from sdeframe.compiled.random_numbers import Pair, Word, call

_intrinsic: Any = intrinsic  # numba annotates it as if it were called with the typing context


@_intrinsic
def _fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a*b + c, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


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
def radius(x: Word) -> float:
    """Return √(−2 ln u) for u = (x | 1) / 2⁶⁴, from 0 to 9.42."""
    # u 2⁶⁴ = 2ᵏ m with m in [√½, √2), so that near u = 1 nothing cancels.
    above = to_bits(float(x | _1)) - _SQRT_HALF_BITS
    k = from_bits(above >> _52 | _TWO_52_BITS) - _TWO_52_AND_64
    m = from_bits((above & _MANTISSA) + _SQRT_HALF_BITS)
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
    q = from_bits(y & _MANTISSA | _ONE_BITS) - 1.5
    z = q * q
    sine = _fma(z, _fma(z, _fma(z, _S6, _S5), _S4), _S3)
    sine = q * _fma(z, _fma(z, _fma(z, sine, _S2), _S1), _S0)
    cosine = _fma(z, _fma(z, _fma(z, _C6, _C5), _C4), _C3)
    cosine = _fma(z, _fma(z, _fma(z, cosine, _C2), _C1), _C0)
    # The angle covers a quarter of the circle; a reflection and a half turn cover the rest.
    r = from_bits(to_bits(radius(x)) ^ y & _BIT_63)
    exchanged = (y & _BIT_62) != np.uint64(0)
    return r * (sine if exchanged else cosine), r * (cosine if exchanged else sine)


@inlined
def normal_pair(trajectory: Word, step: int, channel: int, purpose: int, level: int, k0: Word, k1: Word) -> Pair:
    """Return the two independent standard normals of an address."""
    x, y = call(trajectory, step, channel, purpose, level, k0, k1)
    return _box_muller(x, y)


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
        x, y = call(trajectories[lane], step, channel, purpose, level, k0, k1)
        z[first + lane] = from_bits(x)
        z[second + lane] = from_bits(y)
    for lane in range(np.uint64(lanes)):
        g0, g1 = _box_muller(to_bits(z[first + lane]), to_bits(z[second + lane]))
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
