"""A basis of the elements of the density matrix, on which operators act.

Identical emitters stay in states that an exchange of two of them does not change. Such a state is a number of bosons,
one an emitter, in the L² elements |p><q| of one emitter: a map of one emitter, summed over all of them, moves one
boson, B†_out B_in, and a product of such sums over different emitters is the normally ordered product. One emitter by
itself is the ensemble of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, combinations_with_replacement, permutations
from itertools import product as choices
from math import factorial, prod
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.operators.monomials import Cloud, Transition

__all__ = ["NOTHING", "Basis", "Ensemble", "Levels", "Map", "Sparse", "Vector", "check_size", "fits", "joint_state"]

Map = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Of every basis element the one that it becomes, and the factor; the factor is 0 where it is lost."""
Sparse = tuple[NDArray[np.int64], NDArray[np.complex128]]
"""Numbers of basis elements, each once, and their coefficients."""
Vector = tuple[tuple[int, ...], Sparse]
"""Numbers of parts, and a vector on the product of their elements, the last part running fastest."""
Move = tuple[Transition, Transition]
"""The element of one emitter's density matrix that becomes another one."""

NOTHING = Cloud(None, ())

LARGEST: Final = 1_000_000
"""Elements of the density matrix that are integrated: about 1 GB."""


def fits(elements: int) -> bool:
    """Return whether so many elements of a density matrix can be integrated."""
    return elements <= LARGEST


def check_size(elements: int) -> None:
    """Raise ValueError if a density matrix is too large."""
    if not fits(elements):
        raise ValueError(
            f"the density matrix has {elements:,} elements or more that matter, reached from the start and seen by "
            f"operators; {LARGEST:,} are allowed: take lower cutoffs, fewer modes or emitters, identical ones (size=N) "
            f"or operators that keep what H conserves"
        )


@attrs.frozen
class Levels:
    """The elements |i><k| of a mode that holds fewer than `cutoff` photons, numbered i·cutoff + k."""

    cutoff: int

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.cutoff**2

    def maps(self, left: tuple[int, int], right: tuple[int, int]) -> list[Map]:
        """Return ρ -> a†^m aⁿ ρ a†^p a^q, for left = (m, n) and right = (p, q)."""
        row, up = _ladder(self.cutoff, *left)
        column, down = _ladder(self.cutoff, *right[::-1])
        out = np.add.outer(row * self.cutoff, column).ravel()
        return [(out, np.multiply.outer(up, down).ravel())]

    def state(self, rho: NDArray[np.complex128]) -> Sparse:
        """Return a density matrix of shape (cutoff, cutoff)."""
        return _sparse(rho.ravel())

    @cached_property
    def trace(self) -> Sparse:
        """The functional Tr."""
        return _sparse(np.eye(self.cutoff).ravel())

    def population(self, n: int) -> Sparse:
        """Return the functional that gives the probability of n photons."""
        return np.array([n * (self.cutoff + 1)]), np.ones(1, dtype=complex)


def _ladder(cutoff: int, m: int, n: int) -> Map:
    """Return the number state that a†^m aⁿ makes of each, and the factor."""
    i = np.arange(cutoff)
    falling = [np.sqrt(np.maximum(i - k, 0.0)) for k in range(n)]
    rising = [np.sqrt(np.maximum(i - n + k, 0.0)) for k in range(1, m + 1)]
    out = i - n + m
    factor = np.prod([np.ones(cutoff), *falling, *rising], axis=0)
    inside = (i >= n) & (out < cutoff)
    return np.where(inside, out, 0), np.where(inside, factor, 0.0)


