"""Covariances of means from variances: of z_k, of sums z_j + z_k, and of turned sums.

With x = Re z and y = Im z, the parts of (1 − i) z_k are x_k + y_k and y_k − x_k, those of z_j + z_k are x_j + x_k and
y_j + y_k, and those of z_j − i z_k are x_j + y_k and y_j − x_k. What knows variances alone, such as errors told by
replicates of tied trajectories, knows covariances thereby.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final, TypeVar

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.sums.estimates import Estimates

Array = NDArray[np.float64]
Value = TypeVar("Value", bound=Any)

EPSILON: Final = float(np.finfo(float).eps)


def polarised(values: list[Value]) -> list[Value]:
    """Return of k complex values all k(k + 1) whose variances tell covariances; the values themselves come first."""
    i = sp.I if values and isinstance(values[0], sp.Expr) else 1j
    found = [*values, *(z - i * z for z in values)]
    for left, right in combinations(values, 2):
        found += [left + right, left - i * right]
    return found


def covariance(means: Estimates, k: int) -> Array:
    """Return covariances of the parts of k complex means, real ones first, shape (2 k, 2 k, ...).

    Parameters
    ----------
    means
        Of `polarised` values along the first axis. What floors add to their errors is left out.
    k
        Number of values.
    """
    floor = np.zeros_like(means.error) if means.floor is None else means.floor
    with np.errstate(invalid="ignore", over="ignore"):
        real = means.error.real**2 - floor.real**2
        imaginary = means.error.imag**2 - floor.imag**2
        out = np.empty((2 * k, 2 * k, *real.shape[1:]))
        for j in range(k):
            out[j, j], out[k + j, k + j] = real[j], imaginary[j]
            out[j, k + j] = out[k + j, j] = (real[k + j] - imaginary[k + j]) / 4
        for at, (i, j) in enumerate(combinations(range(k), 2)):
            total, turned = 2 * (k + at), 2 * (k + at) + 1
            out[i, j] = out[j, i] = (real[total] - real[i] - real[j]) / 2
            out[k + i, k + j] = out[k + j, k + i] = (imaginary[total] - imaginary[i] - imaginary[j]) / 2
            out[i, k + j] = out[k + j, i] = (real[turned] - real[i] - imaginary[j]) / 2
            out[k + i, j] = out[j, k + i] = (imaginary[i] + real[j] - imaginary[turned]) / 2
        most = _most(out)
        return np.clip(out, -most, most)


def rounding(means: Estimates, spread: Array, trajectories: int) -> Array:
    """Return what rounding may have made of covariances, of the same shape; 0 for variances.

    A sum of two values keeps of the smaller one what is above the last digit ε of the larger one. What is rounded off
    differs from trajectory to trajectory, by ε beside a spread s, so that the covariance of n is off by some ε s/√n;
    where the smaller one's spread is not some ε, nothing is known of the covariance but that no correlation exceeds 1.
    """
    half = len(spread) // 2
    size = np.abs(np.concatenate([means.mean[:half].real, means.mean[:half].imag]))
    variances = np.einsum("ii...->i...", spread)
    with np.errstate(invalid="ignore", over="ignore"):
        larger = np.maximum(variances[:, None], variances)
        smaller = np.minimum(variances[:, None], variances)
        last_digit = EPSILON * (size[:, None] + size + np.sqrt(trajectories * larger))
        off = 8 * EPSILON * larger + np.sqrt(larger) * last_digit / trajectories
        told = np.sqrt(trajectories * smaller) > 8 * last_digit
        off = np.minimum(np.where(told, off, np.inf), _most(spread))
    off[np.diag_indices(2 * half)] = 0.0
    return np.asarray(off)


def _most(spread: Array) -> Array:
    """Return the largest covariances that variances allow."""
    deviations = np.sqrt(np.maximum(np.einsum("ii...->i...", spread), 0.0))
    return np.asarray(deviations[:, None] * deviations)
