"""Noise of modes that keeps α† = α*."""

from __future__ import annotations

import sympy as sp

from sdeframe.derivation.noise.source import ONE, Source, Unmatched
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, divided, over, square_root

__all__ = ["conjugate_noise", "leading"]


def conjugate_noise(D: Unmatched) -> None:
    """Find noise that keeps α† = α*.

    Raises
    ------
    ValueError
        If <dα dα*> is negative or is not known not to be.
    """
    g, pairs = D.g, D.g.modes
    for alpha, _ in pairs:
        if D.left(alpha, alpha):
            own = D.left(alpha, alpha)
            v = square_root(own)
            row = {a: v and divided(D.left(alpha, a), v) for a, _ in pairs if D.left(alpha, a)}
            if any(u is None for u in row.values()):
                raise ValueError(f"no conjugate noise is known for <d{g.variables[alpha]}²> = {g.expression(own)} dt")
            both = {a: u for a, u in row.items() if u} | {b: _conjugate(g, row[a] or {}) for a, b in pairs if a in row}
            D.take(Source(f"W_{g.variables[alpha]}", both))
    for alpha, beta in pairs:
        h = D.left(alpha, beta)
        if h:
            _check_sign(g, alpha, h)
            D.take(_conjugate_source(D, alpha, beta, h))


def _conjugate_source(D: Unmatched, alpha: int, beta: int, h: Poly) -> Source:
    """Return the noise for <dα dα*> = h dt: c αᵏ dF for h = c² |α|²ᵏ, together with what is correlated, or √h dF."""
    pairs, root = D.g.modes, ONE
    first: dict[int, Poly] = {}
    if set(h) == {()}:
        first = {a: over(D.left(a, beta), sp.sqrt(h[()])) for a, _ in pairs if D.left(a, beta)}
    elif len(h) == 1:
        ((powers, c),) = h.items()
        first = {alpha: {tuple(v for v in powers if v == alpha): sp.sqrt(c)}} if {*powers} == {alpha, beta} else {}
    if not first:
        first, root = {alpha: ONE}, h
    return Source(
        f"F_{D.g.variables[alpha]}", first, {b: _conjugate(D.g, first[a]) for a, b in pairs if a in first}, root
    )


def _check_sign(g: Generator, alpha: int, h: Poly) -> None:
    if not _non_negative(g, h):
        x = g.variables[alpha]
        raise ValueError(
            f"<d{x} d{x}*> = ({g.expression(h)}) dt is negative somewhere, or not known not to be: no noise has that; "
            f'take PositiveP, or Wigner(negative="leading"), which keeps the terms of the highest degree'
        )


def _conjugate(g: Generator, p: Poly) -> Poly:
    """Return p* where α† = α*."""
    swap = {a: b for pair in g.modes for a, b in (pair, pair[::-1])}
    return add_up(*({tuple(sorted(swap[v] for v in k)): sp.expand(sp.conjugate(c))} for k, c in p.items()))


def _non_negative(g: Generator, p: Poly) -> bool:
    """Tell whether p, where α† = α*, is a sum of products of |α|² with coefficients that are not negative."""
    return all(c.is_nonnegative and all(k.count(a) == k.count(b) for a, b in g.modes) for k, c in p.items())


def leading(g: Generator) -> Generator:
    """Return the generator with the terms of highest degree only, in every <dα dα*> that can be negative."""
    diffusion = dict(g.diffusion)
    for pair in g.modes:
        if not _non_negative(g, g.D(*pair)):
            d = g.D(*pair)
            degree = max(map(len, d))
            diffusion[pair] = {k: c for k, c in d.items() if len(k) == degree}
    return g.evolve(diffusion=diffusion)
