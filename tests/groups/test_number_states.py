"""Kets in number states, and on shell."""

import numpy as np
import pytest

from sdeframe.groups.number_states import number_states
from sdeframe.interfaces.kets import Field, NumberBasis, Spinor
from sdeframe.observers.pairs.features import group_vector
from sdeframe.symbolic.symbols import complex_variables

x, y, g, e, f = complex_variables("x y g e f")
WHOLE = NumberBasis((Field(x, 9, True), Spinor((g, e, f), 3)))
PART = NumberBasis((Field(x, 9, True), Spinor((g, e), 3)), ((1,), (0, 1)), (2, 6))
SECTOR = NumberBasis((Field(x, 9, True), Field(y, 9, True), Spinor((g, e), 3)), ((1,), (2,), (0, 1)), (6, 6))
ATOMS = NumberBasis((Spinor((g, e), 3), Spinor((x, y), 5)), ((0, 1), (0, 1)), (4, 4))


def kets(basis, count=7, seed=1):
    draw = np.random.default_rng(seed)
    shape = count, number_states(basis).variables
    return draw.normal(size=shape) + 1j * draw.normal(size=shape)


@pytest.mark.parametrize("basis", [WHOLE, PART, SECTOR, ATOMS], ids=["whole", "part", "sector", "atoms"])
def test_sums_are_those_of_the_observer(basis):
    values, C = kets(basis, 300), np.linspace(-1, 1, 300) + 1j
    values[0, 0] = 0
    named = dict(zip([v for factor in basis.factors for v in factor.variables], values.T, strict=True))
    wanted, _ = group_vector(basis, named, C)
    np.testing.assert_allclose(number_states(basis).summed(values, C) / 300, wanted, rtol=1e-11, atol=1e-13)


def test_large_kets_do_not_overflow():
    states = number_states(NumberBasis((Field(x, 1400, True), Spinor((g, e), 500))))
    elements, log_norm = states.elements(np.array([[33.0, 1e3, 1e3j]]))
    assert log_norm[0] == pytest.approx(33.0**2 / 2 + 250 * np.log(2e6))
    assert np.sum(abs(elements) ** 2) == pytest.approx(1, abs=1e-9)


def mean_number(basis, values):
    found, first = 0.0, 0
    for factor, weights in zip(basis.factors, basis.weights, strict=True):
        z = abs(values[:, first : first + len(weights)]) ** 2 * np.array(weights)
        length = np.sum(abs(values[:, first : first + len(weights)]) ** 2, axis=1)
        found = found + (factor.size * z.sum(axis=1) / length if isinstance(factor, Spinor) else z.sum(axis=1))
        first += len(weights)
    return found


@pytest.mark.parametrize("basis", [SECTOR, ATOMS], ids=["sector", "atoms"])
def test_kets_on_shell_are_the_same_kets(basis):
    states, values = number_states(basis), kets(basis)
    moved = states.on_shell(values)
    np.testing.assert_allclose(mean_number(basis, moved), basis.totals[0], rtol=1e-11)
    np.testing.assert_allclose(states.elements(moved)[0], states.elements(values)[0], atol=1e-12)
    other, possible = states.near_shell(values)
    np.testing.assert_allclose(mean_number(basis, other)[possible], basis.totals[0], rtol=1e-11)
    assert possible.any()


def test_kets_that_cannot_be_on_shell_stay_where_they_are():
    states = number_states(SECTOR)
    values = np.array([[0.0, 0.0, 1.0, 1.0]], dtype=complex)
    np.testing.assert_allclose(states.on_shell(values), [[0, 0, np.sqrt(0.5), np.sqrt(0.5)]])
    assert not states.near_shell(values)[1].any()
