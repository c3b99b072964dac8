"""Size, sign and order of real numbers of one lane, and scaling by powers of two that keeps squares in range."""

from sdeframe.compiled.functions.exponential import INF
from sdeframe.compiled.functions.intrinsics import fabs, select, sqrt
from sdeframe.compiled.jit import inlined


@inlined
def by_size(size: float, huge: float, ordinary: float, tiny: float) -> float:
    """Return the constant for a size above 2^500, between, or below 2^-430.

    Squares of numbers scaled by 2^-600, 1 and 2^600 neither overflow nor lose bits.
    """
    return select(size > 2.0**500, huge, select(size < 2.0**-430, tiny, ordinary))


@inlined
def hypot(x: float, y: float) -> float:
    """Return sqrt(x^2 + y^2); an infinite argument wins over NaN."""
    size = fabs(x) + fabs(y)
    scale = by_size(size, 2.0**-600, 1.0, 2.0**600)
    x_scaled, y_scaled = scale * x, scale * y
    root = sqrt(x_scaled * x_scaled + y_scaled * y_scaled) * by_size(size, 2.0**600, 1.0, 2.0**-600)
    return select(fabs(x) == INF, INF, select(fabs(y) == INF, INF, root))


@inlined
def sign(x: float) -> float:
    """Return -1, 0 or 1; NaN for NaN."""
    return select(x > 0.0, 1.0, select(x < 0.0, -1.0, x + 0.0))


@inlined
def minimum(x: float, y: float) -> float:
    """Return the smaller number, NaN where either is NaN."""
    return select(x < y, x, select(x != x, x, y))


@inlined
def maximum(x: float, y: float) -> float:
    """Return the larger number, NaN where either is NaN."""
    return select(x > y, x, select(x != x, x, y))
