"""dρ/dt as matrices on the elements that are kept, integrated in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.derivation.exact.elements import Basis
from sdeframe.derivation.exact.superoperators import Term
from sdeframe.symbolic.symbols import time

__all__ = ["advancing", "matrices"]

RTOL, ATOL = 1e-10, 1e-12
"""Of the time integration; checked against exponentials of matrices."""


def matrices(basis: Basis, terms: Sequence[Term], kept: NDArray[np.int64]) -> list[tuple[Any, Any]]:
    """Return the matrices of dρ/dt with the functions of time before them, 1 for the constant one."""
    from scipy import sparse

    n = len(kept)
    groups: dict[Any, list[Term]] = {1: []}
    for c, placed in terms:
        varies = isinstance(c, sp.Expr)
        groups.setdefault(c if varies else 1, []).append((1.0 if varies else c, placed))
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


def advancing(parts: list[tuple[Any, Any]]) -> Any:
    """Return the function of (state, from, to) that integrates dρ/dt."""
    from scipy.integrate import solve_ivp
    from scipy.sparse.linalg import expm_multiply

    if [function for function, _ in parts] == [1]:
        ((_, matrix),) = parts
        return lambda state, start, end: expm_multiply(matrix * (end - start), state)

    def slope(t: float, state: NDArray[np.complex128]) -> Any:
        factors = [f if f == 1 else complex(f.subs(time, t)) for f, _ in parts]
        return sum(f * (matrix @ state) for f, (_, matrix) in zip(factors, parts, strict=True))

    def advance(state: NDArray[np.complex128], start: float, end: float) -> NDArray[np.complex128]:
        done = solve_ivp(slope, (start, end), state, method="DOP853", t_eval=[end], rtol=RTOL, atol=ATOL)
        if not done.success:
            raise ValueError(f"the time integration stopped: {done.message}")
        return np.asarray(done.y[:, 0])

    return advance
