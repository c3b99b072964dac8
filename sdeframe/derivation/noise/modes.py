"""Noise of modes among each other, where α and α† are independent variables."""

from __future__ import annotations

from itertools import combinations

import sympy as sp

from sdeframe.derivation.noise.source import Source, Unmatched
from sdeframe.derivation.operators.coefficients import split_phase
from sdeframe.derivation.phase_space.polynomials import Poly, divided, over, square_root

__all__ = ["doubled_noise"]


def doubled_noise(D: Unmatched) -> None:
    """Find the noise of modes whose α and α† are independent variables."""
    _real_groups(D)
    _hermitian(D)
    _products(D)
    for i in D.g.fields:
        if D.left(i, i):
            _diagonal(D, i)


def _real_groups(D: Unmatched) -> None:
    """Find v with v_i v_j in D, for D_ii of one term: (iα, −iα†)√κ dW keeps α† = α*."""
    roots = {i: v for i in D.g.fields if D.left(i, i) and (v := square_root(D.left(i, i))) is not None}
    while roots:
        i = next(iter(roots))
        group = {i: roots.pop(i)}
        for j in list(roots):
            for sign in (sp.S.One, -sp.S.One):
                v = {k: sign * c for k, c in roots[j].items()}
                if all(_holds(D.left(i, j), u, v) for i, u in group.items()):
                    group[j] = v
                    del roots[j]
                    break
        D.take(Source(f"W_{D.g.variables[i]}", group))


def _holds(d: Poly, u: Poly, v: Poly) -> bool:
    """Tell whether D_ij has the term u v."""
    ((j, a),), ((k, b),) = u.items(), v.items()
    return bool(sp.expand(d.get(tuple(sorted((*j, *k))), sp.S.Zero) - a * b) == 0)


def _hermitian(D: Unmatched) -> None:
    """Find complex noises for constant D between α and α†: both get the same root, so α† = α* may stay."""
    pairs = D.g.modes
    for alpha, beta in pairs:
        h = D.left(alpha, beta)
        if set(h) == {()} and h[()].is_positive:
            root = sp.sqrt(h[()])
            first = {a: over(D.left(a, beta), root) for a, _ in pairs if set(D.left(a, beta)) == {()}}
            second = {b: over(D.left(alpha, b), root) for _, b in pairs if set(D.left(alpha, b)) == {()}}
            D.take(Source(f"F_{D.g.variables[alpha]}", first, second))


def _products(D: Unmatched) -> None:
    """Find one complex noise for each term of D_ij: each variable gets the factors of its own mode."""
    mode = {k: pair for pair in D.g.modes for k in pair}
    for i, j in combinations(D.g.fields, 2):
        for powers, c in dict(D.left(i, j)).items():
            phase, size = split_phase(c)
            of_j = tuple(v for v in powers if v == j or (mode[i] != mode[j] and v in mode[j]))
            of_i = tuple(v for v in powers if v not in of_j)
            root = sp.sqrt(size)
            D.take(Source(f"F_{D.g.variables[i]}", {i: {of_i: phase * root}}, {j: {of_j: root}}))


def _diagonal(D: Unmatched, i: int) -> None:
    """Take √D_ii with its even powers pulled out, so that two stages of a scheme take the same root."""
    d = D.left(i, i)
    common = set.intersection(*({*powers} for powers in d))
    content = tuple(sorted(v for v in common for _ in range(min(k.count(v) for k in d) // 2)))
    inside = divided(d, {tuple(sorted(content * 2)): sp.S.One})
    assert inside is not None
    D.take(Source(f"W_{D.g.variables[i]}", {i: {content: sp.S.One}}, root=inside))
