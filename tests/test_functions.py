"""The elementary functions of the lanes: ulps against mpmath, special values against numpy, packed code, stable bits."""

import functools
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
ALL = (*REAL_ONE, *REAL_TWO, *COMPLEX_ONE, "cpower")
EACH_PART = ("csqrt", "cexp", "csin", "ccos", "csinh", "ccosh")  # accurate in each part, not only in modulus

TINY, SMALLEST, HUGE = 2.0**-1074, 2.0**-1022, float(np.finfo(float).max)
SPECIAL = (
    0.0, -0.0, np.inf, -np.inf, np.nan, TINY, -TINY, 1e-310, -1e-310, SMALLEST, HUGE, -HUGE, 1e200, -1e200,
    1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.7, -0.7, 30.0, -30.0, 720.0, -720.0, 2.0**52 + 1.0, -(2.0**53) + 1.0, 2.0**53,
)  # fmt: skip


@functools.cache
def lane_loop(name: str) -> Any:
    """Return the compiled loop (outputs, inputs) over lanes of the named function."""
    f = getattr(functions, name)

    def one(y: Array, x: Array) -> None:
        for l in range(y.size):  # noqa: E741
            y[l] = f(x[l])

    def two(y: Array, x0: Array, x1: Array) -> None:
        for l in range(y.size):  # noqa: E741
            y[l] = f(x0[l], x1[l])

    def complex_one(re: Array, im: Array, a: Array, b: Array) -> None:
        for l in range(re.size):  # noqa: E741
            re[l], im[l] = f(a[l], b[l])

    def complex_two(re: Array, im: Array, a: Array, b: Array, c: Array, d: Array) -> None:
        for l in range(re.size):  # noqa: E741
            re[l], im[l] = f(a[l], b[l], c[l], d[l])

    loops = {**dict.fromkeys(REAL_ONE, one), **dict.fromkeys(REAL_TWO, two), **dict.fromkeys(COMPLEX_ONE, complex_one)}
    return njit(error_model="numpy")(loops.get(name, complex_two))


def evaluate(name: str, *inputs: Array) -> tuple[Array, ...]:
    outputs = tuple(np.empty_like(inputs[0]) for _ in range(1 + name.startswith("c") * (name not in ("cos", "cosh"))))
    lane_loop(name)(*outputs, *inputs)
    return outputs
