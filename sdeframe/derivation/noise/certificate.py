"""The certificate of a noise: <noise_i noise_j> − D_ij = 0, entry by entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from sdeframe.derivation.noise.source import Source
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, scaled
from sdeframe.symbolic.algebra import equal

__all__ = ["certificate"]


def certificate(g: Generator, sources: Sequence[Source]) -> dict[tuple[Any, Any], Any]:
    """Return the entries of <noise_i noise_j> − D_ij that are not zero: none, if the noise is right.

    Pairs within one emitter with variables of its own are free, since averages are linear in each emitter.
    """
    terms: dict[tuple[int, int], list[Poly]] = {ij: [scaled(d, -sp.S.One)] for ij, d in g.diffusion.items()}
    for source in sources:
        for ij, d in source.correlators().items():
            terms.setdefault(ij, []).append(d)
    wrong = {}
    for (i, j), ds in terms.items():
        error = {k: c for k, c in add_up(*ds).items() if not equal(c, sp.S.Zero)}
        if error and not g.within_one(i, j):
            wrong[g.variables[i], g.variables[j]] = g.expression(error)
    return wrong
