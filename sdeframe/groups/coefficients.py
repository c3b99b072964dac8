"""A sum of kets, expanded in others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.kets.functions import ket_functions

Complexes = NDArray[np.complex128]


def least_norm(elements: Complexes, V: Complexes, ridge: float) -> Complexes | None:
    """Return the coefficients w of normalised kets with which |V − Σ w|z)|² + μ Σ|w|² is least; None if there are none.

    w = (S + μ)⁻¹ (z|V) with the overlaps S_ij = (z_i|z_j), or by the same matrix in number states where they are fewer.

    Parameters
    ----------
    elements
        Of the kets, shape (kets, states).
    V
        What is expanded.
    ridge
        μ, in units of the mean of the diagonal of S, which is 1.
    """
    kets, states = elements.shape
    conjugate = elements.conj()
    few = kets < states
    matrix = np.einsum("kd,ld->kl", conjugate, elements) if few else np.einsum("kd,ke->de", elements, conjugate)
    found = np.einsum("kd,d->k", conjugate, V) if few else V.copy()
    matrix[np.diag_indices(len(found))] += ridge
    if not ket_functions()["solve"](np.ascontiguousarray(matrix), found):
        return None
    return found if few else np.einsum("kd,d->k", conjugate, found)


def misfit(elements: Complexes, w: Complexes, V: Complexes) -> float:
    """Return |V − Σ w|z)|/|V|."""
    lost = V - np.einsum("k,kd->d", w, elements)
    return float(np.sqrt(np.sum(np.abs(lost) ** 2) / np.sum(np.abs(V) ** 2)))
