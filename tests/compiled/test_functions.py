"""The elementary functions of lanes: ulps against mpmath, special values against numpy, packed code, stable bits."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest

from tests.support.lane_functions import ALL, COMPLEX, HUGE, ORDER, TURNING, Array, arguments, evaluate

EACH_PART = ("csqrt", "cexp", "csin", "ccos", "csinh", "ccosh")  # accurate in each part, not only in modulus


ULPS = 4.0


PRECISION = 200


def exact(name: str, x: list[float]) -> Any:
    """Return the value to 200 bits; exponents are cut at 2000, where every result is 0, 1 or beyond floats."""
    values = [mpmath.mpf(value) for value in x]
    if name == "power":
        size = mpmath.exp(cut(values[1] * mpmath.log(abs(values[0]))))
        return -size if values[0] < 0 and x[1] % 2 == 1 else size
    if name == "cpower":
        return mpmath.exp(mpmath.mpc(*values[2:]) * mpmath.log(mpmath.mpc(*values[:2])))
    if name in ("exp", "sinh", "cosh", "tanh"):
        values[0] = cut(values[0])
    if name in TURNING:
        values[1 - TURNING[name]] = cut(values[1 - TURNING[name]])
    f = getattr(mpmath, name[1:] if name in COMPLEX else name)
    return f(mpmath.mpc(*values)) if name in COMPLEX else f(*values)


def cut(x: Any) -> Any:
    return max(min(x, mpmath.mpf(2000)), mpmath.mpf(-2000))


def ulp(value: Any) -> Any:
    """Return the spacing of floats at a positive number of any precision, at least that of the subnormals."""
    _, exponent = mpmath.frexp(value)
    return mpmath.ldexp(1, max(exponent - 53, -1074))


def error(got: float, value: Any, unit: Any) -> float:
    """Return |got - value| in `unit`s; beyond the largest float infinity is right."""
    if math.isinf(got):
        return 0.0 if value * math.copysign(1.0, got) > HUGE * (1 - mpmath.ldexp(ULPS, -53)) else math.inf
    return math.inf if math.isnan(got) else float(abs(got - value) / unit)


def errors(name: str, got: Array, value: Any) -> float:
    """Return the error of one result in ulps, of a complex one in ulps of the modulus or, if larger, of each part."""
    if name not in COMPLEX:
        return error(got[0], value, ulp(abs(value)))
    parts = [(got[0], value.real), (got[1], value.imag)]
    worst = math.hypot(*(error(part, true, ulp(abs(value))) for part, true in parts))
    return max([worst, *(error(part, true, ulp(abs(true))) for part, true in parts if name in EACH_PART)])


def largest_error(name: str, rng: np.random.Generator) -> tuple[float, list[float]]:
    """Return the largest error over the arguments of `arguments`, and where it is."""
    inputs = arguments(name, rng)
    outputs = evaluate(name, *inputs)
    with mpmath.workprec(PRECISION):
        rows = zip(outputs.T, (list(map(float, x)) for x in np.transpose(inputs)), strict=True)
        found = [(errors(name, got, exact(name, x)), x) for got, x in rows]
    return max(found)


@pytest.mark.parametrize("name", [name for name in ALL if name not in ORDER])
def test_error_is_at_most_4_ulp(name: str) -> None:
    worst, where = largest_error(name, np.random.default_rng(1))
    assert worst <= ULPS, f"{name}{tuple(where)} is off by {worst:.2f} ulp"
