"""Noise with the correlators D of a generator, and the certificate that it has them.

D = B B̃ᵀ + B̃ Bᵀ for complex noises B dF + B̃ dF*, D = V Vᵀ for real ones. Every noise here is √root times polynomials, so
that the certificate, <noise_i noise_j> − D_ij = 0 entry by entry, is a matter of adding up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, factored, multiply, scaled
from sdeframe.derivation.phase_space.reductions import within_one
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import Noise, complex_noises, real_noises

__all__ = ["ONE", "Rest", "Source", "certificate", "noise_rows"]

ONE: Poly = {(): sp.S.One}


@attrs.frozen(eq=False)
class Source:
    """One noise: √root (first dF + second dF*), or √root first dW if it is real.

    Parameters
    ----------
    name
        What its name begins with.
    first, second
        Coefficients of dF and dF* by number of the variable; no second ones in a real noise.
    root
        The polynomial under the root.
    """

    name: str
    first: Mapping[int, Poly]
    second: Mapping[int, Poly] | None = None
    root: Poly = attrs.field(factory=lambda: ONE)

    def correlators(self) -> dict[tuple[int, int], Poly]:
        """Return <noise_i noise_j>/dt for i <= j."""
        pairs = [(i, j, p, q) for i, p in self.first.items() for j, q in (self.second or self.first).items()]
        found: dict[tuple[int, int], list[Poly]] = {}
        for i, j, p, q in pairs:
            if self.second is None and i > j:
                continue
            twice = sp.Integer(1 if self.second is None or i != j else 2)
            d = multiply(multiply(p, q), self.root)
            found.setdefault((min(i, j), max(i, j)), []).append(scaled(d, twice))
        return {ij: add_up(*ds) for ij, ds in found.items()}


class Rest:
    """What of D is still without noise, and the noises so far."""

    def __init__(self, g: Generator) -> None:
        self.g = g
        self.D: dict[tuple[int, int], Poly] = dict(g.diffusion)
        self.sources: list[Source] = []

    def __call__(self, i: int, j: int) -> Poly:
        """Return what is left of D_ij."""
        return self.D.get((min(i, j), max(i, j)), {})

    def take(self, source: Source) -> None:
        """Take the correlators of a noise out of D."""
        self.sources.append(source)
        for ij, d in source.correlators().items():
            left = add_up(self.D.get(ij, {}), scaled(d, -sp.S.One))
            self.D.pop(ij, None)
            if left:
                self.D[ij] = left


def certificate(g: Generator, sources: list[Source]) -> dict[tuple[Any, Any], Any]:
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
        if error and not within_one(g, i, j):
            wrong[g.variables[i], g.variables[j]] = g.expression(error)
    return wrong


def noise_rows(g: Generator, sources: list[Source], taken: set[str]) -> dict[Any, Any]:
    """Return the noise of every variable as an expression, with noise symbols whose names are not taken."""
    rows: dict[int, list[tuple[Any, Any, int]]] = {k: [] for k in range(len(g.keys))}
    symbols = _symbols(sources, taken)
    for source, symbol in zip(sources, symbols, strict=True):
        root = sp.sqrt(g.expression(source.root))
        for unit, coefficients in ((symbol, source.first), (sp.conjugate(symbol), source.second or {})):
            for k, p in coefficients.items():
                c, x = g.expression(p).as_independent(*g.variables, as_Add=False)
                rows[k].append((c, x * root * unit, 0))
    return {g.variables[k]: factored(terms) for k, terms in rows.items()}


def _symbols(sources: list[Source], taken: set[str]) -> list[Noise]:
    """Return a noise symbol for each, numbered where several have one name."""
    names = [source.name for source in sources]
    found: list[Noise] = []
    for k, source in enumerate(sources):
        several = names.count(source.name) > 1 or source.name in taken
        name = f"{source.name}_{names[: k + 1].count(source.name)}" if several else source.name
        while name in taken:
            name += "_"
        taken = taken | {name}
        found.append(real_noises(name) if source.second is None else complex_noises(name))
    return found
