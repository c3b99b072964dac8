"""Numbers held as a sum of two floats: logarithm and angle to 2^-63, and from them x^y to 4 ulp.

The sum of two floats (high, low) has |low| of about ulp(high)/2. Sums are exact by Knuth's method, products by
Dekker's with the factors cut by a bit mask: no fused multiply-add is needed.
"""

from typing import Final

import numpy as np

from sdeframe.compiled.functions.exponential import (
    INF,
    LARGEST_EXPONENT,
    LN2_HIGH,
    LN2_LOW,
    NAN,
    ZERO,
    clamp,
    expm1_tail,
    exponential_factors,
    split_exponent,
    split_mantissa,
)
from sdeframe.compiled.functions.intrinsics import copysign, fabs, from_bits, select, to_bits
from sdeframe.compiled.functions.trigonometric import HEAD_BITS, QUARTER_PI, QUARTER_PI_LOW, TAN_EIGHTH_PI, octant
from sdeframe.compiled.jit import inlined

_HALF_OF_HEAD: Final = np.uint64(2**26)
_SIGN_SHIFT: Final = np.uint64(63)
_INTEGERS: Final = 2.0**52  # no float above has a fraction
_EVEN_INTEGERS: Final = 2.0**53

_THIRD: Final = 1.0 / 3.0
_THIRD_LOW: Final = float.fromhex("0x1.5555555555555p-56")  # 1/3 beyond its float
_FIFTH_LOW: Final = float.fromhex("-0x1.999999999999ap-57")


@inlined
def sum_exact(a: float, b: float) -> tuple[float, float]:
    """Return a + b and its rounding error."""
    total = a + b
    b_seen = total - a
    return total, (a - (total - b_seen)) + (b - b_seen)


@inlined
def head(x: float) -> float:
    """Return x rounded to 26 bits; the rest then has 26 bits, too, and products of such parts are exact."""
    return from_bits((to_bits(x) + _HALF_OF_HEAD) & HEAD_BITS)


@inlined
def product_exact(a: float, b: float) -> tuple[float, float]:
    """Return a * b and its rounding error."""
    a_head, b_head = head(a), head(b)
    a_tail, b_tail = a - a_head, b - b_head
    product = a * b
    return product, ((a_head * b_head - product) + (a_head * b_tail + a_tail * b_head)) + a_tail * b_tail


