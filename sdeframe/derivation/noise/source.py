"""Noises, taken one by one out of the correlators D of a generator.

D = B B̃ᵀ + B̃ Bᵀ for complex noises B dF + B̃ dF*, D = V Vᵀ for real ones. Every noise here is √root times polynomials, so
that what it leaves of D is a matter of adding up.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import sympy as sp

from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, multiply, scaled

__all__ = ["ONE", "Source", "Unmatched"]

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


class Unmatched:
    """What of D is still without noise, beside the noises so far."""

    def __init__(self, g: Generator) -> None:
        self.g = g
        self.sources: list[Source] = []
        self._left: dict[tuple[int, int], Poly] = dict(g.diffusion)

    def left(self, i: int, j: int) -> Poly:
        """Return what is left of D_ij."""
        return self._left.get((min(i, j), max(i, j)), {})

    @property
    def everything_left(self) -> Mapping[tuple[int, int], Poly]:
        """What is left of D, zeros left out."""
        return dict(self._left)

    def take(self, source: Source) -> None:
        """Take the correlators of a noise out of D."""
        self.sources.append(source)
        for ij, d in source.correlators().items():
            left = add_up(self._left.get(ij, {}), scaled(d, -sp.S.One))
            self._left.pop(ij, None)
            if left:
                self._left[ij] = left
