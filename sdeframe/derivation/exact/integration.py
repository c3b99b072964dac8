"""dρ/dt as matrices on the elements that are kept, integrated in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.derivation.exact.elements import Basis
from sdeframe.derivation.exact.exponential import Exponential
from sdeframe.derivation.exact.functionals import Term
from sdeframe.derivation.exact.functions_of_time import FunctionsOfTime
from sdeframe.derivation.exact.runge_kutta import RungeKutta
from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence.normal_form import centred

__all__ = ["Evolution", "matrices"]


def matrices(basis: Basis, terms: Sequence[Term], kept: NDArray[np.int64]) -> list[tuple[Any, Any]]:
    """Return the matrices of dρ/dt with the functions of time before them, 1 for the constant one."""
    from scipy import sparse

    n = len(kept)
    groups: dict[Any, list[Term]] = {sp.S.One: []}
    for c, placed in terms:
        for number, function in _split(c):
            groups.setdefault(function, []).append((number, placed))
    found = []
    for function, group in groups.items():
        entries: list[list[Any]] = [[np.zeros(0, dtype=kind)] for kind in (complex, int, int)]
        diagonal = np.zeros(n, dtype=complex)
        for c, placed in group:
            out, factor = basis.apply(placed, kept)
            place = np.minimum(np.searchsorted(kept, out), n - 1)
            there = np.flatnonzero((factor != 0) & (kept[place] == out))
            stays = there[place[there] == there]
            diagonal[stays] += c * factor[stays]
            moves = there[place[there] != there]
            for row, new in zip(entries, (c * factor[moves], place[moves], moves), strict=True):
                row.append(new)
        value, at, of = map(np.concatenate, entries)
        matrix = sparse.csr_array((value, (at, of)), shape=(n, n)) + sparse.diags_array(diagonal)
        found.append((function, matrix.tocsr()))
    return found


def _split(c: Any) -> list[tuple[complex, Any]]:
    """Return a coefficient as a sum of numbers times functions of time."""
    if not isinstance(c, sp.Expr):
        return [(c, sp.S.One)]
    products = [term.as_independent(time, as_Add=False) for term in sp.Add.make_args(centred(c))]
    return [(complex(number), function) for number, function in products]


class Evolution:
    """dρ/dt from time 0 on: exponentials where coefficients are constant, a Runge-Kutta scheme where they vary.

    Parameters
    ----------
    functions, matrices
        The functions of time, and the matrix behind each.
    rtol
        The error of a Runge-Kutta step, relative to the norm of the state.
    """

    def __init__(self, functions: FunctionsOfTime, matrices: Sequence[Any], rtol: float) -> None:
        self._functions, self._matrices = functions, matrices
        self._scheme = RungeKutta(functions, matrices, rtol)
        self._exponentials: dict[int, Exponential] = {}

    def advance(self, state: NDArray[np.complex128], start: float, end: float) -> NDArray[np.complex128]:
        """Return the state at the end from that at the start."""
        while start < end:
            stretch = self._functions.stretch(start)
            until = min(end, self._functions.stretches[stretch + 1])
            if self._functions.constant(stretch):
                if stretch not in self._exponentials:
                    (factors,) = self._functions.values(np.array([start]), stretch)
                    generator = sum(f * matrix for f, matrix in zip(factors, self._matrices, strict=True))
                    self._exponentials[stretch] = Exponential(generator)
                state = self._exponentials[stretch](until - start, state)
            else:
                state = self._scheme.advance(state, start, until, stretch)
            start = until
        return state
