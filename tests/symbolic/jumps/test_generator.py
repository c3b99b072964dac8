"""What jumps do to averages, as symbols."""

import pytest
import sympy as sp

from sdeframe import (
    SDE,
    complex_variables,
    parameters,
    poisson_noises,
    random_choice,
    random_complex_normal,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
)
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.jumps.averages import averaged

x, y = real_variables("x y")
z = complex_variables("z")
k = parameters("k", positive=True)
W = real_noises("W")
g, u, c = random_normal("g"), random_uniform("u"), random_complex_normal("c")


@pytest.mark.parametrize(
    ("expression", "average"),
    [
        (x, x),
        ((x + k * g) ** 4, x**4 + 6 * x**2 * k**2 + 3 * k**4),
        (u**2 * g**2, sp.Rational(1, 3)),
        (c * sp.conjugate(c) * x + c + c**2, x),
        (sp.conjugate(c) ** 2 * c**2, 2),
        (random_choice("s", [1, -1, x], [0.25, 0.25, 0.5]), x / 2),
        (sp.exp(k * g), sp.exp(k**2 / 2)),
    ],
)
def test_averages_over_random_symbols(expression, average):
    assert equal(sp.nsimplify(averaged(expression)), sp.sympify(average))


def test_an_average_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="over c is not known: take a polynomial in c"):
        averaged(sp.exp(c))


def test_the_generator_of_the_example_keeps_its_mean():
    N = poisson_noises("N", rate=2)
    sde = SDE({x: x}, {x: x * W}, jumps={N: {x: -x / 2}})
    assert sde.generator(x) == 0
    assert sde.generator(x**2) == 3 * x**2 / 2


def test_jumps_of_several_variables_are_taken_together():
    N = poisson_noises("N", rate=k * x, bound=1)
    sde = SDE({x: 0, y: 0}, jumps={N: {x: 1, y: -x}})
    assert equal(sde.generator(x * y), k * x * ((x + 1) * (y - x) - x * y))
    assert sde.generator(y) == -k * x**2


def test_conjugates_jump_too():
    N = poisson_noises("N", rate=2)
    assert equal(
        SDE({z: 0}, jumps={N: {z: sp.I}}).generator(z * sp.conjugate(z)), 2 * (1 - sp.I * z + sp.I * sp.conjugate(z))
    )


def test_compensated_jumps_keep_every_mean():
    N = poisson_noises("N", rate=k * x**2, bound=1, compensated=True)
    sde = SDE({x: -x}, jumps={N: {x: g + 3}})
    assert sde.generator(x) == -x
    assert equal(sde.generator(x**2), -2 * x**2 + 10 * k * x**2)
    plain = sde.uncompensated()
    assert plain.drift[x] == -x - 3 * k * x**2
    assert not next(iter(plain.jumps)).compensated
    assert plain.uncompensated() is plain
    assert equal(plain.generator(x**2), sde.generator(x**2))


def test_a_compensator_that_is_not_known_is_refused_with_the_way_out():
    N = poisson_noises("N", rate=1, compensated=True)
    with pytest.raises(ValueError, match=r"compensated N: .* write the compensator of z into its drift"):
        SDE({z: 0}, jumps={N: {z: sp.exp(c)}}).uncompensated()
