"""Kets in a basis of number states, summed over a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.kets import Field, NumberBasis, Spinor

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]

AT_A_TIME: Final = 256
"""Kets whose elements are written out at once, always so that no bit depends on the block."""
TINY: Final = 1e-300
"""In place of 0, of which there is no logarithm."""


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
    squares, size, kept = 0.0, len(log_weight), basis.kept()
    for first in range(0, size, AT_A_TIME):
        part = slice(first, first + AT_A_TIME)
        tables, log_norm = [], log_weight[part].real.copy()
        for factor in basis.factors:
            table, norm = _elements(factor, [state[x][part] for x in factor.variables])
            tables.append(table)
            log_norm += norm
        with np.errstate(over="ignore", invalid="ignore"):  # weights beyond all numbers leave no average
            weight = np.exp(log_norm + 1j * log_weight[part].imag)
            total += _summed(tables, weight)[kept]
            squares += float(np.sum(np.abs(weight) ** 2))
    mean: Complexes = total / size
    return mean, squares / size


def _elements(factor: Field | Spinor, values: list[Complexes]) -> tuple[Complexes, Reals]:
    """Return the elements of normalised kets, shape (trajectories, states), and the logarithms of their norms."""
    from scipy.special import gammaln

    moduli, counts = np.abs(values), factor.powers()
    if isinstance(factor, Field):
        log_norm = moduli[0] ** 2 / 2
        log_size = -0.5 * gammaln(counts[:, 0] + 1.0) - log_norm[:, np.newaxis]
    else:
        log_size = 0.5 * (gammaln(factor.size + 1.0) - gammaln(counts + 1.0).sum(axis=1))
        length = np.sqrt(np.sum(moduli**2, axis=0))
        moduli, log_norm = moduli / length, factor.size * np.log(length)
    turned: Any = 1.0
    for count, modulus, value in zip(counts.T, moduli, values, strict=True):
        log_size = log_size + count * np.log(np.maximum(modulus, TINY))[:, np.newaxis]
        turned = turned * _turns(value, int(count.max()))[:, count]
    return np.exp(log_size) * turned, log_norm


def _turns(values: Complexes, most: int) -> Complexes:
    """Return (z/|z|)^k for k = 0 to the most, shape (trajectories, most + 1)."""
    modulus = np.abs(values)
    turns = np.empty((len(values), most + 1), dtype=complex)
    turns[:, 1:] = np.where(modulus > 0, values / np.maximum(modulus, TINY), 1.0)[:, np.newaxis]
    turns[:, 0] = 1.0
    return np.multiply.accumulate(turns, axis=1)


def _summed(tables: list[Complexes], weight: Complexes) -> Complexes:
    """Return Σ weight ⊗ table over trajectories."""
    left = weight[:, np.newaxis]
    for table in tables[:-1]:
        left = (left[:, :, np.newaxis] * table[:, np.newaxis]).reshape(len(weight), -1)
    found: Complexes = np.einsum("ia,ib->ab", left, tables[-1]).ravel()  # without threads of its own
    return found
