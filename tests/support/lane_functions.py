"""Elementary functions from Python, on arrays."""

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from sdeframe.compiled import functions

Array = npt.NDArray[np.float64]


REAL_ONE = ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "sign")


REAL_TWO = ("power", "atan2", "hypot", "minimum", "maximum")


COMPLEX_ONE = ("csqrt", "cexp", "clog", "csin", "ccos", "ctan", "ctanh", "csinh", "ccosh")


COMPLEX_TWO = ("cpower",)


COMPLEX = COMPLEX_ONE + COMPLEX_TWO


ALL = REAL_ONE + REAL_TWO + COMPLEX


ORDER = ("sign", "minimum", "maximum")  # exact, hence no ulps


TURNING = {"cexp": 1, "csinh": 1, "ccosh": 1, "ctanh": 1, "csin": 0, "ccos": 0, "ctan": 0}  # the periodic argument


TINY, SMALLEST, HUGE = 2.0**-1074, 2.0**-1022, float(np.finfo(float).max)


POSITIVE = (0.0, np.inf, TINY, 1e-310, SMALLEST, 1e-200, 0.7, 1.0, 2.0, 3.0, 30.0, 720.0, 1e200, HUGE)


INTEGERS = (2.0**51 + 0.5, 2.0**52 + 1.0, 2.0**53 - 1.0, 2.0**53)


SPECIAL = np.array([sign * x for x in POSITIVE + INTEGERS for sign in (1.0, -1.0)] + [np.nan])


SAMPLES = 250


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

    shapes = {REAL_ONE: real_one, REAL_TWO: real_two, COMPLEX_ONE: complex_one, COMPLEX_TWO: complex_two}
    return njit(error_model="numpy")(next(loop for names, loop in shapes.items() if name in names))


def evaluate(name: str, *inputs: Array) -> Array:
    """Return the results of the named function: one row of a real function, two rows of a complex one."""
    outputs = np.empty((2 if name in COMPLEX else 1, inputs[0].size))
    lane_loop(name)(*outputs, *map(np.ascontiguousarray, inputs))
    return outputs


def pack(re: Array, im: Array) -> npt.NDArray[np.complex128]:
    """Return re + i im with every infinity, NaN and signed zero in place."""
    z = np.empty(re.size, dtype=complex)
    z.real, z.imag = re, im
    return z


def any_float(rng: np.random.Generator) -> Array:
    """Return finite floats of every exponent and either sign."""
    bits = rng.integers(0, 0x7FF0 << 48, SAMPLES, dtype=np.uint64)
    return bits.view(np.float64) * rng.choice([-1.0, 1.0], SAMPLES)


def near_zero(rng: np.random.Generator) -> Array:
    """Return numbers below 1 in size, as many in each of 60 octaves."""
    return rng.uniform(-1.0, 1.0, SAMPLES) * 2.0 ** -rng.integers(0, 60, SAMPLES)


def within(rng: np.random.Generator, limit: float) -> Array:
    return rng.uniform(-limit, limit, SAMPLES)


def near_quarters(rng: np.random.Generator) -> Array:
    """Return numbers near multiples of pi/2, as close as one ulp."""
    return math.pi / 2 * rng.integers(-20, 20, SAMPLES) + near_zero(rng)


def one_argument(name: str, rng: np.random.Generator) -> tuple[Array, ...]:
    """Return every size, the places where a result is small, large or near a pole, and the hardest angles."""
    x = np.concatenate([any_float(rng), near_zero(rng), 1.0 + near_zero(rng), within(rng, 5), within(rng, 750)])
    if name == "log":
        return (np.abs(x),)
    # The float64 that is nearest of all to a multiple of pi/2, and two more whose reduction needs every bit.
    hard = [6381956970095103.0 * 2.0**797, 5.319372648326541e255, HUGE]
    return (np.concatenate([x, near_quarters(rng), rng.integers(1, 2**40, SAMPLES) * (math.pi / 2), hard]),)


def two_arguments(rng: np.random.Generator) -> tuple[Array, ...]:
    """Return every size, pairs of one size, the unit circle, and the poles and zeros of the periodic functions."""
    scale = 2.0 ** rng.integers(-1070, 1020, SAMPLES)
    angle, offset = within(rng, 4), near_zero(rng)
    pairs = (
        (any_float(rng), any_float(rng)),
        (scale * within(rng, 1), scale * within(rng, 1)),
        (within(rng, 3), within(rng, 3)),
        (near_zero(rng), near_zero(rng)),
        (np.cos(angle) * (1 + offset), np.sin(angle) * (1 + offset)),
        (1 + near_zero(rng), near_zero(rng)),
        (near_zero(rng), near_quarters(rng)),
        (near_quarters(rng), near_zero(rng)),
        (within(rng, 712), within(rng, 712)),
    )
    x, y = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return x, y


def power_arguments(rng: np.random.Generator) -> tuple[Array, ...]:
    """Return bases of every size, near 1 and negative, with exponents that lead all over the range of floats."""
    x, y = two_arguments(rng)
    base, near_one = np.exp(within(rng, 700)), 1 + near_zero(rng) / 2
    with np.errstate(divide="ignore"):
        steep = np.clip(within(rng, 740) / np.log(near_one), -HUGE, HUGE)
    integers = rng.integers(-300, 300, SAMPLES).astype(float)
    x = np.concatenate([np.abs(x), base, near_one, within(rng, 9)])
    return x, np.concatenate([y, within(rng, 740) / np.log(base), steep, integers])


def complex_power_arguments(rng: np.random.Generator) -> tuple[Array, ...]:
    """Return bases as in `two_arguments` and exponents w with |w log z| up to 790, as many large as small."""
    a, b = two_arguments(rng)
    goal = 790 * np.exp(rng.uniform(-9, 0, a.size)) * np.exp(2j * math.pi * rng.random(a.size))
    exponent = goal / np.log(pack(a, b))
    usable = np.isfinite(exponent)
    return a[usable], b[usable], exponent.real[usable], exponent.imag[usable]


def arguments(name: str, rng: np.random.Generator) -> tuple[Array, ...]:
    if name in REAL_ONE:
        return one_argument(name, rng)
    special = {"power": power_arguments, "cpower": complex_power_arguments}
    return special.get(name, two_arguments)(rng)
