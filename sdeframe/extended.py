"""Numbers held as a sum of two floats, as far as a power needs them: logarithm and angle to 2^-63, and x^y to 4 ulp.

An unevaluated sum (high, low) has |low| <= ulp(high)/2. Sums are Knuth's, products Dekker's with the factors cut by a bit mask, so that no fused
multiply-add is needed and none may creep in.
"""

from typing import Final

import numpy as np

from sdeframe.exponential import (
    INF,
    LN2_HIGH,
    LN2_LOW,
    NAN,
    ZERO,
    clamp,
    expm1_tail,
    exponential_factors,
    lane,
    split_exponent,
    split_mantissa,
)
from sdeframe.intrinsics import fabs, from_bits, select, to_bits

HEAD_BITS: Final = np.uint64(2**64 - 2**27)  # a float's leading 26 bits
_SIGN_SHIFT: Final = np.uint64(63)
_INTEGERS: Final = 2.0**52  # no float above has a fraction
_EVEN_INTEGERS: Final = 2.0**53

_THIRD: Final = 1.0 / 3.0
_THIRD_LOW: Final = float.fromhex("0x1.5555555555555p-56")  # 1/3 beyond its float


@lane
def sum_exact(a: float, b: float) -> tuple[float, float]:
    """Return a + b and its rounding error."""
    total = a + b
    b_seen = total - a
    return total, (a - (total - b_seen)) + (b - b_seen)


@lane
def product_exact(a: float, b: float) -> tuple[float, float]:
    """Return a * b and its rounding error (to 2^-107 of the product)."""
    a_head, b_head = from_bits(to_bits(a) & HEAD_BITS), from_bits(to_bits(b) & HEAD_BITS)
    a_tail, b_tail = a - a_head, b - b_head
    product = a * b
    return product, ((a_head * b_head - product) + (a_head * b_tail + a_tail * b_head)) + a_tail * b_tail


@lane
def product(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return (a + a_low) * (b + b_low) as a sum of two floats."""
    high, low = product_exact(a, b)
    return high, low + (a * b_low + a_low * b)


@lane
def quotient(a: float, a_low: float, b: float, b_low: float) -> tuple[float, float]:
    """Return (a + a_low) / (b + b_low) as a sum of two floats, with one division."""
    reciprocal = 1.0 / b
    high = a * reciprocal
    back, back_low = product_exact(high, b)
    return high, (((a - back) - back_low) + (a_low - high * b_low)) * reciprocal


@lane
def log_extended(m: float, m_low: float, k: float) -> tuple[float, float]:
    """Return ln((m + m_low) 2^k) as a sum of two floats, for m in [sqrt(1/2), sqrt(2)).

    ln m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m-1)/(m+1); s and 2/3 are held to two floats, the rest of the series to one.
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


@lane
def split_exponential(h: float, h_low: float) -> tuple[float, int]:
    """Return (p, k) with e^(h + h_low) = 2^k (1 + p); beyond the range of floats h_low is dropped (it may be NaN there)."""
    r, _, k_bits = split_exponent(clamp(h, -746.0, 1418.0))
    r = r + select(fabs(h) < 1418.0, h_low, 0.0)
    return r + expm1_tail(r), k_bits


@lane
def parity(y: float) -> tuple[bool, int]:
    """Return whether y is an integer and the sign bit of (-1)^y (0 where y is even or no integer), as uint64."""
    size = fabs(y)
    small = size < _INTEGERS
    shifted = select(small, size + _INTEGERS, size)
    integer = select(small, shifted - _INTEGERS, size) == size
    odd = select(size < _EVEN_INTEGERS, to_bits(shifted), ZERO) << _SIGN_SHIFT
    return integer, select(integer, odd, ZERO)


@lane
def power(x: float, y: float) -> float:
    """Return x^y; NaN for a negative base with a fractional exponent, 1 for x = 1 or y = 0 whatever the other is (C99)."""
    base = fabs(x)
    m, k = split_mantissa(base)
    log_base, log_low = log_extended(m, 0.0, k)
    log_base = select(base < INF, select(base > 0.0, log_base, -INF), base)
    h, h_low = product(log_base, log_low, y, 0.0)
    p, k_bits = split_exponential(h, h_low)
    first, second = exponential_factors(p, k_bits)
    size = first * second
    size = select(base == 1.0, select(fabs(y) == INF, 1.0, size), size)
    integer, odd_sign = parity(y)
    result = from_bits(to_bits(size) ^ (odd_sign & to_bits(x)))
    result = select(x < 0.0, select(integer, result, select(base < INF, NAN, size)), result)
    return select(x == 1.0, 1.0, select(y == 0.0, 1.0, result))
