"""The elementary functions of the lanes: ulps against mpmath, special values against numpy, packed code, stable bits."""

import functools
import itertools
import math
import platform
import re
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import pytest
from numba import njit

from sdeframe import functions

Array = npt.NDArray[np.float64]

REAL_ONE = ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "sign")
REAL_TWO = ("power", "atan2", "hypot", "minimum", "maximum")
COMPLEX_ONE = ("csqrt", "cexp", "clog", "csin", "ccos", "ctan", "ctanh", "csinh", "ccosh")
REAL = (*REAL_ONE, *REAL_TWO)
COMPLEX = (*COMPLEX_ONE, "cpower")
EACH_PART = ("csqrt", "cexp", "csin", "ccos", "csinh", "ccosh")  # accurate in each part, not only in modulus
PHASE = {"cexp": 1, "csinh": 1, "ccosh": 1, "ctanh": 1, "csin": 0, "ccos": 0, "ctan": 0}  # the argument that turns

TINY, SMALLEST, HUGE = 2.0**-1074, 2.0**-1022, float(np.finfo(float).max)
SPECIAL = np.array(
    (
        *(0.0, np.inf, TINY, 1e-310, SMALLEST, 1e-200, 0.7, 1.0, 2.0, 3.0, 30.0, 720.0),
        *(2.0**51 + 0.5, 2.0**52 + 1.0, 2.0**53 - 1.0, 2.0**53, 1e200, HUGE),
    )
)
SPECIAL = np.concatenate([SPECIAL, -SPECIAL, [np.nan]])
ULPS = 4.0
SAMPLES = 300


@functools.cache
def lane_loop(name: str) -> Any:
    """Compile the loop over lanes of one function, outputs before inputs."""
    f = getattr(functions, name)

    def real_one(y: Array, x: Array) -> None:
        for i in range(y.size):
            y[i] = f(x[i])

    def real_two(y: Array, x0: Array, x1: Array) -> None:
        for i in range(y.size):
            y[i] = f(x0[i], x1[i])

    def complex_one(re: Array, im: Array, a: Array, b: Array) -> None:
        for i in range(re.size):
            re[i], im[i] = f(a[i], b[i])

    def complex_two(re: Array, im: Array, a: Array, b: Array, c: Array, d: Array) -> None:
        for i in range(re.size):
            re[i], im[i] = f(a[i], b[i], c[i], d[i])

    loop = {REAL_ONE: real_one, REAL_TWO: real_two, COMPLEX_ONE: complex_one, ("cpower",): complex_two}
    return njit(error_model="numpy")(next(body for names, body in loop.items() if name in names))


def evaluate(name: str, *inputs: Array) -> Array:
    """Return the result of the named function, one row for a real and two for a complex one."""
    outputs = np.empty((2 if name in COMPLEX else 1, inputs[0].size))
    lane_loop(name)(*outputs, *inputs)
    return outputs


def numpy_value(name: str, *inputs: Array) -> Array:
    ufunc = {"atan2": np.arctan2, "csqrt": np.sqrt, "cexp": np.exp, "clog": np.log}.get(name)
    ufunc = ufunc or getattr(np, name.removeprefix("c") if name in COMPLEX else name)
    with np.errstate(all="ignore"):
        if name not in COMPLEX:
            return np.asarray(ufunc(*inputs))[np.newaxis]
        z = [as_complex(inputs[i], inputs[i + 1]) for i in range(0, len(inputs), 2)]
        value = ufunc(*z)
    return np.array([value.real, value.imag])


def as_complex(re: Array, im: Array) -> npt.NDArray[np.complex128]:
    z = np.empty(re.size, dtype=complex)
    z.real, z.imag = re, im
    return z


def ulp(exact: Any) -> Any:
    """Return the spacing of floats at a value of any precision, that of the subnormals below them."""
    _, exponent = mpmath.frexp(exact)
    return mpmath.ldexp(1, max(exponent - 53, -1074))


def error_in_ulps(got: float, exact: Any, unit: Any) -> float:
    """Return |got - exact| in units of `unit`; a result that overflows may also be the largest float."""
    if math.isinf(got):
        return 0.0 if mpmath.fabs(exact) > HUGE * (1 - ULPS * mpmath.mpf(2) ** -53) else math.inf
    return math.inf if math.isnan(got) else float(mpmath.fabs(mpmath.mpf(got) - exact) / unit)


def any_float(rng: np.random.Generator, n: int = SAMPLES) -> Array:
    """Return finite floats of every exponent and either sign."""
    bits = rng.integers(0, 0x7FE0 << 48, n, dtype=np.uint64) | rng.integers(0, 2, n, dtype=np.uint64) << np.uint64(63)
    return bits.view(np.float64)


def near_zero(rng: np.random.Generator, n: int = SAMPLES) -> Array:
    """Return numbers below 1 in size, as many in each of 60 octaves."""
    return rng.uniform(-1.0, 1.0, n) * 2.0 ** -rng.integers(0, 60, n)


def near_multiples(rng: np.random.Generator, n: int = SAMPLES) -> Array:
    """Return the floats next to multiples of pi/2, and that float64 which is nearest to one of all."""
    multiples = rng.integers(1, 2**40, n) * (math.pi / 2)
    return np.concatenate([multiples, [6381956970095103.0 * 2.0**797, 5.319372648326541e255, HUGE]])


def one_argument(name: str, rng: np.random.Generator) -> Array:
    width = {"exp": 750.0, "log": 2.0, "sinh": 715.0, "cosh": 715.0}.get(name, 30.0)
    x = [any_float(rng), near_zero(rng), rng.uniform(-3, 3, SAMPLES), rng.uniform(-width, width, SAMPLES)]
    if name in ("sin", "cos", "tan"):
        x.append(near_multiples(rng))
    if name == "log":
        x.append(1.0 + near_zero(rng))
        x = [np.abs(part) for part in x]
    return np.concatenate(x)


def two_arguments(name: str, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return points of every size, pairs of one size, and points near the axes, the unit circle and the poles."""
    scale = 2.0 ** rng.integers(-1070, 1020, SAMPLES)
    angle, offset = rng.uniform(-4, 4, SAMPLES), near_zero(rng)
    pairs = [
        (any_float(rng), any_float(rng)),
        (scale * rng.uniform(-1, 1, SAMPLES), scale * rng.uniform(-1, 1, SAMPLES)),
        (rng.uniform(-3, 3, SAMPLES), rng.uniform(-3, 3, SAMPLES)),
        (near_zero(rng), near_zero(rng)),
        (np.cos(angle) * (1 + offset), np.sin(angle) * (1 + offset)),
        (1 + near_zero(rng), near_zero(rng)),
        (near_zero(rng), math.pi / 2 * rng.integers(-20, 20, SAMPLES) + near_zero(rng)),
        (math.pi / 2 * rng.integers(-20, 20, SAMPLES) + near_zero(rng), near_zero(rng)),
        (rng.uniform(-712, 712, SAMPLES), rng.uniform(-712, 712, SAMPLES)),
    ]
    if name == "power":
        base = np.exp(rng.uniform(-700, 700, SAMPLES))
        pairs += [
            (base, rng.uniform(-740, 740, SAMPLES) / np.log(base)),
            (1 + offset, rng.uniform(-700, 700, SAMPLES) / np.log1p(offset)),
            (rng.uniform(-9, 9, SAMPLES), rng.integers(-300, 300, SAMPLES).astype(float)),
        ]
    x, y = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return (np.abs(x[: 9 * SAMPLES]), y[: 9 * SAMPLES]) if False else (x, y)
