"""Complex elementary functions of one lane, (re, im) in and (re, im) out: principal branches, the side of a cut chosen by the sign of zero.

Branch-free like the real functions they are made of. The error is below 4 ulp of the modulus, of each part for csqrt, cexp, csin, ccos,
csinh and ccosh; infinities and NaN follow C99, Annex G. Formulas after Kahan, "Branch cuts for complex elementary functions" (1987).
"""

from sdeframe.exponential import (
    INF,
    LARGEST_EXPONENT,
    LN2,
    NAN,
    clamp,
    cosh_and_sinh,
    expm1_parts,
    expm1_tail,
    exponential_factors,
    lane,
    log_of_split,
    log_special,
    split_exponent,
    split_mantissa,
)
from sdeframe.intrinsics import copysign, fabs, select, sqrt
from sdeframe.magnitude import by_size
from sdeframe.trigonometric import atan2, sin_and_cos


@lane
def csqrt(a: float, b: float) -> tuple[float, float]:
    """Return the principal square root: w = sqrt((|a| + |z|)/2) and b / 2w, without cancellation; the cut is the negative real axis."""
    wide, tall = fabs(a), fabs(b)
    scale = by_size(wide + tall, 2.0**-600, 1.0, 2.0**600)
    unscale = by_size(wide + tall, 2.0**300, 1.0, 2.0**-300)
    x, y = scale * wide, scale * b
    w = sqrt(0.5 * (x + sqrt(x * x + y * y)))
    v = select(tall == INF, b, 0.5 * y / select(w == 0.0, 1.0, w) * unscale)
    w = select(wide == INF, INF, select(tall == INF, INF, w * unscale))
    left = a < 0.0
    return select(left, fabs(v), w), select(left, copysign(w, b), v)


@lane
def from_polar(x: float, p: float, k_bits: int, cosine: float, sine: float) -> tuple[float, float]:
    """Return e^x (cosine, sine) for e^x = 2^k (1 + p); it overflows only where the result does, and 0 and inf outlast a NaN phase."""
    first, second = exponential_factors(p, k_bits)
    second = select(x > LARGEST_EXPONENT, INF, second)
    known = sine == sine
    re = select(known, first * (cosine * second), select(x == -INF, 0.0, select(x == INF, INF, NAN)))
    return re, select(known, first * (sine * second), select(x == -INF, 0.0, NAN))


@lane
def cexp(a: float, b: float) -> tuple[float, float]:
    """Return e^(a + ib)."""
    r, _, k_bits = split_exponent(clamp(a, -746.0, LARGEST_EXPONENT))
    sine, cosine = sin_and_cos(b)
    re, im = from_polar(a, r + expm1_tail(r), k_bits, cosine, sine)
    return re, select(b == 0.0, b, im)


@lane
def clog(a: float, b: float) -> tuple[float, float]:
    """Return the principal logarithm, ln|z| + i arg z: near |z| = 1 from |z|^2 - 1 without cancellation; the cut is the negative real axis."""
    wide, tall = fabs(a), fabs(b)
    steep = tall > wide
    long, short = select(steep, tall, wide), select(steep, wide, tall)
    scale = by_size(long, 2.0**-600, 1.0, 2.0**600)
    x, y = scale * long, scale * short
    square = x * x + y * y
    near_one = fabs(long - 1.0) < 0.5
    excess = (long - 1.0) * (long + 1.0) + short * short
    square = select(near_one, 1.0 + excess, square)
    rounding = select(near_one, excess - (square - 1.0), 0.0)
    m, k = split_mantissa(square)
    log_square = log_special(square, log_of_split(m, k) + rounding)
    log_modulus = 0.5 * log_square + by_size(long, 600.0 * LN2, 0.0, -600.0 * LN2)
    return select(wide == INF, INF, select(tall == INF, INF, log_modulus)), atan2(b, a)


@lane
def csinh(a: float, b: float) -> tuple[float, float]:
    """Return sinh a cos b + i cosh a sin b."""
    c, s, scale = cosh_and_sinh(a)
    sine, cosine = sin_and_cos(b)
    # 0 and +-inf (the numbers with a + a = a) outlast an unknown phase.
    re = select(cosine == cosine, s * (cosine * scale), select(a + a == a, a, NAN))
    return re, select(b == 0.0, b, c * (sine * scale))


@lane
def ccosh(a: float, b: float) -> tuple[float, float]:
    """Return cosh a cos b + i sinh a sin b."""
    c, s, scale = cosh_and_sinh(a)
    sine, cosine = sin_and_cos(b)
    re = select(cosine == cosine, c * (cosine * scale), select(fabs(a) == INF, INF, NAN))
    im = s * (sine * scale)
    return re, select(im == im, im, select(a == 0.0, a, select(b == 0.0, copysign(1.0, a) * b, NAN)))


@lane
def ctanh(a: float, b: float) -> tuple[float, float]:
    """Return (sinh 2a + 2i sin b cos b) / ((cosh 2a - 1) + 2 cos^2 b), a sum of positive terms down to the poles."""
    size = fabs(a)
    far = size == INF
    e, e_low, i, _ = expm1_parts(2.0 * select(size > 350.0, 350.0, size))
    sine, cosine = sin_and_cos(b)
    ratio = (e + e_low) * i
    # 2 (cosh 2a - 1) = E - E i, without cancellation E (E i)
    below = select(e > 2.0, e - (ratio - e_low), e * ratio + e_low * ratio) + 4.0 * (cosine * cosine)
    re = (e + (e_low + ratio)) / below
    im = 4.0 * (sine * cosine) / below
    re = select(re == re, select(size > 22.0, 1.0, re), select(far, 1.0, select(a == 0.0, 0.0, NAN)))
    im = select(im == im, select(size > 350.0, 0.0 * im, im), select(far, 0.0, select(b == 0.0, b, NAN)))
    return copysign(re, a), im


@lane
def csin(a: float, b: float) -> tuple[float, float]:
    """Return sin z = -i sinh(iz)."""
    re, im = csinh(-b, a)
    return im, -re


@lane
def ccos(a: float, b: float) -> tuple[float, float]:
    """Return cos z = cosh(iz)."""
    return ccosh(-b, a)


@lane
def ctan(a: float, b: float) -> tuple[float, float]:
    """Return tan z = -i tanh(iz)."""
    re, im = ctanh(-b, a)
    return im, -re
