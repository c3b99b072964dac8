"""Sine, cosine, tangent and arc tangent of one lane: branch-free, error below 4 ulp for every argument.

An angle is reduced by the method of Payne and Hanek (SIGNUM Newsletter 18, 1983): the mantissa times those 192 bits
of 2/pi whose product is neither whole turns nor below the last bit that counts. No float64 comes closer to a multiple
of pi/2 than 2^-61, so that the 114 fraction bits used leave a full mantissa.
"""

from typing import Final

import numpy as np

from sdeframe.compiled.functions.exponential import (
    EXPONENT_SHIFT,
    INF,
    INTEGER_BITS,
    INTEGER_OFFSET,
    MANTISSA,
    NAN,
    ONE,
    ZERO,
)
from sdeframe.compiled.functions.intrinsics import copysign, fabs, from_bits, select, to_bits
from sdeframe.compiled.jit import inlined

_TWO_OVER_PI: Final = int(  # floor(2^1184 * 2/pi)
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e0"
    "06492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f4"
    "9c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d"
    "7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046",
    16,
)
# Entry j holds 64 bits of 2/pi, the last of weight 2^(1013 - 8j); biased exponent e begins at entry e // 8.
_WINDOWS: Final = np.array([(_TWO_OVER_PI << 8 * j >> 2197) % 2**64 for j in range(272)], dtype=np.uint64)

_WORD: Final = np.uint64(32)
_LOW_WORD: Final = np.uint64(2**32 - 1)
_IMPLICIT_BIT: Final = np.uint64(1 << 52)
_BYTE_SHIFT: Final = np.uint64(3)
_BYTE_REST: Final = np.uint64(7)
_NEXT_WINDOW: Final = np.uint64(8)
_LAST_WINDOW: Final = np.uint64(16)
_HALF_QUARTER: Final = np.uint64(1 << 61)
_QUARTER_SHIFT: Final = np.uint64(62)
_SIGN_BIT: Final = np.uint64(1 << 63)
_MANTISSA_REST: Final = np.uint64(12)
_SECOND_BIT: Final = np.uint64(2)

HEAD_BITS: Final = np.uint64(2**64 - 2**27)  # a float's leading 26 bits
_UNIT: Final = float.fromhex("0x1.921fb54442d18p-62")  # pi/2 * 2^-62
_UNIT_HEAD: Final = float.fromhex("0x1.921fb5p-62")  # its leading bits: exact times 26 bits
_UNIT_TAIL: Final = float.fromhex("0x1.110b4611a6263p-88")
QUARTER_PI: Final = float.fromhex("0x1.921fb54442d18p-1")
QUARTER_PI_LOW: Final = float.fromhex("0x1.1a62633145c07p-55")
TAN_EIGHTH_PI: Final = 0.41421356237309503


@inlined
def fraction_of_quarter_turns(x: float) -> tuple[int, int]:
    """Return |x| 2/pi modulo 4 as two uint64 (high, low), in units of 2^-62 and 2^-126.

    Schoolbook product, modulo 2^192, of the mantissa (two words, shifted within the byte) and six words of 2/pi,
    its two lowest words left out.
    """
    bits = to_bits(fabs(x))
    exponent = bits >> EXPONENT_SHIFT
    row = exponent >> _BYTE_SHIFT
    mantissa = ((bits & MANTISSA) | _IMPLICIT_BIT) << (exponent & _BYTE_REST)
    m0 = mantissa & _LOW_WORD
    m1 = mantissa >> _WORD
    top, middle, last = _WINDOWS[row], _WINDOWS[row + _NEXT_WINDOW], _WINDOWS[row + _LAST_WINDOW]
    w1, w3, w5 = last >> _WORD, middle >> _WORD, top >> _WORD
    w0, w2, w4 = last & _LOW_WORD, middle & _LOW_WORD, top & _LOW_WORD
    a2 = m0 * w2 + (m0 * w1 >> _WORD)
    a3 = m0 * w3 + (a2 >> _WORD)
    a4 = m0 * w4 + (a3 >> _WORD)
    a5 = m0 * w5 + (a4 >> _WORD)
    b2 = m1 * w1 + (m1 * w0 >> _WORD) + (a2 & _LOW_WORD)
    b3 = m1 * w2 + (b2 >> _WORD) + (a3 & _LOW_WORD)
    b4 = m1 * w3 + (b3 >> _WORD) + (a4 & _LOW_WORD)
    b5 = m1 * w4 + (b4 >> _WORD) + a5
    return (b5 << _WORD) | (b4 & _LOW_WORD), (b3 << _WORD) | (b2 & _LOW_WORD)


@inlined
def reduce_angle(x: float) -> tuple[float, float, int]:
    """Return (r, r_low, q) with |x| = q pi/2 + r + r_low modulo 2 pi, |r| <= pi/4; r is NaN for an infinite x."""
    high, low = fraction_of_quarter_turns(x)
    quarter = (high + _HALF_QUARTER) >> _QUARTER_SHIFT
    signed = (high - (quarter << _QUARTER_SHIFT)) + _SIGN_BIT
    d2 = (from_bits((signed >> _WORD) | INTEGER_BITS) - (INTEGER_OFFSET + 2.0**31)) * 2.0**32
    d1 = from_bits((signed & _LOW_WORD) | INTEGER_BITS) - INTEGER_OFFSET
    d0 = (from_bits((low >> _MANTISSA_REST) | INTEGER_BITS) - INTEGER_OFFSET) * 2.0**-52
    head = d2 + d1
    tail = (d1 - (head - d2)) + d0
    turns = head + tail
    turns_low = tail - (turns - head)
    coarse = from_bits(to_bits(turns) & HEAD_BITS)
    rest = turns - coarse
    far = turns * _UNIT
    far_low = ((coarse * _UNIT_HEAD - far) + rest * _UNIT_HEAD + turns * _UNIT_TAIL) + turns_low * _UNIT
    near = fabs(x) <= QUARTER_PI
    r = select(near, fabs(x), select(fabs(x) < INF, far, NAN))
    return r, select(near, 0.0, far_low), select(near, ZERO, quarter)


