"""The exact solution of inverted atoms in a lossy cavity without decay of single atoms: Dicke states times photons.

H = (1/√N) Σ (σ_eg a + σ_ge a†) keeps the atoms in the symmetric states |k> of k excited ones, and the number E = k + n
of excitations; κ D[a] takes E down by one. So ρ is one block of elements |k, E−k><k', E−k'| for each E.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from sdeframe.derivation.exact.course import Course

LARGEST_TOP: Final = 1e-10
"""Of the population of the highest number of photons kept."""


def superradiance_solution(
    atoms: int, cavity_decay: float, times: ArrayLike, cutoff: int
) -> dict[str, NDArray[np.float64]]:
    """Return <σ_ee>, <a†a> and <σ_eg σ_ge> of two atoms, from inverted atoms and the vacuum.

    Parameters
    ----------
    atoms
        N, at least 2.
    cavity_decay
        κ, in units of the collective coupling.
    times
        Increasing times from 0 on, shape (T,).
    cutoff
        Largest number of photons kept; some N·cutoff² elements are integrated.

    Returns
    -------
    dict
        "excited", "photon_number" and "pair", each of shape (T,).

    Raises
    ------
    ValueError
        If the cutoff is too low.
    """
    N, t = atoms, np.asarray(times, dtype=float)
    excited = [np.arange(max(0, E - cutoff), E + 1) for E in range(N + 1)]
    L = _liouvillian(N, cavity_decay, excited)
    firsts = np.cumsum([0, *(k.size**2 for k in excited)])
    rho = np.zeros(firsts[-1], dtype=complex)
    rho[-1] = 1.0
    diagonal = np.concatenate(
        [first + np.arange(k.size) * (k.size + 1) for first, k in zip(firsts, excited, strict=False)]
    )
    k = np.concatenate(excited)
    n = np.concatenate([E - k for E, k in enumerate(excited)])
    pair = (k * (N - k + 1) - k) / (N * (N - 1))  # <J+ J−> is the sum over all pairs and the excited atoms
    rows = np.zeros((5, rho.size))
    rows[:, diagonal] = [(n == cutoff) & (cutoff < N), np.ones(k.size), k / N, n, pair]
    course = Course([(sp.S.One, L)], rows.astype(complex), 1, rho, float(t[-1]))
    columns, between = zip(*course.follow(t), strict=True)
    found = np.transpose(columns)
    course.check(found, t)
    lost = max(float(np.max(np.abs(x))) for x in (between, found[0], found[1] - 1))
    if not lost <= LARGEST_TOP:
        raise ValueError(f"cutoff={cutoff}: {lost:.2g} is the population there, {LARGEST_TOP:g} is allowed; take more")
    return dict(zip(("excited", "photon_number", "pair"), found[2:].real, strict=True))


def _liouvillian(N: int, kappa: float, excited: list[NDArray[np.int64]]) -> sparse.csr_array:
    """Return dρ/dt on the blocks, one after the other, each (k, k') row by row."""
    blocks: list[list[sparse.sparray | None]] = [[None] * (N + 1) for _ in range(N + 1)]
    for E, k in enumerate(excited):
        up = np.sqrt((N - k[:-1]) * (k[:-1] + 1.0) * (E - k[:-1]) / N)  # <k+1, n−1| H |k, n>
        raising = sparse.diags_array(up, offsets=-1, shape=(k.size, k.size))
        H, one = sparse.csr_array(raising + raising.T), sparse.eye_array(k.size)
        loss = sparse.diags_array(-kappa / 2 * np.add.outer(E - k, E - k).ravel())
        blocks[E][E] = loss + sparse.kron(H * -1j, one) + sparse.kron(one, H * 1j)
        if E:
            a = sparse.csr_array(np.sqrt(E - k) * (excited[E - 1][:, None] == k))  # <k, n−1| a |k, n>
            blocks[E - 1][E] = kappa * sparse.kron(a, a)
    return sparse.csr_array(sparse.block_array(blocks))
