"""The view of a system in a notebook."""

import pytest
import sympy as sp

from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters, real_noises, real_variables, time
from sdeframe.symbolic.system import SDE
from tests.support.paper_forms import a19, a46

half = sp.Rational(1, 2)
z = complex_variables("z")
x = real_variables("x")
F = complex_noises("F")
W1, W2 = real_noises("W1 W2")
k = parameters("k")


def weighted():
    return SDE({z: -k * z, x: 0}, {z: z * F, x: W1 + W2}, covariance={(W1, W2): half}, log_weight=(-time, z * F + W1))


@pytest.mark.parametrize("sde", [a46(), a19(3), weighted(), weighted().to_stratonovich(), SDE({x: 0})])
def test_the_view_in_a_notebook_is_balanced_latex(sde):
    text = sde._repr_latex_()
    assert text.startswith(r"$\displaystyle")
    assert text.endswith("$")
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert text.count("&=") == len(sde.state)


def test_the_view_in_a_notebook_says_what_is_what():
    text = weighted().to_stratonovich()._repr_latex_()
    for part in (
        r"\mathrm{d}z &= - k z\, \mathrm{d}t", r"z \circ \mathrm{d}F",
        r"\mathrm{d}x &= \mathrm{d}W_{1} + \mathrm{d}W_{2} \\",
        r"\mathrm{d}C_{0}", r"\text{Stratonovich}", r"\text{complex variables: } z", r"\text{complex noises: } F",
        r"\text{real variables: } x", r"\text{real noises: } W_{1}, W_{2}", r"\text{parameters: } k",
        r"\langle \mathrm{d}W_{1}\, \mathrm{d}W_{2} \rangle = \frac{1}{2}\, \mathrm{d}t",
    ):  # fmt: skip
        assert part in text
    assert r"\mathrm{d}\rho_{ee} &= \left[ - g \rho_{ee} + i" in a46()._repr_latex_()
    assert r"- \frac{\rho_{ee}}{\sqrt{N}}\, \mathrm{d}S^{*}" in a46()._repr_latex_()
    assert r"\mathrm{d}x &= 0" in SDE({x: 0})._repr_latex_()
    assert r"\ldots, \rho_{ge 9};" in a19(10)._repr_latex_()
