"""Noise of modes that keeps α† = α*."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.derivation.noise.certificate import certificate
from sdeframe.derivation.noise.quadratures import quadrature_noise
from sdeframe.derivation.noise.source import ONE, Source, Unmatched
from sdeframe.derivation.phase_space.generator import Generator, Product
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, divided, multiply, over, scaled, square_root
from sdeframe.symbolic.signs import never_negative

__all__ = ["conjugate_noise"]


def conjugate_noise(g: Generator, negative: str) -> list[Source]:
    """Return noise that keeps α† = α*.

    It is sought for D as a whole, which takes the fewest noises; else for what is left of D without the losses that are
    squares, which have their noises without any sign or root to be known; else for a D of numbers by quadratures.

    Raises
    ------
    ValueError
        If <dα dα*> is negative or is not known not to be.
    """
    squares = [_of_square(g, product) for product in g.products]
    obstacle = ""
    for known in [[], squares] if squares else [[]]:
        rest = _without(g, known)
        found, obstacle = _of_whole(_leading(rest) if negative == "leading" else rest)
        if not obstacle:
            return [*known, *found]
    numbers = quadrature_noise(g)
    if not numbers or certificate(g, numbers):
        leading = ', or Wigner(negative="leading"), which keeps the terms of the highest degree'
        raise ValueError(f"{obstacle}; take PositiveP{leading if negative == 'refuse' else ''}")
    return numbers


def _without(g: Generator, known: list[Source]) -> Generator:
    """Return the generator with D less the correlators of some noises."""
    D = Unmatched(g)
    for source in known:
        D.take(source)
    return g.evolve(diffusion=D.everything_left)


def _of_square(g: Generator, product: Product) -> Source:
    """Return the noise of w P Pᵀ, or of w (P Qᵀ + Q Pᵀ)."""
    letter, first = "W" if product.Q is None else "F", min({*product.P, *(product.Q or {})})
    return Source(f"{letter}_{g.variables[first]}", product.P, product.Q, {(): product.weight})


def _of_whole(g: Generator) -> tuple[list[Source], str]:
    """Return a noise for each <dα²> and one for what is left of each <dα dα*>, and what is in the way, if anything."""
    D = Unmatched(g)
    for alpha, beta in g.modes:
        own = D.left(alpha, alpha)
        if own:
            v = square_root(own)
            row = {a: _shared(D, alpha, a, v) for a, _ in g.modes if D.left(alpha, a)} if v else {}
            if not v or None in row.values():
                return [], f"no conjugate noise is known for <d{g.variables[alpha]}²> = ({g.expression(own)}) dt"
            left = add_up(D.left(alpha, beta), scaled(multiply(v, _conjugate(g, v)), -sp.S.One))
            if not _non_negative(g, left):
                return [], _negative(g, alpha, left)
            first = {a: u for a, u in row.items() if u}
            D.take(Source(f"W_{g.variables[alpha]}", first | _twins(g, first)))
    for alpha, beta in g.modes:
        h = D.left(alpha, beta)
        if h and not _non_negative(g, h):
            return [], _negative(g, alpha, h)
        if h:
            D.take(_conjugate_source(D, alpha, beta, h))
    wrong = certificate(g, D.sources)
    missing = [f"no noise is known for <d{x} d{y}> = ({-error}) dt" for (x, y), error in wrong.items()]
    return D.sources, next(iter(missing), "")


def _negative(g: Generator, alpha: int, h: Poly) -> str:
    x = g.variables[alpha]
    return f"<d{x} d{x}*> = ({g.expression(h)}) dt is negative somewhere, or not known not to be: no noise has that"


def _shared(D: Unmatched, alpha: int, a: int, v: Poly) -> Poly | None:
    """Return what <dα da>, over the root v of <dα²>, makes of a noise, None where that may be divided by 0."""
    ((_, c),) = v.items()
    if c.is_zero is False:
        return divided(D.left(alpha, a), v)
    return v if a == alpha else None


def _conjugate_source(D: Unmatched, alpha: int, beta: int, h: Poly) -> Source:
    """Return the noise for <dα dα*> = h dt: c αᵏ dF for h = c² |α|²ᵏ, together with what is correlated, or √h dF."""
    pairs, root = D.g.modes, ONE
    first: dict[int, Poly] = {}
    if set(h) == {()} and h[()].is_positive:
        first = {a: over(D.left(a, beta), sp.sqrt(h[()])) for a, _ in pairs if D.left(a, beta)}
    elif len(h) == 1:
        ((powers, c),) = h.items()
        first = {alpha: {tuple(v for v in powers if v == alpha): sp.sqrt(c)}} if {*powers} <= {alpha, beta} else {}
    if not first:
        first, root = {alpha: ONE}, h
    return Source(f"F_{D.g.variables[alpha]}", first, _twins(D.g, first), root)


def _twins(g: Generator, first: dict[int, Poly]) -> dict[int, Poly]:
    """Return for every α† the conjugate of what α has."""
    return {b: _conjugate(g, first[a]) for a, b in g.modes if a in first}


def _conjugate(g: Generator, p: Poly) -> Poly:
    """Return p* where α† = α*."""
    swap = {a: b for pair in g.modes for a, b in (pair, pair[::-1])}
    return add_up(*({tuple(sorted(swap[v] for v in k)): sp.expand(_conjugated(c))} for k, c in p.items()))


def _conjugated(c: Any) -> Any:
    """Return c*, where a root of a complex number stays one: expanded, its conjugate holds atan."""
    whole = sp.conjugate(c)
    roots = {r: sp.sqrt(sp.conjugate(r.args[0].base)) for r in whole.atoms(sp.conjugate) if _is_root(r.args[0])}
    return whole.xreplace(roots)


def _is_root(x: Any) -> bool:
    return bool(x.is_Pow and x.exp == sp.S.Half and x.base.is_number and x.base.is_real is False)


def _non_negative(g: Generator, p: Poly) -> bool:
    """Tell whether p, where α† = α*, is a sum of products of |α|² with coefficients that are not negative."""
    return all(never_negative(c) and all(k.count(a) == k.count(b) for a, b in g.modes) for k, c in p.items())


def _leading(g: Generator) -> Generator:
    """Return the generator with the terms of highest degree only, in every <dα dα*> that can be negative."""
    diffusion = dict(g.diffusion)
    for pair in g.modes:
        if not _non_negative(g, g.D(*pair)):
            d = g.D(*pair)
            degree = max(map(len, d))
            diffusion[pair] = {k: c for k, c in d.items() if len(k) == degree}
    return g.evolve(diffusion=diffusion)
