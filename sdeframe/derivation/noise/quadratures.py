"""Noise of modes with a D of numbers that keeps α† = α*, quadrature by quadrature."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.derivation.noise.source import Source
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly
from sdeframe.symbolic.algebra import equal

__all__ = ["quadrature_noise"]


def quadrature_noise(g: Generator) -> list[Source]:
    """Return one real noise for each of x and y of α = x + iy: the columns of a Cholesky decomposition of D.

    There are none if D holds symbols, or is negative in some direction.
    """
    if not all(set(d) == {()} and not d[()].free_symbols for d in g.diffusion.values()):
        return []
    left, sources = _covariance(g), []
    for k in range(left.rows):
        pivot, column = left[k, k], left.col(k)
        if pivot.is_positive and not equal(pivot, sp.S.Zero):
            v = (column / sp.sqrt(pivot)).applyfunc(sp.radsimp)
            sources.append(_source(g, k // 2, v))
            left = (left - column * column.T / pivot).applyfunc(lambda c: sp.expand(sp.radsimp(c)))
        elif not all(equal(c, sp.S.Zero) for c in column):
            return []
    return sources


def _covariance(g: Generator) -> Any:
    """Return <dx_i dx_j>/dt, of x and y of every mode."""
    C = sp.zeros(2 * len(g.modes))
    for k, (alpha, _) in enumerate(g.modes):
        for m, (other, conjugate) in enumerate(g.modes):
            same, cross = (sp.expand(g.D(alpha, x).get((), 0), complex=True) for x in (other, conjugate))
            C[2 * k, 2 * m], C[2 * k + 1, 2 * m + 1] = sp.re(cross + same) / 2, sp.re(cross - same) / 2
            C[2 * k, 2 * m + 1], C[2 * k + 1, 2 * m] = sp.im(same - cross) / 2, sp.im(same + cross) / 2
    return C


def _source(g: Generator, k: int, v: Any) -> Source:
    """Return v dW, for the components of v in x and y."""
    rows: dict[int, Poly] = {}
    for m, (alpha, beta) in enumerate(g.modes):
        x, y = v[2 * m], v[2 * m + 1]
        rows |= {a: {(): c} for a, c in ((alpha, x + sp.I * y), (beta, x - sp.I * y)) if c != 0}
    return Source(f"W_{g.variables[g.modes[k][0]]}", rows)
