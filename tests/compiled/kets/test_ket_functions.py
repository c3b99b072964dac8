"""Compiled linear algebra of kets against numpy."""

import numpy as np
import pytest

from sdeframe.compiled.kets.functions import ket_functions

draw = np.random.default_rng(5)


def numbers(*shape):
    return draw.normal(size=shape) + 1j * draw.normal(size=shape)


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_positive_systems_are_solved(size):
    A, b = numbers(size, size), numbers(size)
    matrix = A @ A.conj().T + 1e-3 * np.eye(size)
    found = b.copy()
    assert ket_functions()["solve"](matrix.copy(), found)
    np.testing.assert_allclose(matrix @ found, b, rtol=1e-8, atol=1e-8)


def test_a_matrix_that_is_not_positive_has_no_solution():
    assert not ket_functions()["solve"](np.diag([1.0, -1.0]).astype(complex), numbers(2))
    assert not ket_functions()["solve"](np.full((2, 2), np.nan + 0j), numbers(2))


def test_random_numbers_are_those_of_addresses():
    ids, key = np.arange(3, 20_003, dtype=np.uint64), (np.uint64(1), np.uint64(2))
    normal, uniform = np.empty((len(ids), 4)), np.empty((len(ids), 4))
    ket_functions()["normals"](ids, 7, 1, *key, normal)
    ket_functions()["uniforms"](ids, 7, 1, *key, uniform)
    assert np.all((uniform >= 0) & (uniform < 1))
    assert abs(np.cov(normal.T) - np.eye(4)).max() < 0.06  # 6 standard errors of 20,000
    assert abs(uniform.mean(axis=0) - 0.5).max() < 6 / np.sqrt(12 * len(ids))
    some = np.empty((1, 2))
    ket_functions()["normals"](ids[9:10], 7, 2, *key, some)
    assert np.array_equal(some[0], normal[9, 2:])
    ket_functions()["normals"](ids[9:10], 8, 2, *key, some)
    assert not np.array_equal(some[0], normal[9, 2:])
