"""Averages over all pairs of different groups, with errors from leaving one group out."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.sums.estimates import Estimates

Complexes = NDArray[np.complex128]

FEWEST: Final = 8
"""Groups from which on an error is quoted: of fewer it is so poorly known that a bias passes."""


def pair_sums(vectors: Complexes, matrix: Any = None) -> Complexes:
    """Return Σ V_g† O V_h over all g ≠ h, then over those that do not hold group 0, 1, ..., shape (1 + groups,).

    Parameters
    ----------
    vectors
        V, shape (groups, states).
    matrix
        O; the identity if not given.
    """
    changed = vectors if matrix is None else (matrix @ vectors.T).T
    total, image = vectors.sum(axis=0), changed.sum(axis=0)
    own = np.einsum("gd,gd->g", vectors.conj(), changed)
    crossed = vectors.conj() @ image + changed @ total.conj()
    everything = np.vdot(total, image) - own.sum()
    return np.concatenate([[everything], everything - crossed + 2 * own])


def jackknife(numerator: Complexes, denominator: Complexes) -> Estimates:
    """Return a ratio of sums over pairs, given with and without each group, shape (1 + groups, times)."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratios = numerator / denominator
        left, groups = ratios[1:], len(ratios) - 1
        if groups < FEWEST:
            error = np.full((2, *ratios[0].shape), np.nan)
        else:
            away = left - left.mean(axis=0)
            squares = np.stack([away.real, away.imag]) ** 2
            error = np.sqrt((groups - 1) / groups * squares.sum(axis=1))
    return Estimates.of_parts((ratios[0].real, ratios[0].imag), error)
