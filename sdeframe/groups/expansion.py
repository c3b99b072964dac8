"""A sum of kets, expanded in others."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.kets.functions import ket_functions
from sdeframe.groups.number_states import NumberStates

Complexes = NDArray[np.complex128]


@attrs.frozen(eq=False)
class Expansion:
    """A sum V in number states, written as Σ w|z) with normalised kets."""

    place: Complexes
    """The variables of the kets, shape (kets, variables)."""
    log_norms: NDArray[np.float64]
    """ln of the norms of the kets."""
    w: Complexes
    cost: float
    """Σ|w|²/|V|²."""
    misfit: float
    """|V − Σ w|z)|/|V|."""


def expansion(states: NumberStates, place: Complexes, V: Complexes, ridge: float) -> Expansion | None:
    """Return the expansion in given kets for which |V − Σ w|z)|² + μ Σ|w|² is least; None if there is none.

    w = (S + μ)⁻¹ (z|V) with the overlaps S_ij = (z_i|z_j), or by the same matrix in number states where they are fewer.

    Parameters
    ----------
    states
        The number states.
    place
        The kets.
    V
        What is expanded.
    ridge
        μ, in units of the mean of the diagonal of S, which is 1.
    """
    elements, log_norms = states.elements(place)
    conjugate, few = elements.conj(), len(place) < states.length
    matrix = np.einsum("kd,ld->kl", conjugate, elements) if few else np.einsum("kd,ke->de", elements, conjugate)
    found = np.einsum("kd,d->k", conjugate, V) if few else V.copy()
    matrix[np.diag_indices(len(found))] += ridge
    if not ket_functions()["solve"](np.ascontiguousarray(matrix), found):
        return None
    w = found if few else np.einsum("kd,d->k", conjugate, found)
    lost, size = squared(V - np.einsum("k,kd->d", w, elements)), squared(V)
    return Expansion(place, log_norms, w, squared(w) / size, float(np.sqrt(lost / size)))


def squared(vector: NDArray[Any]) -> float:
    """Return Σ|x|²."""
    return float(np.sum(vector.real**2 + vector.imag**2))
