"""Gaussian states on number states."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["gaussian_elements"]

Array = NDArray[np.complex128]

LARGEST: Final = 2**25
"""Elements of a matrix, 0.5 GB."""


def gaussian_elements(amplitudes: Array, number: Array, pair: Array, cutoffs: Sequence[int]) -> Array:
    """Return the density matrix of a Gaussian state of M modes on fewer than `cutoffs` photons each.

    <z|ρ|z> e^{|z|²} = Σ ρ_mn z*^m z^n/√(m! n!) is G(y) = G(0) exp(½ yᵀAy + bᵀy) with y = (z*, z), so that
    ∂_i G = (b_i + Σ_j A_ij y_j) G gives every element from those below it, exact to rounding at any cutoff.

    Parameters
    ----------
    amplitudes
        <a_k>, shape (M,).
    number, pair
        <δa_k† δa_l> and <δa_k δa_l>, shape (M, M).
    cutoffs
        Number states kept of every mode.

    Returns
    -------
    array
        Elements, shape (C, C) with the product C of the cutoffs, the last mode running fastest.

    Raises
    ------
    ValueError
        If the matrix is too large.
    """
    M, shape = len(cutoffs), (*cutoffs, *cutoffs)
    if prod(shape) > LARGEST:
        raise ValueError(
            f"the density matrix of {M} modes on {', '.join(map(str, cutoffs))} number states has {prod(shape):,} "
            f"elements, {LARGEST:,} are allowed: give lower cutoffs, or a state with fewer photons"
        )
    antinormal = np.block([[number.T + np.eye(M), pair], [pair.conj(), number + np.eye(M)]])
    inverse, mean = np.linalg.inv(antinormal), np.concatenate([amplitudes, amplitudes.conj()])
    A, b = np.roll(np.eye(2 * M) - inverse, M, axis=1), inverse @ mean
    rho = np.zeros(shape, dtype=complex)
    rho[(0,) * (2 * M)] = np.exp(-(mean.conj() @ b).real / 2) / np.sqrt(np.linalg.det(antinormal).real)
    for i in range(2 * M):
        _fill(rho[(slice(None),) * (i + 1) + (0,) * (2 * M - i - 1)], A[i], b[i])
    return rho.reshape(prod(cutoffs), prod(cutoffs))


def _fill(G: Array, A: Array, b: complex) -> None:
    """Fill the last axis from its first element, where all axes before it are filled."""
    i = G.ndim - 1
    for k in range(G.shape[i] - 1):
        total = b * G[..., k]
        if k:
            total += A[i] * np.sqrt(k) * G[..., k - 1]
        for j in range(i):
            lower, upper = (np.moveaxis(x, j, -1) for x in (G[..., k], total))
            upper[..., 1:] += A[j] * np.sqrt(np.arange(1.0, G.shape[j])) * lower[..., :-1]
        G[..., k + 1] = total / np.sqrt(k + 1)
