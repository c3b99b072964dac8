"""The exponential of a constant matrix, times vectors."""

from __future__ import annotations

from functools import cached_property
from math import ceil
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Exponential"]

Vector = NDArray[np.complex128]

FULL: Final = 40
"""Elements up to which full matrices are faster than sparse ones."""
LONGEST: Final = 12.0
"""Of a step, in units of the inverse norm: rounding errors of a Taylor series grow by e^12 at most, to 1e-11."""
ROUNDING: Final = 1e-16
"""Of the norm of a vector, terms that no longer change it."""


class Exponential:
    """e^(Mt) for a sparse matrix M, times one vector after another.

    Parameters
    ----------
    matrix
        M.
    """

    def __init__(self, matrix: Any) -> None:
        self._matrix = matrix

    def __call__(self, t: float, vector: Vector) -> Vector:
        """Return e^(Mt) v, by the Taylor series of M without the mean of its diagonal."""
        if len(vector) <= FULL:
            from scipy.linalg import expm

            return np.asarray(expm(self._matrix.toarray() * t) @ vector)
        mean, matrix, norm = self._shifted
        steps = max(1, ceil(norm * t / LONGEST))
        factor = np.exp(mean * (t / steps))
        for _ in range(steps):
            vector = factor * _series(matrix, t / steps, vector)
        return vector

    @cached_property
    def _shifted(self) -> tuple[complex, Any, float]:
        """The mean of the diagonal, the matrix without it, and the largest sum of moduli in a column."""
        from scipy import sparse

        n = self._matrix.shape[0]
        mean = self._matrix.diagonal().sum() / n
        matrix = (self._matrix - mean * sparse.eye_array(n)).tocsr()
        return mean, matrix, float(abs(matrix).sum(axis=0).max())


def _series(matrix: Any, t: float, vector: Vector) -> Vector:
    total, term = vector.copy(), vector
    smallest = ROUNDING * np.linalg.norm(vector)
    before, here, k = np.inf, np.inf, 0
    while before + here > smallest:
        k += 1
        term = matrix @ term
        term *= t / k
        total += term
        before, here = here, float(np.linalg.norm(term))
    return total
