"""The generator of the open Tavis-Cummings model on density matrices that no permutation of the atoms changes."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numba import njit
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]


@attrs.frozen(eq=False)
class RateTable:
    r"""The master equation on the elements whose bra and ket have the same number E of excitations.

    Such an element is <j,k;E-k| ρ |j,l;E-l>: k = m + N/2 and l = m' + N/2 atoms are excited, the other excitations are
    photons, and ρ is summed over the copies of a Dicke multiplet j. H is real and takes k to k ± 1 only, and an
    emission lowers k and l alike; so :math:`\rho = (-i)^{k-l} r` with r real and symmetric, of which k ≤ l is kept.
    The rows of r are (j, k, l), those with k = l first and of these j = N/2 first, so that row k < N + 1 is
    (N/2, k, k). One row of zeros at the end stands for all that does not exist. The columns are E = 0..E_max.

    Attributes
    ----------
    atoms, excitations, decay
        N, E_max and g = γ/f.
    populations
        Number of rows with k = l.
    spin, ket, bra
        j, k and l of each row, shape (P,).
    neighbour
        Rows of (k-1, l), (k+1, l), (k, l-1) and (k, l+1), shape (P, 4).
    coupling
        Their signed √[(j(j+1) - m(m+1))/N], shape (P, 4); an element of H is this times √(number of photons).
    source, gain
        Rows that emit into this one, from j, j+1 and j-1 and at E + 1, and their rates, shape (P, 3).
    loss
        Rate g (k + l)/2 at which an element decays, shape (P,).
    """

    atoms: int
    excitations: int
    decay: float
    populations: int
    spin: Reals
    ket: Integers
    bra: Integers
    neighbour: Integers
    coupling: Reals
    source: Integers
    gain: Reals
    loss: Reals

    @property
    def norm(self) -> float:
        """Upper bound of the generator's norm: `norm_bound`."""
        return norm_bound(self.atoms, self.excitations, self.decay)

    def zeros(self) -> Reals:
        """Return an r of zeros."""
        return np.zeros((self.spin.size + 1, self.excitations + 1))

    def add_derivative(self, r: Reals, factor: float, out: Reals, total: Reals) -> None:
        """Set `out` to factor · dr/dτ and add that to `total`."""
        root = np.sqrt(np.arange(self.excitations + 2.0))
        tables = (self.neighbour, self.coupling, self.source, self.gain, self.loss)
        _add_derivative(r, factor, out, total, root, self.ket, self.bra, *tables)


