"""What an expression may hold: anything else is refused where it enters, by name and with the way out."""

import re

import pytest
import sympy as sp

from sdeframe import SDE, complex_variables, parameters, real_noises, real_variables, time
from sdeframe.derivation import Boson, Master
from sdeframe.observers import Moments, TrustHorizon
from sdeframe.symbolic.functions import check_functions

x, z, W, k, a = real_variables("x"), complex_variables("z"), real_noises("W"), parameters("k"), Boson("a")
epsilon, delayed = sp.Function("epsilon"), sp.Function("x")

UNKNOWN = {
    "erf": (sp.erf(k), "erf in erf(k) is not supported: use Abs, "),
    "gamma": (sp.gamma(k), "gamma in gamma(k) is not supported: use Abs, "),
    "besselj": (sp.besselj(0, k * time), "besselj in besselj(0, k*t) is not supported: use Abs, "),
    "undefined": (2 * epsilon(time), "epsilon in epsilon(t) is not supported: it is an undefined function; write out"),
    "delay": (delayed(time - sp.Rational(1, 2)), "x in x(t - 1/2) is not supported: a system knows its state at the"),
    "Derivative": (sp.Derivative(epsilon(time), time), "Derivative in Derivative(epsilon(t), t) is not supported: wr"),
    "Integral": (sp.Integral(sp.exp(-(k**2)), (k, 0, 1)), "Integral in Integral(exp(-k**2), (k, 0, 1)) is not supp"),
    "inside": (sp.exp(1 + sp.asinh(time)), "asinh in asinh(t) is not supported: use Abs, "),
    "condition": (sp.Piecewise((1, sp.Xor(k > 0, time > 1)), (0, True)), "Xor in "),
}

PLACES = {
    "drift": lambda f: SDE({x: f * x}),
    "noise": lambda f: SDE({x: 0}, {x: f * W}),
    "complex drift": lambda f: SDE({z: f * z}),
    "log-weight": lambda f: SDE({x: 0}, log_weight=(f, 0)),
    "Moments": lambda f: Moments(q=f),
    "TrustHorizon": lambda f: TrustHorizon(q=f),
    "Hamiltonian": lambda f: Master(f * a.dag() * a),
    "rate": lambda f: Master(a.dag() * a, [(f, a)]),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("expression", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_function_is_refused_where_it_enters(expression, message, place):
    with pytest.raises(ValueError, match=re.escape(message)) as refusal:
        PLACES[place](expression)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "expression",
    [
        sp.sqrt(z) + z**3 / (1 + sp.re(z)) + sp.pi * sp.I, sp.exp(sp.I * x) * sp.tanh(k) - sp.conjugate(z),
        sp.Piecewise((1, (x < 0) & (k > 0)), (2, ~sp.Eq(x, 1) | (x >= 2)), (3, True)),
        sp.Min(x, 2) ** sp.Rational(1, 3),
        sp.atan2(x, k) + sp.arg(z) + sp.sign(x) + sp.Abs(z) + sp.log(2 + k**2) + sp.cosh(time) * sp.tan(1),
    ],
)  # fmt: skip
def test_what_is_supported_passes(expression):
    check_functions(expression, "here")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), sp.nan, sp.zoo * x, True])
def test_a_mean_of_no_number_is_refused(value):
    with pytest.raises((TypeError, ValueError), match="q="):
        Moments(q=value)
