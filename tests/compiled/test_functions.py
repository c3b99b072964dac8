"""The elementary functions of lanes: ulps against mpmath, special values against numpy, packed code, stable bits."""

import functools
import math
import platform
import re
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import pytest
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
EACH_PART = ("csqrt", "cexp", "csin", "ccos", "csinh", "ccosh")  # accurate in each part, not only in modulus
TURNING = {"cexp": 1, "csinh": 1, "ccosh": 1, "ctanh": 1, "csin": 0, "ccos": 0, "ctan": 0}  # the periodic argument
NUMPY_NAMES = {"atan2": "arctan2", "csqrt": "sqrt", "cexp": "exp", "clog": "log", "cpower": "power"}
NUMPY_NAMES |= {name: name[1:] for name in ("csin", "ccos", "ctan", "ctanh", "csinh", "ccosh")}

TINY, SMALLEST, HUGE = 2.0**-1074, 2.0**-1022, float(np.finfo(float).max)
POSITIVE = (0.0, np.inf, TINY, 1e-310, SMALLEST, 1e-200, 0.7, 1.0, 2.0, 3.0, 30.0, 720.0, 1e200, HUGE)
INTEGERS = (2.0**51 + 0.5, 2.0**52 + 1.0, 2.0**53 - 1.0, 2.0**53)
SPECIAL = np.array([sign * x for x in POSITIVE + INTEGERS for sign in (1.0, -1.0)] + [np.nan])

ULPS = 4.0
SAMPLES = 250
PRECISION = 200


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


def numpy_values(name: str, *inputs: Array) -> Array:
    """Return what numpy gives, in the rows of `evaluate`."""
    ufunc = getattr(np, NUMPY_NAMES.get(name, name))
    with np.errstate(all="ignore"):
        if name not in COMPLEX:
            return np.asarray(ufunc(*inputs))[np.newaxis]
        value = ufunc(*(pack(inputs[i], inputs[i + 1]) for i in range(0, len(inputs), 2)))
    return np.array([value.real, value.imag])


# --- accuracy -------------------------------------------------------------------------------------------------------


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


# --- special values -------------------------------------------------------------------------------------------------


def assert_like_numpy(name: str, inputs: tuple[Array, ...], ulps: float = 6.0) -> None:
    """Compare NaN, infinities, signs of zero and values with numpy; C99 leaves signs free where a phase is unknown."""
    got, want = evaluate(name, *inputs), numpy_values(name, *inputs)
    finite = np.isfinite(want)
    size = np.max(np.abs(np.where(finite, want, 0.0)), axis=0)
    with np.errstate(invalid="ignore", over="ignore"):
        close = np.abs(got - want) <= ulps * np.spacing(size)
    same = np.where(finite, close, np.abs(got) == np.abs(want))
    free = (
        ~np.isfinite(inputs[TURNING[name]]) | np.isnan(inputs).any(axis=0) if name in TURNING else name in COMPLEX_TWO
    )
    signs = (np.signbit(got) == np.signbit(want)) | free
    wrong = ~np.where(np.isnan(want), np.isnan(got), same & signs).all(axis=0)
    report = [(*map(float, np.transpose(inputs)[i]), got[:, i], want[:, i]) for i in np.flatnonzero(wrong)]
    assert not report, f"{name}: {report[:5]}"


def grid(*axes: Array) -> tuple[Array, ...]:
    return tuple(axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))


@pytest.mark.parametrize("name", REAL_ONE)
def test_real_function_of_special_values(name: str) -> None:
    assert_like_numpy(name, (SPECIAL,))


@pytest.mark.parametrize("name", REAL_TWO + COMPLEX_ONE)
def test_two_special_values(name: str) -> None:
    assert_like_numpy(name, grid(SPECIAL, SPECIAL))


def test_complex_power_of_special_values() -> None:
    few = np.array([0.0, -0.0, 1.0, -2.0, 0.7, np.inf, -np.inf])
    exponents = np.array([0.0, 0.7, -0.7, 3.5, HUGE]), np.array([0.0, 0.7])
    assert_like_numpy("cpower", grid(few, few, *exponents), ulps=100.0)  # numpy loses that many


def test_complex_power_of_nan() -> None:
    few = np.array([0.0, 1.0, -2.0, np.inf, np.nan])
    parts = np.array(grid(few, few, few, few))
    parts = parts[:, np.isnan(parts).any(axis=0)]
    unknown = np.isnan(evaluate("cpower", *parts)).any(axis=0)
    np.testing.assert_array_equal(unknown, (parts[2] != 0) | (parts[3] != 0))


@pytest.mark.parametrize("name", ORDER)
def test_order_functions_are_exact(name: str) -> None:
    rng = np.random.default_rng(2)
    inputs = (any_float(rng), any_float(rng))[: 1 if name == "sign" else 2]
    np.testing.assert_array_equal(evaluate(name, *inputs), numpy_values(name, *inputs))


@pytest.mark.parametrize("x", [-4.0, -1e-300, -1e300, -np.inf])
def test_sign_of_zero_chooses_the_side_of_the_cut(x: float) -> None:
    above, below = np.array([x, x]), np.array([0.0, -0.0])
    root, logarithm, half = (
        evaluate("csqrt", above, below),
        evaluate("clog", above, below),
        evaluate("cpower", above, below, np.full(2, 0.5), np.zeros(2)),
    )
    np.testing.assert_array_equal(root, [[0.0, 0.0], [math.sqrt(-x), -math.sqrt(-x)]])
    np.testing.assert_array_equal(logarithm[1], [math.pi, -math.pi])
    if math.isfinite(x):
        np.testing.assert_allclose(half[1], root[1], rtol=1e-15)
        np.testing.assert_array_equal(evaluate("atan2", below, above)[0], [math.pi, -math.pi])


# --- code and bits --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="reads x86 assembly")
@pytest.mark.parametrize("name", ALL)
def test_lane_loop_is_packed_and_calls_nothing(name: str) -> None:
    loop = lane_loop(name)
    evaluate(name, *[np.ones(1)] * (loop.py_func.__code__.co_argcount - (2 if name in COMPLEX else 1)))
    (signature,) = loop.signatures
    label = re.escape(loop.overloads[signature].fndesc.mangled_name)
    body = re.search(rf"^{label}:$(.*?)^\.Lfunc_end", loop.inspect_asm(signature), re.DOTALL | re.MULTILINE)
    assert body is not None
    assert not re.search(r"\bcall", body[1])
    assert not re.search(r"vfn?m(add|sub)", body[1])  # no contraction: it would change the bits between processors
    arithmetic = r"cmp\w*|max|min|and\w*" if name in ORDER else "mul"
    assert re.search(rf"\bv?({arithmetic})pd\b", body[1])


@pytest.mark.parametrize("name", ALL)
def test_bits_do_not_depend_on_length_or_offset(name: str) -> None:
    inputs = [x[:203] for x in arguments(name, np.random.default_rng(3))]
    inputs = [np.concatenate([x, SPECIAL]) for x in inputs]
    whole = evaluate(name, *inputs)
    for start, length in ((0, 1), (1, 3), (3, 8), (5, 31), (7, inputs[0].size - 7)):
        part = evaluate(name, *(x[start : start + length] for x in inputs))
        np.testing.assert_array_equal(part, whole[:, start : start + length])
        np.testing.assert_array_equal(
            np.signbit(part[part == 0]), np.signbit(whole[:, start : start + length][part == 0])
        )
