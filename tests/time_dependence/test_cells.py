"""Cells follow every coefficient, however narrow its features are."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import time
from sdeframe.time_dependence.cells import cells

t = time


def on_a_pulse(edges, centre, width):
    return np.count_nonzero((edges > centre - 2 * width) & (edges < centre + 2 * width))


@settings(max_examples=12, deadline=None)
@given(st.floats(0.1, 19.9), st.floats(1e-6, 0.05), st.floats(1e-3, 1e3), st.booleans())
def test_a_narrow_pulse_is_found(centre, width, height, expanded):
    pulse = height * sp.exp(-((t - sp.Rational(centre)) ** 2) / 2 / sp.Rational(width) ** 2)
    beside = 1000 * sp.exp(-((t - 3) ** 2)) if centre > 10 else 0
    edges = cells([sp.expand(pulse) if expanded else pulse, beside], 0.0, 20.0)
    assert on_a_pulse(edges, centre, width) >= 8
    assert len(edges) < 200


def test_a_small_pulse_within_the_same_coefficient_as_a_large_one_is_found():
    edges = cells([1000 * sp.exp(-((t - 2) ** 2) * 500_000) + 4 * sp.exp(-((t - 11) ** 2) * 50)], 0.0, 20.0)
    assert on_a_pulse(edges, 2, 1e-3) >= 8
    assert on_a_pulse(edges, 11, 0.1) >= 8


def test_cells_begin_and_end_at_breaks():
    e = sp.Piecewise((sp.sin(t), (t > 1) & (t < 2)), (t**2, t > 5), (0, True))
    edges = cells([e, sp.Heaviside(sp.sin(50 * t))], 0.0, 20.0)
    assert {0.0, 1.0, 2.0, 5.0, 20.0, np.pi / 50} <= set(edges.tolist())
    assert np.all(np.diff(edges) > 0)


@pytest.mark.parametrize(
    "e",
    [
        sp.cos(50 * t), sp.exp(-t) * sp.sin(t) ** 2, sp.exp(3 * sp.I * t), sp.sin(t) ** 2 + sp.cos(t) ** 2, t**3,
        sum(sp.exp(-((t - k) ** 2) * 5000) for k in range(1, 20)), 1 / sp.cosh(1000 * t - 5000), t**3 * sp.exp(-t),
        sp.sqrt(t), sp.sqrt(1 + sp.cos(t)), sp.expand((1 + sp.cos(t)) ** 6), sp.sin(2 * t) * sp.cos(t) * sp.cos(3 * t),
        sp.arg(3 + sp.exp(sp.I * t)), sp.Abs(sp.exp(sp.I * t) + 2), sp.Max(sp.sin(t), t / 20), sp.log(1 + t),
    ],
    ids=str,
)  # fmt: skip
def test_smooth_coefficients_take_few_cells_and_vary_little_on_them(e):
    edges = cells([e], 0.0, 20.0)
    assert len(edges) < 2000
    f = np.errstate(over="ignore")(sp.lambdify(t, e, "numpy"))
    inside = np.nextafter(edges[:-1], 99) + np.multiply.outer(np.linspace(0, 0.999, 9), np.diff(edges))
    values = np.array(f(inside), dtype=complex) * np.ones(inside.shape)
    overall = np.ptp(values.real) + np.ptp(values.imag)
    assert np.max(np.ptp(values.real, axis=0)) <= 0.26 * overall + 1e-12


@pytest.mark.parametrize("e", [1 / t, sp.tan(t), sp.sin(1 / t), sp.Piecewise((1 / (t - 1), t > 1), (0, True))], ids=str)
def test_refused(e):
    with pytest.raises(ValueError, match="varies too fast to be followed near"):
        cells([e], 0.0, 20.0)
