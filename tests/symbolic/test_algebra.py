"""Tidy forms, equality and noise coefficients of expressions."""

import pytest
import sympy as sp

from sdeframe.symbolic import algebra
from sdeframe.symbolic.algebra import equal, noise_coefficients, noises_in, tidy
from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters, real_noises, real_variables

conj, sqrt = sp.conjugate, sp.sqrt
z, w = complex_variables("z w")
x = real_variables("x")
k = parameters("k")
F, V = complex_noises("F V")
W = real_noises("W")


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ((z + w) ** 2 - z**2, 2 * z * w + w**2),
        (sqrt(z) ** 2, z),
        (conj(sqrt(z)) ** 2, conj(z)),
        (conj(sqrt(z)) * (conj(sqrt(z)) + w), conj(z) + w * conj(sqrt(z))),
        (conj(1 / sqrt(z)) * conj(sqrt(z)), 1),
        (conj(z ** sp.Rational(5, 3)), conj(z) * conj(z ** sp.Rational(1, 3)) ** 2),
        (sqrt(z) * conj(sqrt(z)), sqrt(z) * conj(sqrt(z))),
    ],
)
def test_tidy(expr, expected):
    assert tidy(expr) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((z + 1) ** 3, z**3 + 3 * z**2 + 3 * z + 1),
        (sp.Abs(z), sqrt(z) * conj(sqrt(z))),
        (sp.Abs(z) ** 2, z * conj(z)),
        (sp.sign(z) * sp.Abs(z), z),
        (sp.re(z) + sp.I * sp.im(z), z),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.S.One),
        (sqrt(z * conj(z) + 1), conj(sqrt(z * conj(z) + 1))),
        (0.1 * 3 * z + 0.1, 0.3 * z + 0.1),
    ],
)
def test_equal(a, b):
    assert equal(a, b)
    assert not equal(a, b + sp.Rational(1, 1000))
    assert not equal(a * z, conj(b * z) * 2)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (conj(sqrt(z)), sqrt(z)),
        (sqrt(x**2), x),
        (sqrt(x), conj(sqrt(x))),
        (sp.Piecewise((sp.I, x > 100), (1, True)), sp.S.One),
        (0.3 * z, 0.3001 * z),
        (1 / z, sp.S.Zero),
    ],
)
def test_not_equal(a, b):
    assert not equal(a, b)


@pytest.mark.parametrize(
    "zero",
    [
        sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1,
        sp.exp(sp.I * x) - sp.cos(x) - sp.I * sp.sin(x),
        z * (sp.log(2 * x**2) - sp.log(2) - sp.log(x**2)),
        (z + w) ** 9 - sp.expand((z + w) ** 9),
    ],
)
def test_what_cancels_is_zero(zero):
    """Evaluated it is 1e-124 or so, of which no relative error says anything."""
    assert equal(zero, sp.S.Zero)
    assert equal(w * zero, sp.S.Zero)
    assert not equal(zero, sp.Rational(1, 10**9))


def test_a_difference_shows_before_anything_is_expanded(monkeypatch):
    """Expanded, the two have thousands of terms."""
    monkeypatch.setattr(algebra, "_canonical", lambda _: pytest.fail("was expanded"))
    power = (z + w + x + k + conj(z) + conj(w) + 1) ** 9
    assert not equal(power * (z - w), power * (z - w + x / 100))


def test_noise_coefficients():
    expr = conj(sqrt(z) * F) + (F + W) * (k + z) + sp.re(w * V)
    assert noises_in(expr) == (F, V, W)
    assert dict(noise_coefficients(expr)) == {
        F: k + z, conj(F): conj(sqrt(z)), W: k + z, V: w / 2, conj(V): conj(w) / 2,
    }  # fmt: skip
    assert dict(noise_coefficients(sp.S.Zero)) == {}
    assert dict(noise_coefficients((F + 1) * (z + 1) - z - 1 - F)) == {F: z}


@pytest.mark.parametrize("expr", [F**2, F * conj(F), sp.exp(W), sp.sign(W), sp.Abs(F), z, F + 1, sp.Max(W, 0)])
def test_what_is_not_linear_has_no_coefficients(expr):
    with pytest.raises(ValueError, match=r"not linear|no noise"):
        noise_coefficients(expr)


@pytest.mark.parametrize("where", ["x > 3", "x > 20", "x < -3", "x < -20", "abs(x) < 0.03"])
def test_floating_point_numbers_hide_no_difference_that_is_far_out(where):
    x = sp.Symbol("x", real=True)
    regions = {"x > 3": x > 3, "x > 20": x > 20, "x < -3": x < -3, "x < -20": x < -20, "abs(x) < 0.03": x**2 < 0.0009}
    assert not equal(0.5 * sp.Piecewise((1 / x, regions[where]), (0, True)), sp.Integer(0))
    assert not equal(sp.Piecewise((2, regions[where]), (1, True)) * 0.3, sp.Float(0.3))
    assert equal((0.1 + 0.2) * x, 0.3 * x)
