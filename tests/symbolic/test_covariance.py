"""Correlated real noises: correlators, independent noises behind them, refusals."""

import pytest
import sympy as sp

from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.covariance import check_covariance, cholesky
from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters, real_noises, real_variables
from sdeframe.symbolic.system import SDE

i = sp.I
half = sp.Rational(1, 2)
z = complex_variables("z")
x, y = real_variables("x y")
F = complex_noises("F")
W, W1, W2, W3 = real_noises("W W1 W2 W3")
k = parameters("k")


def test_correlated_noises():
    sde = SDE({x: 0, y: 0}, {x: 2 * W1, y: 3 * W2}, covariance={(W2, W1): sp.Rational(3, 10)})
    assert sde.diffusion() == sp.Matrix([[4, sp.Rational(9, 5)], [sp.Rational(9, 5), 9]])
    assert dict(sde.covariance) == {(W1, W2): sp.Rational(3, 10)}
    multiplied = SDE({x: 0, y: 0}, {x: y * W1, y: x * W2}, covariance={(W1, W2): k})
    assert dict(multiplied.correction()) == {x: k * x / 2, y: k * y / 2}


def test_independent_noises_behind_correlated_ones():
    covariance = {(W1, W2): sp.Rational(3, 5), (W2, W3): sp.Rational(-1, 2)}
    sde = SDE({x: 0, y: 0, z: 0}, {x: W1 + W, y: x * W2, z: i * W3 + F}, covariance=covariance)
    independent = sde.uncorrelated()
    assert not independent.covariance
    assert list(independent.noises) == ["F", "W", "W1", "W2_rest", "W3_rest"]
    assert independent.noises["W"] == W
    assert independent.equal_in_law(sde)
    assert not SDE(sde.drift, sde.noise).equal_in_law(sde)
    assert dict(independent.correction()) == dict(sde.correction())
    assert sde.noiseless().uncorrelated().covariance == {}


def test_fully_correlated_noises_are_one():
    sde = SDE({x: 0, y: 0}, {x: W1, y: x * W2 + W3}, covariance={(W1, W2): -1})
    independent = sde.uncorrelated()
    assert independent.noise[y] == -x * W1 + W3
    assert independent.equal_in_law(sde)
    floats = SDE({x: 0, y: 0}, {x: W1 + W3, y: W2}, covariance={(W1, W2): 1.0, (W1, W3): 0.1, (W2, W3): 0.1})
    assert len(floats.uncorrelated().noises) == 2
    assert floats.uncorrelated().equal_in_law(floats)


def test_a_rest_takes_no_name_that_exists():
    taken = real_variables("W2_rest")
    sde = SDE({x: 0, taken: 0}, {x: W1 + W2}, covariance={(W1, W2): half})
    assert list(sde.uncorrelated().noises) == ["W1", "W2_rest_"]


def test_a_covariance_may_be_a_parameter():
    sde = SDE({x: 0}, {x: W1 + W2}, covariance={(W1, W2): k})
    assert list(sde.parameters) == ["k"]
    variance = sde.uncorrelated().diffusion()[0, 0]
    assert equal(variance.subs(k, half), sde.diffusion()[0, 0].subs(k, half))
    check_covariance(sde.covariance, {k: 0.5})
    with pytest.raises(ValueError, match=r"covariance of W1 and W2 is 1\.5: give a real number between -1 and 1"):
        check_covariance(sde.covariance, {k: 1.5})


@pytest.mark.parametrize("matrix", [[[1, 2], [2, 1]], [[1, 1, 0], [1, 1, 1], [0, 1, 1]], [[-1]]])
def test_a_matrix_that_is_not_positive_has_no_root(matrix):
    with pytest.raises(ValueError, match="not positive semidefinite"):
        cholesky([[sp.Integer(c) for c in row] for row in matrix])


BAD_COVARIANCE = {
    "no mapping": (0.3, TypeError, "covariance is 0.3: give a mapping"),
    "no pair": ({W1: 0.3}, ValueError, "covariance key W1: give a pair of real noises"),
    "complex noise": ({(W1, F): 0.3}, ValueError, "give a pair of real noises"),
    "variable": ({(W1, x): 0.3}, ValueError, "give a pair of real noises"),
    "diagonal": ({(W1, W1): 2}, ValueError, "W1 with itself is 1: scale the noise coefficient instead"),
    "twice": ({(W1, W2): 0.1, (W2, W1): 0.1}, ValueError, "W1 and W2 is given twice"),
    "absent": ({(W1, W): 0.3}, ValueError, "the system has no noise W; use it"),
    "too large": ({(W1, W2): 1.2}, ValueError, "W1 and W2 is 1.2.*: give a real number between -1 and 1"),
    "complex": ({(W1, W2): 0.3j}, ValueError, "give a real number between"),
    "text": ({(W1, W2): "0.3"}, TypeError, "covariance of W1 and W2 is '0.3'"),
    "state": ({(W1, W2): x}, ValueError, "covariance of W1 and W2 holds x: only parameters"),
    "nan": ({(W1, W2): float("nan")}, ValueError, "give finite"),
    "indefinite": ({(W1, W2): 0.9, (W2, W3): 0.9}, ValueError, "W1, W2, W3 is not positive semidefinite"),
    "indefinite at pivot": ({(W1, W2): 1, (W2, W3): half}, ValueError, "not positive semidefinite"),
}


@pytest.mark.parametrize("name", BAD_COVARIANCE)
def test_a_bad_covariance_is_refused(name):
    covariance, error, message = BAD_COVARIANCE[name]
    with pytest.raises(error, match=message):
        SDE({x: 0, z: 0}, {x: W1 + W2 + W3, z: F}, covariance=covariance)
