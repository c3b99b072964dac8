"""Errors of functions whose means are so alike that rounding matters."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from sdeframe import SDE, SymbolicModel, mean, random_normal, real_variables
from sdeframe.observers import Functions, Trajectories
from tests.support.function_runs import run

x, N = real_variables("x"), random_normal("N")


def normalised(values, power):
    """Return the error of <x^p>/<x>^p by the delta method, in rational numbers."""
    exact = [Fraction(value) for value in values]
    n, first = len(exact), sum(exact) / len(exact)
    high = sum(e**power for e in exact) / n
    away = [((e**power - high) - power * high * (e - first) / first) / first**power for e in exact]
    return sqrt(float(sum(a * a for a in away) / (n - 1) / n))


@pytest.mark.parametrize(
    ("number", "power", "most"),
    [(1e2, 2, 1 + 1e-8), (1e4, 2, 1 + 1e-5), (1e6, 2, 1.1), (1e8, 2, 100), (1e4, 4, 10), (1e4, 6, 100)],
)
def test_errors_are_never_told_too_small_for_rounding(number, power, most):
    """Of Poissonian numbers, where first orders cancel: 1e8 and (1e8)² + 1e8 leave no digit, and once told no error."""
    model = SymbolicModel(SDE(drift={x: 0}), {x: number + np.sqrt(number) * N})
    m = mean(x)
    functions = Functions(g=mean(x**power) / m**power, v=mean(x**2) - m**2)
    ds = run(model, functions, Trajectories(range(300), x=x), trajectories=300, times=[0.0])
    values = ds["x"].values[:, 0].real
    ratio = ds.g_se.values[0] / normalised(values, power)
    assert 1 - 1e-8 < ratio < most
    assert ds.v_se.values[0] > (1 - 1e-8) * normalised(values, 2) * values.mean() ** 2 * (1 - 1e-3)