@attrs.frozen
class Ensemble:
    """Identical emitters: normalised states of `number` bosons in the elements |p><q|."""

    levels: tuple[str, ...]
    number: int

    @cached_property
    def elements(self) -> list[Transition]:
        """The elements of one emitter's density matrix."""
        return [(p, q) for p in self.levels for q in self.levels]

    @cached_property
    def occupations(self) -> NDArray[np.int64]:
        """Bosons in every element, shape (size, L²), in the order of their codes."""
        kinds = range(len(self.elements))
        found = [[c.count(k) for k in kinds] for c in combinations_with_replacement(kinds, self.number)]
        occupied = np.array(found, dtype=np.int64)
        return occupied[np.argsort(occupied @ self._digits)]

    @cached_property
    def _digits(self) -> NDArray[np.int64]:
        return np.array([(self.number + 1) ** k for k in range(len(self.elements))], dtype=np.int64)

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        return self.occupations @ self._digits

    @property
    def size(self) -> int:
        """Number of basis states."""
        return len(self.occupations)

    @cached_property
    def _multiplicity(self) -> NDArray[np.float64]:
        """√(N!/Π n!), the component of a product state."""
        counts = [factorial(self.number) // prod(map(factorial, n)) for n in self.occupations.tolist()]
        return np.sqrt(np.array(counts, dtype=float))

    def maps(self, left: Cloud, right: Cloud) -> list[Map]:
        """Return ρ -> XρY for X and Y each a sum over different emitters, marked ones being the same one."""
        return [self._moved(moves) for sites in _sites(left, right, self.levels) for moves in choices(*sites)]

    def _moved(self, moves: Sequence[Move]) -> Map:
        occupied = self.occupations.copy()
        factor = np.ones(self.size)
        for out, _ in moves:
            k = self.elements.index(out)
            factor *= np.sqrt(np.maximum(occupied[:, k], 0))
            occupied[:, k] -= 1
        for _, into in moves:
            k = self.elements.index(into)
            occupied[:, k] += 1
            factor *= np.sqrt(np.maximum(occupied[:, k], 0))
        at = np.searchsorted(self._codes, np.where(factor > 0, occupied @ self._digits, self._codes))
        return at, factor

    def state(self, rho: NDArray[np.complex128]) -> Sparse:
        """Return the product state of emitters that have the density matrix ρ each."""
        return _sparse(self._multiplicity * np.prod(rho.ravel() ** self.occupations, axis=1))

    @cached_property
    def trace(self) -> Sparse:
        """The functional Tr."""
        return self.state(np.eye(len(self.levels), dtype=complex))


def _sites(left: Cloud, right: Cloud, levels: tuple[str, ...]) -> Iterator[list[list[Move]]]:
    """Give, for all ways in which emitters of X and Y can be the same ones, the maps on different emitters."""
    head = [_map(left.each, right.each, levels)] if left.each or right.each else []
    x, y = left.others, right.others
    for met in range(min(len(x), len(y)) + 1):
        for rows in combinations(range(len(x)), met):
            for columns in permutations(range(len(y)), met):
                both = [_map(x[i], y[j], levels) for i, j in zip(rows, columns, strict=True)]
                alone = [_map(x[i], None, levels) for i in range(len(x)) if i not in rows]
                alone += [_map(None, y[j], levels) for j in range(len(y)) if j not in columns]
                yield head + both + alone


def _map(left: Transition | None, right: Transition | None, levels: tuple[str, ...]) -> list[Move]:
    """Return the moves of R -> σ_ij R σ_kl: |j><k| becomes |i><l|."""
    rows = [left[::-1]] if left else [(p, p) for p in levels]
    columns = [right] if right else [(q, q) for q in levels]
    return [((j, k), (i, m)) for j, i in rows for k, m in columns]


def _sparse(vector: NDArray[Any]) -> Sparse:
    at = np.flatnonzero(vector)
    return at, vector[at].astype(complex)


def joint_state(rho: NDArray[np.complex128], cutoffs: Sequence[int]) -> Sparse:
    """Return a density matrix on the number states of several modes, the last one running fastest, as a vector."""
    M = len(cutoffs)
    pairs = [axis for k in range(M) for axis in (k, M + k)]
    return _sparse(rho.reshape(*cutoffs, *cutoffs).transpose(pairs).ravel())


@attrs.frozen
class Basis:
    """The product basis of several parts; a basis element is one whole number."""

    parts: tuple[Levels | Ensemble, ...]

    @cached_property
    def strides(self) -> list[int]:
        """What one more of each part adds to the number of an element."""
        sizes = [part.size for part in self.parts]
        return [prod(sizes[k + 1 :]) for k in range(len(sizes))]

    def product(self, vectors: Sequence[Vector]) -> NDArray[np.int64]:
        """Return the elements in a product of vectors of parts, or of several parts together, each part in one."""
        at = np.zeros(1, dtype=np.int64)
        for ks, (indices, _) in vectors:
            own = np.unravel_index(indices, [self.parts[k].size for k in ks])
            at = np.add.outer(at, sum(self.strides[k] * i for k, i in zip(ks, own, strict=True))).ravel()
        return at

    def values(self, vectors: Sequence[Vector], at: NDArray[np.int64]) -> NDArray[np.complex128]:
        """Return the coefficients of some elements in such a product."""
        found = np.ones(len(at), dtype=complex)
        for ks, (indices, values) in vectors:
            sizes = [self.parts[k].size for k in ks]
            whole = np.zeros(prod(sizes), dtype=complex)
            whole[indices] = values
            own = [at // self.strides[k] % size for k, size in zip(ks, sizes, strict=True)]
            found *= whole[np.ravel_multi_index(own, sizes)]
        return found

    def apply(self, maps: Sequence[tuple[int, Map]], at: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return what elements become by maps of single parts, (part, map), and the factors."""
        out, factor = at.copy(), np.ones(len(at))
        for k, (into, weight) in maps:
            here = (at // self.strides[k]) % self.parts[k].size
            out += (into[here] - here) * self.strides[k]
            factor *= weight[here]
        return out, factor
