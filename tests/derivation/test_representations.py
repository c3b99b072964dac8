"""The tables of operator correspondences against matrices and against each other."""

from fractions import Fraction
from functools import cache
from itertools import product
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.linalg import matrix_power

from sdeframe.derivation import PositiveP, Q, Wigner
from sdeframe.derivation.phase_space.representations import emitter_operator, mode_operator

representations = pytest.mark.parametrize("representation", [PositiveP(), Wigner(), Q()], ids=lambda r: r.name)
powers = st.tuples(st.integers(0, 2), st.integers(0, 2))


def as_dict(representation, left, right):
    return dict(mode_operator(representation.modes, left, right))


@representations
def test_the_rows_of_the_table(representation):
    """aΛ = (α − (1−s)/2 ∂β)Λ and so on, typed from the formula."""
    s = representation.s
    alpha, beta, d_alpha, d_beta = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    up, down = Fraction(1 + s, 2), -Fraction(1 - s, 2)
    expected = {
        ((0, 1), (0, 0)): {alpha: 1, d_beta: down},
        ((1, 0), (0, 0)): {beta: 1, d_alpha: up},
        ((0, 0), (0, 1)): {alpha: 1, d_beta: up},
        ((0, 0), (1, 0)): {beta: 1, d_alpha: down},
    }
    for (left, right), row in expected.items():
        assert as_dict(representation, left, right) == {key: c for key, c in row.items() if c}


@representations
def test_order_zero_is_the_symbol_of_the_product(representation):
    """The part of XΛY without derivatives is Tr(XΛY) = Tr(YXΛ): a a† − a† a = 1 from any side."""
    zero = [as_dict(representation, *sides).get((0, 0, 0, 0), 0) for sides in [((0, 1), (1, 0)), ((1, 1), (0, 0))]]
    s = representation.s
    assert zero == [-Fraction(1 - s, 2)] * 2  # <a†a> = <αβ> − (1−s)/2
    assert as_dict(representation, (1, 1), (0, 0))[1, 1, 0, 0] == 1


def kernel(alpha, beta, size):
    """e^(−αβ) e^(αa†)|0><0|e^(βa), of trace 1."""
    n = np.arange(size)
    factorials = np.cumprod(np.concatenate([[1.0], n[1:]]))
    return np.exp(-alpha * beta) * np.outer(alpha**n, beta**n) / np.sqrt(np.outer(factorials, factorials))


SIZE, ALPHA, BETA = 36, 0.4 + 0.3j, 0.2 - 0.5j


@cache
def derivative(k, n):
    """∂α^k ∂β^n of the kernel, by Cauchy's formula on circles around the point."""
    turn = 0.7 * np.exp(2j * np.pi * np.arange(24) / 24)
    total = sum(kernel(ALPHA + x, BETA + y, SIZE) / (x**k * y**n) for x, y in product(turn, turn))
    return factorial(k) * factorial(n) * total / turn.size**2


@given(powers, powers)
def test_positive_p_is_the_kernel_of_coherent_states(left, right):
    a = np.diag(np.sqrt(np.arange(1.0, SIZE)), 1)
    word = [matrix_power(x, k) for m, n in (left, right) for x, k in ((a.T, m), (a, n))]
    expected = word[0] @ word[1] @ kernel(ALPHA, BETA, SIZE) @ word[2] @ word[3]
    table = as_dict(PositiveP(), left, right)
    found = sum(float(c) * ALPHA**i * BETA**j * derivative(k, n) for (i, j, k, n), c in table.items())
    low = slice(0, 12)
    np.testing.assert_allclose(found[low, low], expected[low, low], atol=1e-9)


@pytest.mark.parametrize(
    ("left", "right"), [(("e", "g"), None), (None, ("e", "g")), (("e", "g"), ("g", "e")), (("e", "g"), ("e", "s"))]
)
def test_maps_of_an_emitter_are_those_of_matrices(left, right):
    levels = ("g", "e", "s")
    rho = np.random.default_rng(3).normal(size=(3, 3))

    def sigma(ij):
        found = np.zeros((3, 3))
        if ij is None:
            return np.eye(3)
        found[levels.index(ij[0]), levels.index(ij[1])] = 1.0
        return found

    t, S = emitter_operator(levels, left, right)
    expected = sigma(left) @ rho @ sigma(right)
    found = np.zeros((3, 3))
    for (p, q), (k, n) in S.items():
        found[levels.index(p), levels.index(q)] = rho[levels.index(k), levels.index(n)]
    np.testing.assert_array_equal(found, expected)
    trace = 0.0 if t is None else rho[levels.index(t[0]), levels.index(t[1])]
    assert trace == pytest.approx(np.trace(expected))