def rate_table(atoms: int, excitations: int, decay: float) -> RateTable:
    """Tabulate the generator of N atoms with decay g = γ/f for up to E_max excitations."""
    N, highest = atoms, min(atoms, excitations)
    spins: Reals = N / 2 - np.arange(N // 2 + 1, dtype=np.float64)
    grid = np.meshgrid(np.arange(spins.size), np.arange(highest + 1), np.arange(highest + 1), indexing="ij")
    layer, k, q = (axis.ravel() for axis in grid)
    j = spins[layer]
    exists = np.flatnonzero((k <= q) & (k >= N / 2 - j) & (q <= N / 2 + j))
    order = exists[np.argsort(k[exists] != q[exists], kind="stable")]
    layer, k, q, j = layer[order], k[order], q[order], j[order]
    # One layer, k and l more than there are lead to the row of zeros; so does the index -1.
    row = np.full((spins.size + 1, highest + 2, highest + 2), k.size)
    row[layer, k, q] = row[layer, q, k] = np.arange(k.size)
    return RateTable(
        atoms=N, excitations=excitations, decay=decay, populations=int(np.count_nonzero(k == q)), spin=j, ket=k, bra=q,
        neighbour=np.stack([row[layer, k - 1, q], row[layer, k + 1, q], row[layer, k, q - 1], row[layer, k, q + 1]], 1),
        coupling=np.stack([climb(N, j, k - 1), -climb(N, j, k), climb(N, j, q - 1), -climb(N, j, q)], 1),
        source=np.stack([row[layer - step, k + 1, q + 1] for step in (0, 1, -1)], 1),
        gain=decay * np.stack([emission(N, j + s, j, k + 1) * emission(N, j + s, j, q + 1) for s in (0, 1, -1)], 1),
        loss=decay * (k + q) / 2,
    )  # fmt: skip


def row_count(atoms: int, excitations: int) -> int:
    """Give the number of rows that `rate_table` makes: n(n+1)/2 of each multiplet with n of its k up to E_max."""
    twice_spin = np.arange(atoms, -1, -2)
    n = np.maximum(np.minimum((atoms + twice_spin) // 2, excitations) - (atoms - twice_spin) // 2 + 1, 0)
    return int((n * (n + 1) // 2).sum())


def norm_bound(atoms: int, excitations: int, decay: float) -> float:
    """Give an upper bound of the generator's norm, where the norm of ρ is the sum of absolute values of all elements.

    No element of H passes √[N/2 (N/2+1) E_max/N], and a column has at most two of them for bra and for ket each; loss
    and gain add g N each.
    """
    return 4 * float(np.sqrt((atoms / 2 + 1) * excitations / 2)) + 2 * decay * atoms


def climb(atoms: int, j: Reals, k: Integers) -> Reals:
    """Give √[(j(j+1) - m(m+1))/N], the coupling of k and k + 1 excited atoms, m = k - N/2; 0 outside the multiplet."""
    m = k - atoms / 2
    return np.sqrt(np.maximum((j - m) * (j + m + 1), 0) / atoms)


def emission(atoms: int, j: Reals, j_new: Reals, k: Integers) -> Reals:
    """Give √c(j') x(m) of an emission from |j, m> to |j', m-1>, m = k - N/2; 0 where there is no such emission.

    The three rates c x² (Chase and Geremia 2008, Shammah et al. 2018), for ρ summed over the copies of a multiplet,
    add up to k, the number of excited atoms.
    """
    N, m = atoms, k - atoms / 2
    step = j_new - j
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = (N / 2 + 1) / (2 * j * (j + 1)) * (j + m) * (j - m + 1)
        down = (N / 2 + j + 1) / (2 * j * (2 * j + 1)) * (j + m) * (j + m - 1)
        up = (N / 2 - j) / (2 * (j + 1) * (2 * j + 1)) * (j - m + 1) * (j - m + 2)
    rate = np.select([step == 0, step == -1, step == 1], [stay, down, up])
    possible = (j >= 0) & (j <= N / 2) & (abs(m) <= j) & (j + j_new > 0)
    return np.sqrt(np.where(possible, rate, 0.0))


@njit(error_model="numpy")
def _add_derivative(
    r: Any, factor: float, out: Any, total: Any, root: Any,
    ket: Any, bra: Any, neighbour: Any, coupling: Any, source: Any, gain: Any, loss: Any,
) -> None:  # fmt: skip
    for p in range(bra.size):
        k, q = ket[p], bra[p]  # E starts at q, as fewer excitations cannot excite q atoms
        own, result, sums = r[p, q:], out[p, q:], total[p, q:]
        less_ket, more_ket, less_bra, more_bra = (
            r[neighbour[p, 0], q:], r[neighbour[p, 1], q:], r[neighbour[p, 2], q:], r[neighbour[p, 3], q:]
        )  # fmt: skip
        a, b, c, d = factor * coupling[p, 0], factor * coupling[p, 1], factor * coupling[p, 2], factor * coupling[p, 3]
        root_ket, root_more_ket, root_more_bra = root[q - k :], root[q - k + 1 :], root[1:]
        lost = -factor * loss[p]
        for e in range(own.size):
            hk = a * root_more_ket[e] * less_ket[e] + b * root_ket[e] * more_ket[e]
            hq = c * root_more_bra[e] * less_bra[e] + d * root[e] * more_bra[e]
            result[e] = hk + hq + lost * own[e]
        same, higher, lower = r[source[p, 0], q + 1 :], r[source[p, 1], q + 1 :], r[source[p, 2], q + 1 :]
        a, b, c = factor * gain[p, 0], factor * gain[p, 1], factor * gain[p, 2]
        for e in range(same.size):
            result[e] += a * same[e] + b * higher[e] + c * lower[e]
        for e in range(own.size):
            sums[e] += result[e]
