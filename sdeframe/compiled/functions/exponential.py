"""Exponential, logarithm and hyperbolic functions of one lane: branch-free, error below 4 ulp.

An exponent is split as y = k ln 2 + r with |r| <= ln(2)/2, so that e^y = 2^k (1 + p) with p = e^r - 1 from a
minimax polynomial; the argument of a logarithm as x = 2^k m with m in [sqrt(1/2), sqrt(2)) (the scheme of FDLIBM's
e_log.c, coefficients fitted anew). No product is contracted with a sum, so the bits depend on neither the vector
width nor the processor.
"""

from typing import Final

import numpy as np

from sdeframe.compiled.functions.intrinsics import copysign, fabs, from_bits, select, to_bits
from sdeframe.compiled.jit import inlined

INF: Final = float("inf")
NAN: Final = float("nan")

ZERO: Final = np.uint64(0)
ONE: Final = np.uint64(1)
EXPONENT_SHIFT: Final = np.uint64(52)
EXPONENT_BIAS: Final = np.uint64(1023)
MANTISSA: Final = np.uint64((1 << 52) - 1)
INTEGER_BITS: Final = np.uint64(0x4330000000000000)  # bits of 2^52: or-ing an integer below 2^52 adds it exactly
INTEGER_OFFSET: Final = 2.0**52

LOG2_E: Final = 1.4426950408889634
LN2: Final = 0.6931471805599453
LN2_HIGH: Final = float.fromhex("0x1.62e42fefa2000p-1")  # 40 bits: exact times an integer below 2^13
LN2_LOW: Final = float.fromhex("0x1.9ef35793c7673p-41")
ROUND_TO_INTEGER: Final = 1.5 * 2.0**52  # adding it leaves the nearest integer in the low bits of the sum

LARGEST_EXPONENT: Final = 1418.0  # e^1418 times the smallest normal number overflows

SMALLEST_NORMAL: Final = 2.0**-1022
SQRT_HALF_BITS: Final = np.uint64(0x3FE6A09E667F3BCD)
ABOVE_SQRT_HALF: Final = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)


@inlined
def clamp(x: float, low: float, high: float) -> float:
    """Return x limited to [low, high]; NaN stays NaN."""
    x = select(x > high, high, x)
    return select(x < low, low, x)


@inlined
def power_of_two(k_bits: int) -> float:
    """Return 2^k for -1022 <= k <= 1023, from a uint64 whose low 12 bits hold k."""
    return from_bits((k_bits + EXPONENT_BIAS) << EXPONENT_SHIFT)


@inlined
def split_exponent(y: float) -> tuple[float, float, int]:
    """Return (r, r_low, k) with y = r + r_low + k ln 2, |r| <= ln(2)/2; k in the low bits of a uint64."""
    shifted = y * LOG2_E + ROUND_TO_INTEGER
    k = shifted - ROUND_TO_INTEGER
    r_exact = y - k * LN2_HIGH
    r = r_exact - k * LN2_LOW
    return r, (r_exact - r) - k * LN2_LOW, to_bits(shifted)


@inlined
def expm1_tail(r: float) -> float:
    """Return e^r - 1 - r for |r| <= ln(2)/2 (minimax of degree 11, error 2^-55.6 of e^r - 1)."""
    q = 2.5053773515869268e-08
    q = q * r + 2.76260373222908e-07
    q = q * r + 2.755740755406893e-06
    q = q * r + 2.4801505275357025e-05
    q = q * r + 0.00019841269718985012
    q = q * r + 0.00138888889315634
    q = q * r + 0.008333333333389568
    q = q * r + 0.04166666666657676
    q = q * r + 0.16666666666666588
    q = q * r + 0.5000000000000006
    return r * r * q


@inlined
def exponential_factors(p: float, k_bits: int) -> tuple[float, float]:
    """Return two normal numbers with the product 2^k (1 + p), for |k| <= 2046."""
    half = k_bits >> ONE
    return from_bits(to_bits(1.0 + p) + (half << EXPONENT_SHIFT)), power_of_two(k_bits - half)


@inlined
def whole_power_of_two(k: float) -> float:
    """Return 2^k for a whole number k of at most 0."""
    first, second = exponential_factors(0.0, to_bits(clamp(k, -1100.0, 0.0) + ROUND_TO_INTEGER))
    return first * second


@inlined
def exp(x: float) -> float:
    """Return e^x."""
    r, _, k_bits = split_exponent(clamp(x, -746.0, 710.0))
    first, second = exponential_factors(r + expm1_tail(r), k_bits)
    return first * second


