"""Random numbers with the law of a Q function, or of a Wigner function, from its exact distribution functions."""

from __future__ import annotations

from functools import cached_property
from math import comb, lgamma, pi
from typing import Any, Final

import attrs
import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["RADII", "HusimiLaw", "lowest_on_circles"]

RADII, ANGLES = 400, 16
"""Of the grid on which a lowest value is sought: radii, and angles for each number state."""
HALVINGS: Final = 60
"""Of an interval, to find a quantile to the last digit."""


def lowest_on_circles(r: NDArray[np.float64], c: NDArray[np.complex128]) -> tuple[float, complex]:
    """Return the lowest value of c_0 + 2 Re Σ_{d>0} c_d e^{idφ}, in units of the highest one, and its place r e^{iφ}.

    Parameters
    ----------
    r
        Radii, shape (R,).
    c
        Coefficients at each, shape (R, M).
    """
    M = c.shape[1]
    phi = np.arange(ANGLES * M) * 2 * pi / (ANGLES * M)
    f = c[:, :1].real + 2 * (c[:, 1:] @ np.exp(1j * np.multiply.outer(np.arange(1, M), phi))).real
    at = np.unravel_index(np.argmin(f), f.shape)
    return float(f[at] / f.max()), complex(r[at[0]] * np.exp(1j * phi[at[1]]))


@attrs.frozen
class HusimiLaw:
    """The law Q(μ) = <μ|ρ|μ>/π of a complex number, drawn by inverting its distribution functions.

    With x = |μ|², P(x' > x) = e^{−x} Σ_k x^k/k! Σ_{m>=k} ρ_mm. The phase φ at given x has the density
    (1/2π) Σ_d c_d e^{idφ} / c_0 with c_d = Σ_m ρ_{m,m+d} x^{m+d/2} / √(m! (m+d)!) and c_−d = c_d*.

    Parameters
    ----------
    rho
        Elements <m|ρ|n>, M rows of M. They need not be those of a state, if only Q is not negative.
    """

    rho: tuple[tuple[complex, ...], ...]

    @classmethod
    def of_wigner(cls, rho: NDArray[np.complex128]) -> HusimiLaw:
        """Return the law of μ = √2 α for α with the Wigner function of ρ, where that is not negative.

        It is Q of the matrix that a loss would make of ρ which lets pass twice of what comes:
        <m|ρ'|n> = √2^(m+n) Σ_k (−1)^k √(C(m+k, k) C(n+k, k)) <m+k|ρ|n+k>.
        """
        M = len(rho)
        made = np.zeros((M, M), dtype=complex)
        for k in range(M):
            root = np.sqrt([float(comb(m + k, k)) * 2**m for m in range(M - k)])
            made[: M - k, : M - k] += (-1) ** k * np.multiply.outer(root, root) * rho[k:, k:]
        return cls(tuple(tuple(map(complex, row)) for row in made))

    def lowest(self) -> tuple[float, complex]:
        """Return the lowest value of Q on a fine grid, in units of the highest one, and its place."""
        M = len(self.rho)
        r = np.linspace(0.0, np.sqrt(M + 20.0), RADII)
        powers = r[:, None] ** np.arange(M) * np.exp(-(r[:, None] ** 2) / 2)
        c = [np.einsum("rm,rm,m->r", powers[:, : M - d], powers[:, d:], np.diag(self._scaled, d)) for d in range(M)]
        return lowest_on_circles(r, np.transpose(c))

    @cached_property
    def _scaled(self) -> NDArray[np.complex128]:
        """<m|ρ|n>/√(m! n!)."""
        root = np.exp([-lgamma(m + 1) / 2 for m in range(len(self.rho))])
        return np.array(self.rho) * np.multiply.outer(root, root)

    @cached_property
    def _tails(self) -> NDArray[np.float64]:
        """Σ_{m>=k} ρ_mm / k!."""
        p = np.diag(np.array(self.rho)).real
        return np.cumsum(p[::-1])[::-1] * np.exp([-lgamma(k + 1) for k in range(len(p))])

    def __call__(self, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return μ of the shape of u and v, two independent uniform numbers."""
        out = np.empty(u.size, dtype=np.complex128)
        _draw(u.ravel(), v.ravel(), self._scaled, self._tails, out)
        return out.reshape(u.shape)


@njit(error_model="numpy")
def _draw(u: Any, v: Any, scaled: Any, tails: Any, out: Any) -> None:
    M = len(tails)
    c = np.empty(M, dtype=np.complex128)
    for i in range(len(u)):
        low, high = 0.0, M + 40.0 + 10.0 * np.sqrt(M)  # P beyond is below 1e-17
        for _ in range(HALVINGS):
            x = (low + high) / 2
            if _beyond(x, tails) > u[i]:
                low = x
            else:
                high = x
        r = np.sqrt(low)
        for d in range(M):
            c[d] = 0.0
            for m in range(M - d):
                c[d] += scaled[m, m + d] * r ** (2 * m + d)
        low, high = 0.0, 2 * pi
        for _ in range(HALVINGS):
            phi = (low + high) / 2
            if _below(phi, c) < 2 * pi * v[i] * c[0].real:
                low = phi
            else:
                high = phi
        out[i] = r * np.exp(1j * low)


@njit(error_model="numpy")
def _beyond(x: float, tails: Any) -> float:
    total = 0.0
    for k in range(len(tails) - 1, -1, -1):
        total = total * x + tails[k]
    return total * np.exp(-x)


@njit(error_model="numpy")
def _below(phi: float, c: Any) -> float:
    """Return ∫_0^φ Σ_d c_d e^{idφ'} dφ'."""
    total = phi * c[0].real
    for d in range(1, len(c)):
        total += 2 * (c[d] * (np.exp(1j * d * phi) - 1) / (1j * d)).real
    return total
