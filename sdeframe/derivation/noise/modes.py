"""Noise of modes among each other: real groups, constant Hermitian parts, products, what is left on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from sdeframe.derivation.noise.source import ONE, Rest, Source
from sdeframe.derivation.operators.coefficients import split_phase
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, divided, square_root
from sdeframe.derivation.phase_space.reductions import emitter_of

__all__ = ["conjugate", "conjugate_noise", "doubled_noise", "leading", "mode_pairs", "non_negative"]


def mode_pairs(g: Generator) -> list[tuple[int, int]]:
    """Return the numbers of (α, α†) of every mode."""
    return [(k, g.number[key[0], 1]) for k, key in enumerate(g.keys) if emitter_of(key) is None and key[1] == 0]


def doubled_noise(rest: Rest) -> None:
    """Find the noise of modes whose α and α† are independent variables."""
    fields = [k for pair in mode_pairs(rest.g) for k in pair]
    _real_groups(rest, fields)
    _hermitian(rest, mode_pairs(rest.g))
    _products(rest, fields)
    for i in fields:
        if rest(i, i):
            _diagonal(rest, i)


def _name(rest: Rest, kind: str, i: int) -> str:
    return f"{kind}_{rest.g.variables[i]}"


def _real_groups(rest: Rest, fields: Sequence[int]) -> None:
    """Find v with v_i v_j in D, for D_ii of one term: (iα, −iα†)√κ dW keeps α† = α*."""
    roots = {i: v for i in fields if rest(i, i) and (v := square_root(rest(i, i))) is not None}
    while roots:
        i = next(iter(roots))
        group = {i: roots.pop(i)}
        for j in list(roots):
            for sign in (sp.S.One, -sp.S.One):
                v = {k: sign * c for k, c in roots[j].items()}
                if all(_holds(rest(i, j), u, v) for i, u in group.items()):
                    group[j] = v
                    del roots[j]
                    break
        rest.take(Source(_name(rest, "W", i), group))


def _holds(d: Poly, u: Poly, v: Poly) -> bool:
    """Tell whether D_ij has the term u v."""
    ((j, a),), ((k, b),) = u.items(), v.items()
    return bool(sp.expand(d.get(tuple(sorted((*j, *k))), sp.S.Zero) - a * b) == 0)


def _hermitian(rest: Rest, pairs: Sequence[tuple[int, int]]) -> None:
    """Find complex noises for constant D between α and α†: both get the same root, so α† = α* may stay."""
    for alpha, beta in pairs:
        h = rest(alpha, beta)
        if set(h) == {()} and h[()].is_positive:
            root = sp.sqrt(h[()])
            first = {a: _over(rest(a, beta), root) for a, _ in pairs if set(rest(a, beta)) == {()}}
            second = {b: _over(rest(alpha, b), root) for _, b in pairs if set(rest(alpha, b)) == {()}}
            rest.take(Source(_name(rest, "F", alpha), first, second))


def _over(p: Poly, c: Any) -> Poly:
    return {k: sp.expand(b / c) for k, b in p.items()}


def _products(rest: Rest, fields: Sequence[int]) -> None:
    """Find one complex noise for each term of D_ij: each variable gets the factors of its own mode."""
    for i in fields:
        for j in fields:
            if i < j:
                for powers, c in dict(rest(i, j)).items():
                    phase, size = split_phase(c)
                    of_j = tuple(v for v in powers if v == j or _mode(rest, i) != _mode(rest, j) == _mode(rest, v))
                    of_i = tuple(v for v in powers if v not in of_j)
                    root = sp.sqrt(size)
                    rest.take(Source(_name(rest, "F", i), {i: {of_i: phase * root}}, {j: {of_j: root}}))


def _mode(rest: Rest, k: int) -> str:
    return str(rest.g.keys[k][0])


def _diagonal(rest: Rest, i: int) -> None:
    """Take √D_ii with its even powers pulled out, so that two stages of a scheme take the same root."""
    d = rest(i, i)
    common = set.intersection(*({*powers} for powers in d))
    content = tuple(sorted(v for v in common for _ in range(min(k.count(v) for k in d) // 2)))
    inside = divided(d, {tuple(sorted(content * 2)): sp.S.One})
    assert inside is not None
    rest.take(Source(_name(rest, "W", i), {i: {content: sp.S.One}}, root=inside))


def conjugate(g: Generator, p: Poly) -> Poly:
    """Return p* where α† = α*."""
    swap = {a: b for pair in mode_pairs(g) for a, b in (pair, pair[::-1])}
    return add_up(*({tuple(sorted(swap[v] for v in k)): sp.expand(sp.conjugate(c))} for k, c in p.items()))


def non_negative(g: Generator, p: Poly) -> bool:
    """Tell whether p, where α† = α*, is a sum of products of |α|² with coefficients that are not negative."""
    pairs = mode_pairs(g)
    return all(c.is_nonnegative and all(k.count(a) == k.count(b) for a, b in pairs) for k, c in p.items())


def leading(g: Generator) -> Generator:
    """Return the generator with the terms of highest degree only, in every <dα dα*> that can be negative."""
    diffusion = dict(g.diffusion)
    for pair in mode_pairs(g):
        if not non_negative(g, g.D(*pair)):
            d = g.D(*pair)
            degree = max(map(len, d))
            diffusion[pair] = {k: c for k, c in d.items() if len(k) == degree}
    return g.evolve(diffusion=diffusion)


def conjugate_noise(rest: Rest) -> None:
    """Find noise that keeps α† = α*.

    Raises
    ------
    ValueError
        If <dα dα*> is negative or is not known not to be.
    """
    g, pairs = rest.g, mode_pairs(rest.g)
    for alpha, _ in pairs:
        if rest(alpha, alpha):
            v = square_root(rest(alpha, alpha))
            row = {a: v and divided(rest(alpha, a), v) for a, _ in pairs if rest(alpha, a)}
            if any(u is None for u in row.values()):
                raise ValueError(
                    f"no conjugate noise is known for <d{g.variables[alpha]}²> = {g.expression(rest(alpha, alpha))} dt"
                )
            both = {a: u for a, u in row.items() if u} | {b: conjugate(g, row[a] or {}) for a, b in pairs if a in row}
            rest.take(Source(_name(rest, "W", alpha), both))
    for alpha, beta in pairs:
        h = rest(alpha, beta)
        if h:
            _check_sign(g, alpha, h)
            rest.take(_conjugate_source(rest, alpha, beta, h))


def _conjugate_source(rest: Rest, alpha: int, beta: int, h: Poly) -> Source:
    """Return the noise for <dα dα*> = h dt: c αᵏ dF for h = c² |α|²ᵏ, together with what is correlated, or √h dF."""
    pairs, root = mode_pairs(rest.g), ONE
    if set(h) == {()}:
        first = {a: _over(rest(a, beta), sp.sqrt(h[()])) for a, _ in pairs if rest(a, beta)}
    elif len(h) == 1:
        ((powers, c),) = h.items()
        first = {alpha: {tuple(v for v in powers if v == alpha): sp.sqrt(c)}} if {*powers} == {alpha, beta} else {}
    else:
        first = {}
    if not first:
        first, root = {alpha: ONE}, h
    return Source(
        _name(rest, "F", alpha), first, {b: conjugate(rest.g, first[a]) for a, b in pairs if a in first}, root
    )


def _check_sign(g: Generator, alpha: int, h: Poly) -> None:
    if not non_negative(g, h):
        x = g.variables[alpha]
        raise ValueError(
            f"<d{x} d{x}*> = ({g.expression(h)}) dt is negative somewhere, or not known not to be: no noise has that; "
            f'take PositiveP, or Wigner(negative="leading"), which keeps the terms of the highest degree'
        )
