"""The Wigner function of a density matrix, accurate for any number of number states."""

from __future__ import annotations

from math import lgamma
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.starts.husimi import RADII, lowest_on_circles

__all__ = ["lowest_value"]

BEYOND: Final = 2.0
"""Radii go so far beyond √M, where a state of M number states ends."""


def lowest_value(rho: NDArray[np.complex128]) -> tuple[float, complex]:
    """Return the lowest value of the Wigner function on a fine grid, in units of the highest one, and its place α.

    With x = 4|α|² and α = |α|e^{iφ}, W = (2/π) Σ_d e^{idφ} Σ_m (−1)^m ρ_{m,m+d} ψ_m^d(x), d < 0 being the conjugate.
    The Laguerre functions ψ_m^d = √(m!/(m+d)!) x^{d/2} e^{−x/2} L_m^d(x) have a recursion in m that loses no digits.
    """
    M = len(rho)
    r = np.linspace(0.0, np.sqrt(M) + BEYOND, RADII)
    x, d = 4 * r[:, None] ** 2, np.arange(M)
    root = np.array([lgamma(k + 1) / 2 for k in range(M)])
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(d > 0, d / 2 * np.log(x), 0.0)
    here, before = np.exp(power - x / 2 - root), np.zeros((RADII, M))
    c = np.zeros((RADII, M), dtype=complex)
    for m in range(M):
        c[:, : M - m] += (-1) ** m * rho[m, m:] * here[:, : M - m]
        after = (2 * m + 1 + d - x) * here - np.sqrt(m * (m + d)) * before
        here, before = after / np.sqrt((m + 1) * (m + 1 + d)), here
    return lowest_on_circles(r, c)