@inlined
def sine_of_reduced(r: float, r_low: float, cosine: float) -> tuple[float, float]:
    """Return sin(r + r_low) and its rounding error for |r| <= pi/4 (minimax of degree 13, error 2^-58)."""
    z = r * r
    p = 1.5896795377136396e-10
    p = p * z - 2.5050758112404107e-08
    p = p * z + 2.7557313691917495e-06
    p = p * z - 0.00019841269829807892
    p = p * z + 0.008333333333322413
    p = p * z - 0.16666666666666632
    tail = r * z * p + cosine * r_low
    sine = r + tail
    return sine, (r - sine) + tail


@inlined
def cosine_of_reduced(r: float, r_low: float) -> tuple[float, float]:
    """Return cos(r + r_low) and its rounding error for |r| <= pi/4 (minimax of degree 14, error 2^-64)."""
    z = r * r
    q = -1.1359648797084286e-11
    q = q * z + 2.0875723295084495e-09
    q = q * z - 2.755731435251706e-07
    q = q * z + 2.480158728948292e-05
    q = q * z - 0.0013888888888874125
    q = q * z + 0.0416666666666666
    half = 0.5 * z
    head = 1.0 - half
    tail = ((1.0 - head) - half) + (z * z * q - r * r_low)
    cosine = head + tail
    return cosine, (head - cosine) + tail


@inlined
def flip_sign(x: float, sign_bit: int) -> float:
    """Return x, or -x where the sign bit (uint64, 0 or 2^63) is set."""
    return from_bits(to_bits(x) ^ sign_bit)


@inlined
def sin_and_cos_extended(x: float) -> tuple[float, float, float, float]:
    """Return sin x, cos x and what rounding took from each, from one reduction; NaN for an infinite angle."""
    r, r_low, quarter = reduce_angle(x)
    cosine, cosine_low = cosine_of_reduced(r, r_low)
    sine, sine_low = sine_of_reduced(r, r_low, cosine)
    odd = (quarter & ONE) != ZERO
    sine_sign = ((quarter & _SECOND_BIT) << _QUARTER_SHIFT) ^ (to_bits(x) & _SIGN_BIT)
    cosine_sign = ((quarter + ONE) & _SECOND_BIT) << _QUARTER_SHIFT
    return (
        flip_sign(select(odd, cosine, sine), sine_sign),
        flip_sign(select(odd, sine, cosine), cosine_sign),
        flip_sign(select(odd, cosine_low, sine_low), sine_sign),
        flip_sign(select(odd, sine_low, cosine_low), cosine_sign),
    )


@inlined
def sin_and_cos(x: float) -> tuple[float, float]:
    """Return sin x and cos x from one reduction; NaN for an infinite angle."""
    sine, cosine, _, _ = sin_and_cos_extended(x)
    return sine, cosine


@inlined
def sin(x: float) -> float:
    """Return the sine; NaN for an infinite angle."""
    s, _ = sin_and_cos(x)
    return s


@inlined
def cos(x: float) -> float:
    """Return the cosine; NaN for an infinite angle."""
    _, c = sin_and_cos(x)
    return c


@inlined
def tan(x: float) -> float:
    """Return the tangent; NaN for an infinite angle."""
    s, c = sin_and_cos(x)
    return s / c


@inlined
def octant(diagonal: bool, steep: bool, left: bool) -> tuple[float, float]:
    """Return (direction, eighths): mirrored at y = x and x = 0, an angle is eighths * pi/4 + direction * rest."""
    eighths = select(diagonal, 1.0, 0.0)
    direction = select(steep, -1.0, 1.0)
    eighths = select(steep, 2.0 - eighths, eighths)
    return select(left, -direction, direction), select(left, 4.0 - eighths, eighths)


@inlined
def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y) in [-pi, pi]; zeros and infinities choose their side as in C99."""
    wide, tall = fabs(x), fabs(y)
    steep = tall > wide
    long, short = select(steep, tall, wide), select(steep, wide, tall)
    endless = long == INF
    scale = select(long > 2.0**1000, 0.5, select(long < 2.0**-900, 2.0**100, 1.0))
    short = select(endless, select(short == INF, 1.0, 0.0 * short), scale * short)
    long = select(endless, 1.0, scale * long)
    diagonal = short > TAN_EIGHTH_PI * long
    t = select(diagonal, short - long, short) / select(long == 0.0, 1.0, select(diagonal, short + long, long))
    z = t * t
    p = -0.01792087158238669
    p = p * z + 0.03807706842556587
    p = p * z - 0.0503979760081542
    p = p * z + 0.05847998614660333
    p = p * z - 0.06663119017298605
    p = p * z + 0.07692061521581511
    p = p * z - 0.09090897830240709
    p = p * z + 0.11111110785932847
    p = p * z - 0.1428571428024465
    p = p * z + 0.19999999999954046
    p = p * z - 0.333333333333332
    angle = t + t * z * p
    direction, eighths = octant(diagonal, steep, copysign(1.0, x) < 0.0)
    result = eighths * QUARTER_PI + (eighths * QUARTER_PI_LOW + direction * angle)
    return copysign(result, y)