@inlined
def tanh(x: float) -> float:
    """Return the hyperbolic tangent, E / (E + 2) with E = e^(2|x|) - 1."""
    y = 2.0 * fabs(x)
    r, _, k_bits = split_exponent(select(y > 44.0, 44.0, y))
    two_to_k = power_of_two(k_bits)
    e = two_to_k * (r + expm1_tail(r)) + (two_to_k - 1.0)
    return copysign(e / (e + 2.0), x)


@inlined
def expm1_parts(y: float) -> tuple[float, float, float, float]:
    """Return (E, E_low, i, scale) with e^y - 1 = (E + E_low) * scale and e^-y = i, for y >= 0.

    Above 700 the scale is 2^1023 and i is dropped; above `LARGEST_EXPONENT` the scale is infinite.
    """
    big = y > 700.0
    r, r_low, k_bits = split_exponent(select(y > LARGEST_EXPONENT, LARGEST_EXPONENT, y))
    tail = expm1_tail(r)
    p = r + tail
    p_low = ((r - p) + tail) + r_low
    two_to_k = power_of_two(k_bits - select(big, EXPONENT_BIAS, ZERO))
    scaled_p = two_to_k * p
    step = two_to_k - select(big, 0.0, 1.0)
    e = scaled_p + step
    e_low = (scaled_p - (e - step)) + two_to_k * p_low
    i = select(big, 0.0, 1.0 / (two_to_k + scaled_p))
    return e, e_low, i, select(big, select(y > LARGEST_EXPONENT, INF, 2.0**1023), 1.0)


@inlined
def cosh_and_sinh(x: float) -> tuple[float, float, float]:
    """Return (c, s, scale) with cosh x = c * scale and sinh x = s * scale.

    A factor goes first to the scale, c * (factor * scale), so that only a product beyond the floats overflows.
    With E = e^|x| - 1 and i = e^-|x|: cosh x = (E + 1 + i)/2 and sinh |x| = (E + E i)/2.
    """
    e, e_low, i, scale = expm1_parts(fabs(x))
    c = 0.5 * (e + (select(scale == 1.0, 1.0, 0.0) + i))
    s = 0.5 * (e + (e_low + (e + e_low) * i))
    return c, copysign(s, x), scale


@inlined
def cosh(x: float) -> float:
    """Return the hyperbolic cosine."""
    c, _, scale = cosh_and_sinh(x)
    return c * scale


@inlined
def sinh(x: float) -> float:
    """Return the hyperbolic sine."""
    _, s, scale = cosh_and_sinh(x)
    return s * scale


@inlined
def split_mantissa(x: float) -> tuple[float, float]:
    """Return (m, k) with x = 2^k m and m in [sqrt(1/2), sqrt(2)), for finite x > 0."""
    subnormal = x < SMALLEST_NORMAL
    bits = to_bits(select(subnormal, x * 2.0**54, x)) + ABOVE_SQRT_HALF
    biased_k = from_bits((bits >> EXPONENT_SHIFT) | INTEGER_BITS)
    m = from_bits((bits & MANTISSA) + SQRT_HALF_BITS)
    return m, biased_k - select(subnormal, INTEGER_OFFSET + 1077.0, INTEGER_OFFSET + 1023.0)


@inlined
def log_special(x: float, regular: float) -> float:
    """Return `regular` for finite x > 0 and the logarithm's limit, infinity or NaN elsewhere."""
    result = select(x < INF, regular, x)
    return select(x > 0.0, result, select(x == 0.0, -INF, NAN))


@inlined
def log_of_split(m: float, k: float) -> float:
    """Return ln(2^k m) for m in [sqrt(1/2), sqrt(2)).

    ln(1+f) = f - (f^2/2 - s (f^2/2 + R)) with s = f/(2+f) and R = s^2 (2/3 + 2/5 s^2 + ...).
    """
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    q = 0.14796183994829248
    q = q * z + 0.15314029508202429
    q = q * z + 0.1818356504663879
    q = q * z + 0.22222198561532092
    q = q * z + 0.28571428742475935
    q = q * z + 0.39999999999414426
    q = q * z + 0.6666666666666734
    half_square = 0.5 * f * f
    return k * LN2_HIGH - ((half_square - (s * (half_square + z * q) + k * LN2_LOW)) - f)


@inlined
def log(x: float) -> float:
    """Return the natural logarithm; -inf at zero, NaN below it."""
    m, k = split_mantissa(x)
    return log_special(x, log_of_split(m, k))
