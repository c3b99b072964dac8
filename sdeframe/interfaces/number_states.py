"""What kets are in number states of one factor."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.kets import Field, Spinor

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]

TINY: Final = 1e-300
"""In place of 0, of which there is no logarithm."""


def elements(factor: Field | Spinor, values: list[Complexes]) -> tuple[Complexes, Reals]:
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
