"""Complex elementary functions of one lane, (re, im) in and (re, im) out: principal branches, branch-free.

The sign of a zero chooses the side of a cut. The error is below 4 ulp of the modulus, and of each part for csqrt, cexp,
csin, ccos, csinh and ccosh; infinities and NaN follow C99, Annex G. Formulas after W. Kahan, "Branch cuts for complex
elementary functions" (1987).
"""

from sdeframe.compiled.functions.exponential import (
    INF,
    LARGEST_EXPONENT,
    LN2,
    NAN,
    ROUND_TO_INTEGER,
    clamp,
    cosh_and_sinh,
    expm1_parts,
    expm1_tail,
    exponential_factors,
    log_of_split,
    log_special,
    power_of_two,
    split_exponent,
    split_mantissa,
)
from sdeframe.compiled.functions.extended import (
    angle_extended,
    log_extended,
    product,
    product_exact,
    quotient,
    scalar_product,
    split_exponential,
    sum_exact,
)
from sdeframe.compiled.functions.intrinsics import copysign, fabs, select, sqrt, to_bits
from sdeframe.compiled.functions.magnitude import by_size
from sdeframe.compiled.functions.trigonometric import atan2, sin_and_cos, sin_and_cos_extended
from sdeframe.compiled.jit import inlined


@inlined
def csqrt(a: float, b: float) -> tuple[float, float]:
    """Return the principal square root, w = sqrt((|a| + |z|)/2) and b / 2w; cut along the negative reals."""
    wide, tall = fabs(a), fabs(b)
    scale = by_size(wide + tall, 2.0**-600, 1.0, 2.0**600)
    x, y = scale * wide, scale * tall
    w = sqrt(0.5 * (x + sqrt(x * x + y * y))) * by_size(wide + tall, 2.0**300, 1.0, 2.0**-300)
    v = select(tall == INF, b, b / select(w == 0.0, 1.0, w + w))
    w = select(wide == INF, INF, select(tall == INF, INF, w))
    left = a < 0.0
    return select(left, fabs(v), w), select(left, copysign(w, b), v)


@inlined
def from_polar(x: float, p: float, k_bits: int, cosine: float, sine: float) -> tuple[float, float]:
    """Return e^x (cosine, sine) for e^x = 2^k (1 + p); e^x = 0 or inf outlasts a NaN phase, a zero sine a NaN x."""
    first, second = exponential_factors(p, k_bits)
    second = select(x > LARGEST_EXPONENT, INF, second)
    known = sine == sine
    re = select(known, first * (cosine * second), select(x == -INF, 0.0, select(x == INF, INF, NAN)))
    im = select(known, first * (sine * second), select(x == -INF, 0.0, NAN))
    return re, select(sine == 0.0, sine, im)


@inlined
def cexp(a: float, b: float) -> tuple[float, float]:
    """Return e^(a + ib)."""
    r, _, k_bits = split_exponent(clamp(a, -746.0, LARGEST_EXPONENT))
    sine, cosine = sin_and_cos(b)
    return from_polar(a, r + expm1_tail(r), k_bits, cosine, sine)


@inlined
def clog(a: float, b: float) -> tuple[float, float]:
    """Return the principal logarithm ln|z| + i arg z, near |z| = 1 from |z|^2 - 1; cut along the negative reals."""
    wide, tall = fabs(a), fabs(b)
    steep = tall > wide
    long, short = select(steep, tall, wide), select(steep, wide, tall)
    scale = by_size(long, 2.0**-600, 1.0, 2.0**600)
    x, y = scale * long, scale * short
    square = x * x + y * y
    near_one = fabs(long - 1.125) < 0.375
    offset = long - 1.0
    excess = 2.0 * offset + (offset * offset + short * short)
    square = select(near_one, 1.0 + excess, square)
    rounding = select(near_one, excess - (square - 1.0), 0.0)
    m, k = split_mantissa(square)
    log_square = log_special(square, log_of_split(m, k) + rounding)
    log_modulus = 0.5 * log_square + by_size(long, 600.0 * LN2, 0.0, -600.0 * LN2)
    return select(wide == INF, INF, select(tall == INF, INF, log_modulus)), atan2(b, a)


@inlined
def csinh(a: float, b: float) -> tuple[float, float]:
    """Return sinh a cos b + i cosh a sin b."""
    c, s, scale = cosh_and_sinh(a)
    sine, cosine = sin_and_cos(b)
    # 0 and +-inf (the numbers with a + a = a) outlast an unknown phase.
    re = select(cosine == cosine, s * (cosine * scale), select(a + a == a, a, NAN))
    return re, select(b == 0.0, b, c * (sine * scale))


@inlined
def ccosh(a: float, b: float) -> tuple[float, float]:
    """Return cosh a cos b + i sinh a sin b."""
    c, s, scale = cosh_and_sinh(a)
    sine, cosine = sin_and_cos(b)
    re = select(cosine == cosine, c * (cosine * scale), select(fabs(a) == INF, INF, NAN))
    im = s * (sine * scale)
    return re, select(im == im, im, select(a == 0.0, a, select(b == 0.0, copysign(1.0, a) * b, NAN)))


