"""Elementary functions at zeros, infinities and cuts, against numpy."""

import math

import numpy as np
import pytest

from tests.support.lane_functions import (
    COMPLEX,
    COMPLEX_ONE,
    COMPLEX_TWO,
    HUGE,
    ORDER,
    REAL_ONE,
    REAL_TWO,
    SPECIAL,
    TURNING,
    Array,
    any_float,
    evaluate,
    pack,
)

NUMPY_NAMES = {"atan2": "arctan2", "csqrt": "sqrt", "cexp": "exp", "clog": "log", "cpower": "power"}
NUMPY_NAMES |= {name: name[1:] for name in ("csin", "ccos", "ctan", "ctanh", "csinh", "ccosh")}


def numpy_values(name: str, *inputs: Array) -> Array:
    """Return what numpy gives, in the rows of `evaluate`."""
    ufunc = getattr(np, NUMPY_NAMES.get(name, name))
    with np.errstate(all="ignore"):
        if name not in COMPLEX:
            return np.asarray(ufunc(*inputs))[np.newaxis]
        value = ufunc(*(pack(inputs[i], inputs[i + 1]) for i in range(0, len(inputs), 2)))
    return np.array([value.real, value.imag])


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
