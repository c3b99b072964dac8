"""Operators between kets, as plain data: what an observer of pairs must know of a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached

__all__ = ["Field", "KetOperator", "NumberBasis", "Spinor", "occupations"]


@attrs.frozen
class Field:
    """Number states 0, 1, ... of a mode in the ket exp(αa†)|0>."""

    variable: sp.Symbol
    """α."""
    cutoff: int
    """How many there are."""
    closed: bool
    """Whether a conserved number says that there is nothing beyond."""

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The one variable."""
        return (self.variable,)

    @property
    def length(self) -> int:
        """How many states there are."""
        return self.cutoff

    def powers(self) -> NDArray[np.int64]:
        """Return the power of the variable in every state, shape (states, 1)."""
        return np.arange(self.cutoff)[:, np.newaxis]


@attrs.frozen
class Spinor:
    """Occupations of the levels of emitters that share one spinor: all ways to share `size` of them."""

    variables: tuple[sp.Symbol, ...]
    """ψ_p of every level."""
    size: int
    """How many emitters there are."""

    @property
    def length(self) -> int:
        """How many states there are."""
        return comb(self.size + len(self.variables) - 1, len(self.variables) - 1)

    def powers(self) -> NDArray[np.int64]:
        """Return the power of every variable in every state, shape (states, variables)."""
        return occupations(len(self.variables), self.size)


@attrs.frozen
class NumberBasis:
    """Number states of modes times occupations of emitters, the last factor running fastest, or some of them."""

    factors: tuple[Field | Spinor, ...]
    weights: tuple[tuple[int, ...], ...] = ()
    """Of every variable of a factor how many quanta it counts."""
    totals: tuple[int, int] | None = None
    """The smallest and the largest number of quanta, where those with others are left out."""

    @property
    def length(self) -> int:
        """How many states there are."""
        return len(self.kept())

    @property
    def sector(self) -> int | None:
        """The number of quanta, where all states have the same."""
        return None if self.totals is None or self.totals[0] != self.totals[1] else self.totals[0]

    def kept(self) -> NDArray[np.int64]:
        """Return the places of the states among all products."""
        return _kept(self)

    def quanta(self) -> NDArray[np.int64]:
        """Return the number of quanta of every state."""
        return _quanta(self)[self.kept()]

    def joined(self, tables: Sequence[NDArray[np.complex128]]) -> NDArray[np.complex128]:
        """Return elements of kets, shape (kets, states), from those in every factor."""
        places = np.unravel_index(self.kept(), [factor.length for factor in self.factors])
        found: NDArray[np.complex128] = tables[0][:, places[0]]
        for table, place in zip(tables[1:], places[1:], strict=True):
            found *= table[:, place]
        return found

    def on_shell(
        self, state: Mapping[Any, NDArray[np.complex128]], log_weight: NDArray[np.complex128]
    ) -> tuple[dict[Any, NDArray[np.complex128]], NDArray[np.complex128], NDArray[np.bool_]]:
        """Return the same weighted kets at the points of their orbits with the number of quanta as its mean.

        Where all states have the same number E of quanta, kets are projected on it, and are the same, but for a factor,
        along x -> x^q z with the quanta q of every variable. On shell is the point with <n> = E, spinors normalised;
        it may be a limit, x -> 0 or ∞. Other kets are normalised in their spinors alone.

        Parameters
        ----------
        state
            The values of every variable, shape (kets,).
        log_weight
            C0, shape (kets,).

        Returns
        -------
        state, log_weight, valid
            With the same exp(C0)|z> in these number states, and which kets there are: the others, of which nothing has
            E quanta, are as they were.
        """
        from sdeframe.interfaces.on_shell import on_shell

        return on_shell(self, state, log_weight)


@cached(64)
def _kept(basis: NumberBasis) -> NDArray[np.int64]:
    if basis.totals is None:
        return np.arange(int(np.prod([factor.length for factor in basis.factors])))
    sums, (least, most) = _quanta(basis), basis.totals
    return np.flatnonzero((sums >= least) & (sums <= most))


@cached(64)
def _quanta(basis: NumberBasis) -> NDArray[np.int64]:
    """Return the number of quanta of every product."""
    sums = np.zeros(1, dtype=np.int64)
    for factor, weights in zip(basis.factors, basis.weights, strict=True):
        sums = np.add.outer(sums, factor.powers() @ np.array(weights)).ravel()
    return sums


@attrs.frozen(eq=False, repr=False)
class KetOperator:
    """An operator in a number basis, by its elements that are not zero."""

    name: str
    basis: NumberBasis
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.complex128]

    def __repr__(self) -> str:
        return f"KetOperator({self.name})"

    def __str__(self) -> str:
        return self.name

    def matrix(self) -> Any:
        """Return it as a sparse matrix."""
        from scipy.sparse import csr_array

        return csr_array((self.values, (self.rows, self.columns)), shape=(self.basis.length,) * 2)


@cached(64)
def occupations(levels: int, size: int) -> NDArray[np.int64]:
    """Return all ways to share `size` emitters among levels, shape (ways, levels), in descending order."""
    if levels == 1:
        return np.array([[size]])
    found = [
        np.column_stack([np.full(len(rest), first), rest])
        for first in range(size, -1, -1)
        for rest in [occupations(levels - 1, size - first)]
    ]
    return np.concatenate(found)