@inlined
def ctanh(a: float, b: float) -> tuple[float, float]:
    """Return (sinh 2a + 2i sin b cos b) / ((cosh 2a - 1) + 2 cos^2 b), whose denominator does not cancel at the poles.

    With E = e^2|a| - 1: 2 sinh 2|a| = E + E/(1+E) and 2 (cosh 2a - 1) = E^2/(1+E). The parts are held to two floats,
    since the roundings of one would add to more than 4 ulp.
    """
    size = fabs(a)
    far = size == INF
    e, e_low, _, _ = expm1_parts(2.0 * select(size > 350.0, 350.0, size))
    sine, cosine, sine_low, cosine_low = sin_and_cos_extended(b)
    whole, whole_low = sum_exact(1.0, e)
    ratio, ratio_low = quotient(e, e_low, whole, whole_low + e_low)
    square, square_low = product(e, e_low, ratio, ratio_low)
    cosine_square, cosine_square_low = product(cosine, cosine_low, cosine, cosine_low)
    below, below_low = sum_exact(square, 4.0 * cosine_square)
    below_low += square_low + 4.0 * cosine_square_low
    above, above_low = sum_exact(e, ratio)
    cross, cross_low = product(sine, sine_low, cosine, cosine_low)
    re, re_low = quotient(above, above_low + (e_low + ratio_low), below, below_low)
    im, im_low = quotient(4.0 * cross, 4.0 * cross_low, below, below_low)
    re, im = re + re_low, copysign(im + im_low, cross)
    re = select(re == re, select(size > 22.0, 1.0, re), select(far, 1.0, select(a == 0.0, 0.0, NAN)))
    im = select(im == im, select(size > 350.0, 0.0 * im, im), select(far, 0.0, select(b == 0.0, b, NAN)))
    return copysign(re, a), im


@inlined
def csin(a: float, b: float) -> tuple[float, float]:
    """Return sin z = -i sinh(iz)."""
    re, im = csinh(-b, a)
    return im, -re


@inlined
def ccos(a: float, b: float) -> tuple[float, float]:
    """Return cos z = cosh(iz)."""
    return ccosh(-b, a)


@inlined
def ctan(a: float, b: float) -> tuple[float, float]:
    """Return tan z = -i tanh(iz)."""
    re, im = ctanh(-b, a)
    return im, -re


@inlined
def log_square_extended(x: float, y: float, exponent: float) -> tuple[float, float]:
    """Return ln(2^exponent (x^2 + y^2)) as a sum of two floats, for a square in range; -inf at zero."""
    x_square, x_low = product_exact(x, x)
    y_square, y_low = product_exact(y, y)
    square, square_low = sum_exact(x_square, y_square)
    m, k = split_mantissa(square)
    m_low = (square_low + (x_low + y_low)) * power_of_two(to_bits(ROUND_TO_INTEGER - k))
    high, low = log_extended(m, m_low, k + exponent)
    return log_special(square, high), low


@inlined
def cpower(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """Return the principal power (a + ib)^(c + id) = e^((c + id)/2 (ln|z|^2 + 2i arg z)).

    0^0 = 1, and 0 to a power with positive real part is 0, otherwise NaN. Logarithm and angle are held to 2^-63, so
    that the error is below 4 ulp of the modulus while |(c + id) log z| < 800; beyond (a phase of many turns) it grows
    in proportion.
    """
    size = fabs(a) + fabs(b)
    scale = by_size(size, 2.0**-600, 1.0, 2.0**600)
    x, y = scale * a, scale * b
    radial, radial_low = log_square_extended(x, y, by_size(size, 1200.0, 0.0, -1200.0))
    angle, angle_low = angle_extended(clamp(y, -(2.0**500), 2.0**500), clamp(x, -(2.0**500), 2.0**500))
    c_half, d_half, turn, turn_low = 0.5 * c, 0.5 * d, 2.0 * angle, 2.0 * angle_low
    growth, growth_low = scalar_product(c_half, radial, radial_low, -d_half, turn, turn_low)
    phase, phase_low = scalar_product(c_half, turn, turn_low, d_half, radial, radial_low)
    phase_low = select(fabs(phase) < 2.0**26, phase_low, 0.0)
    p, k_bits = split_exponential(growth, growth_low)
    sine, cosine = sin_and_cos(phase)
    re, im = from_polar(growth, p, k_bits, cosine - sine * phase_low, sine + cosine * phase_low)
    vanishing = select(c > 0.0, 0.0 * fabs(d), NAN)
    re, im = select(size == 0.0, vanishing, re), select(size == 0.0, vanishing, im)
    trivial = select(c == 0.0, d, 1.0) == 0.0
    return select(trivial, 1.0, re), select(trivial, 0.0, im)
