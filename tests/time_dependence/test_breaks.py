"""Breaks of coefficients: all that there are, to the last bits."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import time
from sdeframe.time_dependence import roots
from sdeframe.time_dependence.breaks import breaks

t, pi = time, sp.pi
P = sp.Piecewise


def between(a, b, value=1):
    return P((value, (t >= a) & (t < b)), (0, True))


EXACT = {
    "number": (P((1, t < 1), (0, True)), [1.0]),
    "fraction": (P((1, t < sp.Rational(1, 10)), (0, True)), [0.1]),
    "float": (P((1, t < 0.3), (0, True)), [0.3]),
    "irrational": (sp.Heaviside(t - pi), [np.pi]),
    "square": (P((1, (t - 5) ** 2 < 1), (0, True)), [4.0, 6.0]),
    "expanded": (sp.expand(P((1, (t - 5) ** 2 < 1), (0, True))), [4.0, 6.0]),
    "and, or": (P((1, (t >= 1) & (t < 2)), (2, (t > 5) | (t < 0.5)), (0, True)), [0.5, 1.0, 2.0, 5.0]),
    "not": (P((1, ~((t < 3) & (sp.cos(t) < 7))), (0, True)), [3.0]),
    "one of two": (sp.Max(t, 3) + sp.Min(t, 4), [3.0, 4.0]),
    "whole numbers": (sp.floor(t / 4), [4.0, 8.0, 12.0, 16.0]),
    "many": (sp.Heaviside(sp.sin(50 * t)), [float(sp.N(k * pi / 50, 30)) for k in range(1, 319)]),
    "rest": (sp.Heaviside(sp.Max(t, 1) - 1), [1.0]),
    "kink": (sp.Abs(t - 7) + sp.sqrt(sp.Abs(sp.cos(t))), sorted([7.0, *(np.pi * (k + 0.5) for k in range(6))])),
    "cubic": (sp.sign((t - 1) * (t - 2) * (t - 3)), [1.0, 2.0, 3.0]),
    "smooth": (sp.exp(-((t - 5) ** 2)) + sp.sqrt(1 + t**2), []),
    "outside": (P((1, t < 0), (2, t < 20), (3, t <= 25), (0, True)), []),
    "product": (sp.Heaviside(sp.exp(-t) * sp.sin(t)), [k * np.pi for k in range(1, 7)]),
    "cut": (sp.arg(t - 4 + sp.I * (t - 6)), [6.0]),
}


@pytest.mark.parametrize(("e", "expected"), EXACT.values(), ids=EXACT)
def test_known_breaks(e, expected):
    assert breaks([e], 0.0, 20.0).tolist() == expected


NUMERICAL = {
    "remainder": (sp.Heaviside(sp.Mod(t, 8) - 2), [2.0, 8.0, 10.0, 16.0, 18.0]),
    "cosine at a level": (sp.sign(sp.cos(t) - sp.cos(3)), [3.0, *(k * np.pi + s for k in (2, 4, 6) for s in (-3, 3))]),
    "exponential": (sp.Heaviside(sp.exp(-t) - sp.Rational(1, 3)), [np.log(3)]),
    "swept": (sp.Heaviside(sp.sin(t**2)), np.sqrt(np.pi * np.arange(1, 128))),
    "pole": (sp.Heaviside(1 / (sp.exp(t) - 5)), [np.log(5)]),
}  # fmt: skip


@pytest.mark.parametrize(("e", "expected"), NUMERICAL.values(), ids=NUMERICAL)
def test_breaks_found_by_bounds(e, expected):
    expected = [x for x in expected if 0 < x < 20]
    found = breaks([e], 0.0, 20.0)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_where_a_function_only_touches_zero():
    for e in (sp.sqrt(1 + sp.cos(t)), sp.Abs(sp.exp(sp.I * t) + 1)):
        np.testing.assert_allclose(breaks([e], 0.0, 20.0), [np.pi, 3 * np.pi, 5 * np.pi], atol=3e-8)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0.01, 19.99), min_size=1, max_size=6, unique_by=lambda x: round(x, 6)), st.booleans())
def test_random_steps(places, nested):
    places = sorted(places)
    e = sum(k * sp.Heaviside(t - x) for k, x in enumerate(places, 2))
    if nested:
        e = P(*((sp.sin(k * t), t < x) for k, x in enumerate(places, 2)), (0, True))
    assert breaks([e], 0.0, 20.0).tolist() == places


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 5), st.floats(0.2, 4)), min_size=1, max_size=2), st.floats(-0.9, 0.9))
def test_every_change_of_sign_is_found(waves, level):
    """Between breaks the sign of a sum of waves is the same on a fine grid."""
    g = sum(sp.cos(k * t + k) * a for k, a in waves) - level
    found = breaks([sp.sign(g)], 0.0, 10.0)
    grid = np.linspace(0, 10, 20_001)
    values = sum(a * np.cos(k * grid + k) for k, a in waves) - level
    inside = np.searchsorted(found, grid)
    for k in range(len(found) + 1):
        signs = np.sign(values[(inside == k) & (np.abs(values) > 1e-9)])
        assert len(set(signs.tolist())) <= 1


def test_breaks_of_several_are_those_of_each():
    several = [between(1, 2), between(2, 3), sp.Heaviside(sp.sin(pi * t)), sp.floor(3 * t)]
    assert breaks(several, 0.5, 2.5).tolist() == [2 / 3, 1.0, 4 / 3, 5 / 3, 2.0, 7 / 3]


@pytest.mark.parametrize(
    ("e", "says"),
    [
        (sp.Heaviside(sp.sin(5000 * t)), "more than 10,000 times between 0 and 20: take a shorter time"),
        (sp.Heaviside(sp.sin(1 / t)), "more than 10,000 times"),
        (sp.Heaviside(sp.sin(t) ** 2 + sp.cos(t) ** 2 - 1), "cannot be told from t = 0 to 20: give the times"),
        (P((1, sp.gamma(t) > 1), (0, True)), "gamma"),
    ],
)
def test_refused(e, says, monkeypatch):
    with pytest.raises(ValueError, match=says):
        breaks([e], 0.0, 20.0)


def test_many():
    assert len(breaks([sp.floor(t)], 0.0, roots.MOST - 0.5)) == roots.MOST - 1
