"""Vectors and functionals on the elements of the density matrix, known element by element."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.exact.elements import Basis, Map, Vector

__all__ = ["Functional", "Known", "Listed", "Placed", "Term", "inverse"]

Placed = tuple[tuple[int, Map], ...]
"""Maps of some parts, by number of the part."""
Term = tuple[Any, Placed]
"""A coefficient, a complex number or an expression in the time, and what it stands before."""


class Known(Protocol):
    """A vector, or a functional, that is known element by element."""

    @property
    def size(self) -> int:
        """Number of elements that `elements` looks at."""

    def elements(self) -> NDArray[np.int64]:
        """Return the elements that can have a value."""

    def at(self, elements: NDArray[np.int64]) -> NDArray[np.complex128]:
        """Return the values on some elements, shape (elements,)."""


@attrs.frozen(eq=False)
class Functional:
    """A product of vectors of parts, behind a sum of maps with numbers before them.

    Parameters
    ----------
    basis
        The elements.
    vectors
        Of single parts or of several together, each part in one.
    maps
        What is done to the density matrix first; nothing if not given.
    """

    basis: Basis
    vectors: tuple[Vector, ...]
    maps: tuple[Term, ...] = ((1.0, ()),)

    @property
    def size(self) -> int:
        """Number of elements that `elements` looks at."""
        return prod(len(indices) for _, (indices, _) in self.vectors)

    def elements(self) -> NDArray[np.int64]:
        """Return the elements that can have a value."""
        at = self.basis.product(self.vectors)
        led = [self.basis.apply(inverse(placed), at) for _, placed in self.maps]
        return np.concatenate([at[:0], *(out[factor != 0] for out, factor in led)])

    def at(self, elements: NDArray[np.int64]) -> NDArray[np.complex128]:
        """Return the values on some elements, shape (elements,)."""
        found = np.zeros(len(elements), dtype=complex)
        for c, placed in self.maps:
            out, factor = self.basis.apply(placed, elements)
            found += c * factor * self.basis.values(self.vectors, out)
        return found


@attrs.frozen(eq=False)
class Listed:
    """A vector whose elements are given one by one.

    Parameters
    ----------
    basis
        The elements.
    numbers
        Those that can have a value, sorted, shape (elements,).
    values
        Their values.
    """

    basis: Basis
    numbers: NDArray[np.int64]
    values: NDArray[np.complex128]

    @property
    def size(self) -> int:
        """Number of elements."""
        return len(self.numbers)

    def elements(self) -> NDArray[np.int64]:
        """Return the elements that can have a value."""
        return self.numbers

    def at(self, elements: NDArray[np.int64]) -> NDArray[np.complex128]:
        """Return the values on some elements, shape (elements,)."""
        found = np.zeros(len(elements), dtype=complex)
        if self.size:
            place = np.minimum(np.searchsorted(self.numbers, elements), self.size - 1)
            there = self.numbers[place] == elements
            found[there] = self.values[place[there]]
        return found

    def mapped(self, maps: Iterable[Term]) -> Listed:
        """Return what a sum of maps with numbers before them makes of the vector."""
        numbers, values = [self.numbers[:0]], [self.values[:0]]
        for c, placed in maps:
            out, factor = self.basis.apply(placed, self.numbers)
            kept = factor != 0
            numbers.append(out[kept])
            values.append(c * factor[kept] * self.values[kept])
        distinct, place = np.unique(np.concatenate(numbers), return_inverse=True)
        total = np.zeros(len(distinct), dtype=complex)
        np.add.at(total, place, np.concatenate(values))
        return Listed(self.basis, distinct, total)


def inverse(placed: Placed) -> Placed:
    """Return the transposed maps: each is one to one where its factor is not 0."""
    turned = []
    for k, (into, weight) in placed:
        back, factor = np.zeros_like(into), np.zeros_like(weight)
        kept = np.flatnonzero(weight)
        back[into[kept]], factor[into[kept]] = kept, weight[kept]
        turned.append((k, (back, factor)))
    return tuple(turned)