@inlined
def product(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return (a + a_low) * (b + b_low) as a sum of two floats."""
    high, low = product_exact(a, b)
    return high, low + (a * b_low + a_low * b)


@inlined
def quotient(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return (a + a_low) / (b + b_low) as a sum of two floats, with one division."""
    reciprocal = 1.0 / b
    high = a * reciprocal
    back, back_low = product_exact(high, b)
    return high, (((a - back) - back_low) + (a_low - high * b_low)) * reciprocal


@inlined
def scalar_product(a: float, x: float, x_low: float, b: float, y: float, y_low: float) -> tuple[float, float]:
    """Return a (x + x_low) + b (y + y_low) as a sum of two floats."""
    first, first_low = product_exact(a, x)
    second, second_low = product_exact(b, y)
    total, total_low = sum_exact(first, second)
    low = total_low + ((first_low + a * x_low) + (second_low + b * y_low))
    return sum_exact(total, select(fabs(total) < INF, low, 0.0))


@inlined
def log_extended(m: float, m_low: float, k: float) -> tuple[float, float]:
    """Return ln((m + m_low) 2^k) as a sum of two floats, for m in [sqrt(1/2), sqrt(2)).

    ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m-1)/(m+1); s and 2/3 are held to two floats, the rest to one.
    """
    numerator = m - 1.0
    denominator, denominator_low = sum_exact(1.0, m)
    s, s_low = quotient(numerator, m_low, denominator, denominator_low + m_low)
    z, z_low = product(s, s_low, s, s_low)
    q = 0.1194633697765542
    q = q * z + 0.11680428806080537
    q = q * z + 0.13336011996973257
    q = q * z + 0.15384565744433734
    q = q * z + 0.18181818722844365
    q = q * z + 0.22222222218924464
    q = q * z + 0.28571428571438356
    q = q * z + 0.3999999999999999
    series, series_low = sum_exact(2.0 * _THIRD, q * z)
    cube, cube_low = product(s, s_low, z, z_low)
    tail, tail_low = product(cube, cube_low, series, series_low + 2.0 * _THIRD_LOW)
    total, total_low = sum_exact(k * LN2_HIGH, 2.0 * s)
    high, high_low = sum_exact(total, tail)
    return high, high_low + (total_low + (tail_low + (2.0 * s_low + k * LN2_LOW)))


@inlined
def arc_tangent_extended(t: float, t_low: float) -> tuple[float, float]:
    """Return atan(t + t_low) as a sum of two floats, for |t| <= tan(pi/8).

    The terms t, t^3/3 and t^5/5 are held to two floats, the rest to one.
    """
    z, z_low = product(t, t_low, t, t_low)
    p = -0.013956994437112808
    p = p * z + 0.03069542242627345
    p = p * z - 0.04108200757345138
    p = p * z + 0.04720708049251974
    p = p * z - 0.05258325684222248
    p = p * z + 0.05881965362533456
    p = p * z - 0.06666645773773974
    p = p * z + 0.0769230696668158
    p = p * z - 0.09090909075978619
    p = p * z + 0.11111111110958592
    p = p * z - 0.14285714285713816
    fifth, fifth_low = sum_exact(0.2, z * p)
    fifth, fifth_low = product(fifth, fifth_low + _FIFTH_LOW, z, z_low)
    third, third_low = sum_exact(-_THIRD, fifth)
    cube, cube_low = product(t, t_low, z, z_low)
    tail, tail_low = product(cube, cube_low, third, third_low + (fifth_low - _THIRD_LOW))
    high, high_low = sum_exact(t, tail)
    return high, high_low + (tail_low + t_low)


@inlined
def angle_extended(y: float, x: float) -> tuple[float, float]:
    """Return the angle of the point (x, y) as a sum of two floats, for coordinates whose squares are in range."""
    wide, tall = fabs(x), fabs(y)
    steep = tall > wide
    long, short = select(steep, tall, wide), select(steep, wide, tall)
    diagonal = short > TAN_EIGHTH_PI * long
    above, above_low = sum_exact(short, select(diagonal, -long, 0.0))
    below, below_low = sum_exact(long, select(diagonal, short, 0.0))
    t, t_low = quotient(above, above_low, select(below == 0.0, 1.0, below), below_low)
    angle, angle_low = arc_tangent_extended(t, t_low)
    direction, eighths = octant(diagonal, steep, copysign(1.0, x) < 0.0)
    base, base_low = product_exact(eighths, QUARTER_PI)
    high, high_low = sum_exact(base, direction * angle)
    low = high_low + (direction * angle_low + (base_low + eighths * QUARTER_PI_LOW))
    side = copysign(1.0, y)
    return side * high, side * low


@inlined
def split_exponential(h: float, h_low: float) -> tuple[float, int]:
    """Return (p, k) with e^(h + h_low) = 2^k (1 + p); beyond the floats h_low is dropped, it may be NaN there."""
    r, _, k_bits = split_exponent(clamp(h, -746.0, LARGEST_EXPONENT))
    r = r + select(fabs(h) < LARGEST_EXPONENT, h_low, 0.0)
    return r + expm1_tail(r), k_bits


@inlined
def parity(y: float) -> tuple[bool, int]:
    """Return whether y is an integer and the sign bit of (-1)^y (0 where y is even or no integer), as uint64."""
    size = fabs(y)
    small = size < _INTEGERS
    shifted = select(small, size + _INTEGERS, size)
    integer = select(small, shifted - _INTEGERS, size) == size
    odd = select(size < _EVEN_INTEGERS, to_bits(shifted), ZERO) << _SIGN_SHIFT
    return integer, select(integer, odd, ZERO)


@inlined
def power(x: float, y: float) -> float:
    """Return x^y; NaN for a negative base with a fractional exponent, 1 for x = 1 or y = 0 whatever the other."""
    base = fabs(x)
    m, k = split_mantissa(base)
    log_base, log_low = log_extended(m, 0.0, k)
    log_base = select(base < INF, select(base > 0.0, log_base, -INF), base)
    h, h_low = product(log_base, log_low, y, 0.0)
    p, k_bits = split_exponential(h, h_low)
    first, second = exponential_factors(p, k_bits)
    size = first * second
    size = select(base == 1.0, select(y == y, 1.0, y), size)
    integer, odd_sign = parity(y)
    result = from_bits(to_bits(size) ^ (odd_sign & to_bits(x)))
    result = select(x < 0.0, select(integer, result, select(base < INF, NAN, size)), result)
    return select(x == 1.0, 1.0, select(y == 0.0, 1.0, result))
