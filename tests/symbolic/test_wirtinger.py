"""Wirtinger derivatives against rules of calculus and against differences in two real directions."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import complex_variables, parameters, real_variables
from sdeframe.symbolic.wirtinger import wirtinger

z, w = complex_variables("z w")
x = real_variables("x")
k = parameters("k")
conj = sp.conjugate


@pytest.mark.parametrize(
    ("f", "by_z", "by_conjugate"),
    [
        (z**3, 3 * z**2, 0),
        (conj(z), 0, 1),
        (z * conj(z), conj(z), z),
        (conj(z**2 * w), 0, 2 * conj(z) * conj(w)),
        (conj(sp.exp(z)), 0, sp.exp(conj(z))),
        (sp.re(z), sp.Rational(1, 2), sp.Rational(1, 2)),
        (sp.im(z), -sp.I / 2, sp.I / 2),
        (sp.Abs(z) ** 2, conj(z), z),
        (sp.tanh(sp.re(z)), (1 - sp.tanh(sp.re(z)) ** 2) / 2, (1 - sp.tanh(sp.re(z)) ** 2) / 2),
        (sp.sqrt(z), 1 / (2 * sp.sqrt(z)), 0),
        (conj(sp.sqrt(z)), 0, conj(1 / (2 * sp.sqrt(z)))),
        (k * x * w, 0, 0),
        (sp.S(3), 0, 0),
    ],
)
def test_hand_results(f, by_z, by_conjugate):
    assert equal(wirtinger(f, z), sp.sympify(by_z))
    assert equal(wirtinger(f, conj(z)), sp.sympify(by_conjugate))


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (x**3, 3 * x**2),
        (sp.Abs(x), sp.sign(x)),
        (sp.sign(x), 0),
        (conj(z * x), conj(z)),
        (sp.re(z * x), sp.re(z)),
        (sp.Max(x, 0), sp.Piecewise((0, x <= 0), (1, True))),
        (sp.Piecewise((x**2, x > 1), (-x, True)), sp.Piecewise((2 * x, x > 1), (-1, True))),
    ],
)
def test_a_real_symbol_has_the_ordinary_derivative(f, derivative):
    difference = wirtinger(f, x) - derivative
    for value in (-1.5, 0.3, 2.0):
        assert abs(complex(sp.N(difference.subs({x: value, z: 1.2 - 0.4j})))) < 1e-12


def test_the_piece_of_a_piecewise_is_chosen_by_its_condition():
    f = sp.Piecewise((z**2, sp.re(z) > 0), (conj(z), True))
    assert wirtinger(f, z) == sp.Piecewise((2 * z, sp.re(z) > 0), (0, True))
    assert wirtinger(f, conj(z)) == sp.Piecewise((0, sp.re(z) > 0), (1, True))


def test_nested_real_parts_take_no_exponential_time():
    f = z
    for _ in range(40):
        f = sp.re(f * w, evaluate=False) * z
    assert wirtinger(f, z) != 0


@pytest.mark.parametrize("coordinate", [z * w, conj(z * w), sp.re(z), sp.S(1)])
def test_only_coordinates_differentiate(coordinate):
    with pytest.raises(ValueError, match="cannot differentiate by"):
        wirtinger(z, coordinate)


@pytest.mark.parametrize("f", [sp.gamma(z), sp.floor(x), sp.Function("f")(z), sp.Heaviside(x)])
def test_an_unknown_derivative_is_refused_by_name(f):
    symbol = next(iter(f.free_symbols))
    with pytest.raises(ValueError, match=f.func.__name__):
        wirtinger(f, symbol)


_leaves = st.sampled_from([z, w, conj(z), x, k, sp.I * z, sp.Rational(3, 2), 1 + sp.I])
_unary = [
    sp.re, sp.im, conj, sp.exp, sp.sin, sp.tanh, sp.cosh,
    lambda a: sp.sqrt(a + 3), lambda a: sp.log(a + 4), lambda a: sp.Abs(a + 1), lambda a: sp.sign(a + 1),
    lambda a: sp.arg(a + 5), lambda a: a**2, lambda a: 1 / (a + 6), lambda a: (a + 4) ** sp.Rational(2, 3),
    lambda a: sp.Max(sp.re(a), sp.Rational(1, 7)), lambda a: sp.Min(sp.im(a), sp.Rational(1, 7), sp.re(a)),
    lambda a: sp.atan2(sp.im(a) + 3, sp.re(a) - 1), lambda a: sp.Rational(3, 2) ** a,
]  # fmt: skip
_binary = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: sp.Piecewise((a, sp.re(b) > sp.Rational(1, 9)), (b, True)),
    lambda a, b: (a + 5) ** (b / 4),
]


def _grow(children):
    return st.one_of(
        st.builds(lambda f, a: f(a), st.sampled_from(_unary), children),
        st.builds(lambda f, a, b: f(a, b), st.sampled_from(_binary), children, children),
    )


expressions = st.recursive(_leaves, _grow, max_leaves=5)
H = 1e-5


def _value(f, at_z, at_x):
    values = {z: at_z, x: at_x, w: 0.43 + 0.29j, k: 0.81}
    return complex(sp.N(f.xreplace({symbol: sp.sympify(value) for symbol, value in values.items()})))


def _slope(f, at_z, at_x, dz, dx):
    """Central difference, with the half step beside it: near a kink or a pole the two do not agree."""
    return [
        (_value(f, at_z + h * dz, at_x + h * dx) - _value(f, at_z - h * dz, at_x - h * dx)) / (2 * h)
        for h in (H, H / 2)
    ]


def _agree(f, at_z, at_x):
    """Exact but for differences: their error is some 1e-9, and a point beside a kink is left out."""
    for direction, dx in ((1, 0), (1j, 0), (0, 1)):
        coarse, fine = _slope(f, at_z, at_x, direction, dx)
        if abs(coarse - fine) > 1e-6 * (1 + abs(fine)):
            continue
        by_z, by_conjugate, by_x = (_value(wirtinger(f, u), at_z, at_x) for u in (z, conj(z), x))
        exact = direction * by_z + complex(direction).conjugate() * by_conjugate + dx * by_x
        assert abs(exact - fine) < 1e-5 * (1 + abs(fine)), (f, direction, dx)


@pytest.mark.parametrize("k_function", range(len(_unary) + len(_binary)))
@pytest.mark.parametrize("point", [(0.31 + 0.52j, 0.7), (-0.63 + 0.17j, -0.4), (-0.2 - 0.8j, 0.3), (0.9 - 0.1j, -0.8)])
def test_every_function_of_a_function_that_is_not_analytic(k_function, point):
    a, b = z**2 * conj(w) + x * conj(z), x - sp.I * conj(z) * z
    if k_function < len(_unary):
        _agree(_unary[k_function](a), *point)
        _agree(_unary[k_function](conj(z) - 1), *point)
    else:
        _agree(_binary[k_function - len(_unary)](a, b), *point)


def test_the_square_of_a_complex_sign_is_not_one():
    _agree(sp.sign(sp.I * z + 1), 0.5 + 0.5j, 0.0)


@given(f=expressions, a=st.floats(-0.9, 0.9), b=st.floats(-0.9, 0.9), at_x=st.floats(-0.9, 0.9))
def test_differences_in_two_real_directions_agree(f, a, b, at_x):
    if abs(_value(f, complex(a, b), at_x)) < 1e3:
        _agree(f, complex(a, b), at_x)
