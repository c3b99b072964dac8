"""Degrees of growth, on equations of which the poles are known."""

from fractions import Fraction

import pytest
import sympy as sp
from sympy import I

from sdeframe import SDE, complex_variables
from sdeframe.growth.degrees_of_growth import growth
from sdeframe.models import CollectiveSpin, KerrOscillator, TavisCummings

x, y, z = complex_variables("x y z")


def degrees(drift):
    found = growth(SDE(drift=drift), {})
    return dict(zip(found.variables, found.weights, strict=True)), found


@pytest.mark.parametrize(
    ("drift", "weights", "met"),
    [
        ({x: x**2}, {x: 1}, True),
        ({x: x**3 - x}, {x: Fraction(1, 2)}, True),
        ({x: y, y: 6 * x**2}, {x: 2, y: 3}, True),  # Weierstrass' function
        ({x: y, y: -x}, {x: 0, y: 0}, False),
        ({x: x**2 + y, y: -y + x}, {x: 1, y: 0}, True),  # y is a logarithm
        ({x: x**2, y: x**3 - y}, {x: 1, y: 2}, True),  # y follows
        ({x: x**2, y: z, z: 6 * y**2}, {x: 1, y: 2, z: 3}, True),
        ({x: 0 * x, y: x * y}, {x: 0, y: 0}, False),
    ],
)
def test_weights_of_known_poles(drift, weights, met):
    found, grown = degrees(drift)
    assert found == weights
    assert grown.met is met


def test_a_conjugate_is_a_variable_of_its_own():
    found, grown = degrees({x: -I * x**2 * sp.conjugate(x)})
    assert sum(found.values()) == 1
    assert grown.neutral({0: 1, 1: 1})
    assert not grown.neutral({0: 1})


def test_what_is_no_polynomial_has_no_degrees():
    assert growth(SDE(drift={x: sp.exp(x)}), {}) is None
    assert growth(SDE(drift={x: 1 / x}), {}) is None


def test_models_have_the_poles_of_the_literature():
    """ρee of N atoms in a cavity as 1/z² (Tavis-Cummings), of atoms that decay together as 1/z, a†a of Kerr as 1/z."""
    closed = TavisCummings(10, 1.0)
    grown = growth(closed.system(), closed.parameters())
    at = grown.variables.index(closed.excited)
    assert (grown.weights[at], grown.neutral({at: 1}), grown.met) == (2, True, True)
    assert grown.even_weights == pytest.approx([1, 1, 2, 2, 2])
    spin = CollectiveSpin()
    assert max(w for w in growth(spin.system(), spin.parameters()).even_weights) == pytest.approx(1)
    kerr = KerrOscillator()
    found = growth(kerr.system(), kerr.parameters())
    assert (found.weight({0: 1, 1: 1}), found.neutral({0: 1, 1: 1}), found.neutral({0: 1})) == (1, True, False)


def test_parameters_that_are_zero_drive_nothing():
    linear = KerrOscillator(interaction=0.0)
    assert growth(linear.system(), linear.parameters()).groups == ()
