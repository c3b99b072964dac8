"""The finite fields: every polynomial is primitive, powers are products."""

import pytest

from sdeframe.sampling.fields import POLYNOMIALS, powers
from tests.support import tied_bits


def order(polynomial):
    """Return how many powers the root of a polynomial has: 2^degree − 1 of a primitive one alone."""
    power, k = 0b10, 1
    while power != 1:
        power, k = tied_bits.times(power, 0b10, polynomial), k + 1
    return k


def test_there_is_a_primitive_polynomial_of_every_degree():
    assert list(POLYNOMIALS) == list(range(3, 14))
    for degree, polynomial in POLYNOMIALS.items():
        assert polynomial.bit_length() == degree + 1
        assert order(polynomial) == 2**degree - 1


def test_one_that_is_irreducible_alone_is_caught():
    """x⁴ + x³ + x² + x + 1 divides x⁵ − 1."""
    assert order(0b11111) == 5


def test_bits_of_runs_depend_on_the_polynomials():
    """They are written down a second time, as a change would need another name of the layout."""
    assert POLYNOMIALS == tied_bits.POLYNOMIALS


@pytest.mark.parametrize("degree", POLYNOMIALS)
def test_powers_are_all_elements_but_zero(degree):
    found = powers(degree)
    assert sorted(found) == list(range(1, 2**degree))
    assert found[:degree].tolist() == [1 << k for k in range(degree)]
    for k in (1, 2, degree, 2**degree - 2):
        product = tied_bits.times(int(found[k - 1]), 0b10, POLYNOMIALS[degree])
        assert found[k] == product
