"""Kets in a basis of number states, summed over a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.kets import NumberBasis
from sdeframe.interfaces.number_states import elements

Complexes = NDArray[np.complex128]

AT_A_TIME: Final = 256
"""Kets whose elements are written out at once, always so that no bit depends on the block."""


def group_vector(basis: NumberBasis, state: Mapping[Any, Complexes], log_weight: Complexes) -> tuple[Complexes, float]:
    """Return the mean of exp(C0)|z> over a group, shape (states,), and that of its squared norm.

    Parameters
    ----------
    basis
        The number states.
    state
        The values of every variable, shape (trajectories,).
    log_weight
        C0, with the real part −∞ where a trajectory does not count.
    """
    total: Complexes = np.zeros(basis.length, dtype=complex)
    squares, size = 0.0, len(log_weight)
    for first in range(0, size, AT_A_TIME):
        part = slice(first, first + AT_A_TIME)
        tables, log_norm = [], log_weight[part].real.copy()
        for factor in basis.factors:
            table, norm = elements(factor, [state[x][part] for x in factor.variables])
            tables.append(table)
            log_norm += norm
        with np.errstate(over="ignore", invalid="ignore"):  # weights beyond all numbers leave no average
            weight = np.exp(log_norm + 1j * log_weight[part].imag)
            vector, shares = _summed(basis, tables, weight)
            total += vector
            squares += float(np.sum(np.abs(weight) ** 2 * shares))
    mean: Complexes = total / size
    return mean, squares / size


def _summed(basis: NumberBasis, tables: list[Complexes], weight: Complexes) -> tuple[Complexes, Any]:
    """Return Σ weight ⊗ table over trajectories, and what share of every squared norm counts."""
    if basis.sector is not None:
        found = basis.joined(tables)
        return np.einsum("i,id->d", weight, found), np.sum(np.abs(found) ** 2, axis=1)
    left = weight[:, np.newaxis]
    for table in tables[:-1]:
        left = (left[:, :, np.newaxis] * table[:, np.newaxis]).reshape(len(weight), -1)
    whole: Complexes = np.einsum("ia,ib->ab", left, tables[-1]).ravel()  # without threads of its own
    return whole[basis.kept()], 1.0
