"""Averages of operators as averages of variables."""

from __future__ import annotations

from collections import Counter
from math import comb, factorial

import sympy as sp

from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.keys import ElementKey, FieldKey
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, multiply, scaled, slope
from sdeframe.derivation.phase_space.representations import Representation
from sdeframe.symbolic.symbols import time

__all__ = ["applied", "symbol"]


def symbol(g: Generator, representation: Representation, operator: Operator) -> Poly:
    """Return the polynomial in the variables whose average is <O>.

    The symbol of a†^m aⁿ is Σ_k k! C(m,k) C(n,k) (−(1−s)/2)^k β^(m−k) α^(n−k); σ_ij becomes ρ_ji, and a product on k
    different ones of N identical emitters comes N(N−1)...(N−k+1) times.
    """
    return add_up(*(scaled(_symbol(g, representation, m, operator), c) for m, c in as_operator(operator).terms.items()))


def _symbol(g: Generator, representation: Representation, m: Monomial, operator: Operator) -> Poly:
    found: Poly = {(): sp.S.One}
    lowered = -sp.Rational(1 - representation.s, 2)
    for mode, p, q in m.bosons:
        alpha, beta = g.values[FieldKey(mode, False)], g.values[FieldKey(mode, True)]
        weights = [factorial(k) * comb(p, k) * comb(q, k) * lowered**k for k in range(min(p, q) + 1)]
        ordered = [scaled(_product([beta] * (p - k) + [alpha] * (q - k)), c) for k, c in enumerate(weights)]
        found = multiply(found, add_up(*ordered))
    for site, (i, j) in m.sites:
        found = multiply(found, g.values[ElementKey(*site, j, i)])
    for name, cloud in m.clouds:
        if cloud.each is not None:
            raise ValueError(f"the average of each of {name} is open: take sum, over their number if you wish")
        number = sp.expand(sp.ff(operator.parts[name].size, len(cloud.others)))
        shared = _product([g.values[ElementKey(name, None, j, i)] for i, j in cloud.others])
        found = scaled(multiply(found, shared), number)
    return found


def _product(factors: list[Poly]) -> Poly:
    found: Poly = {(): sp.S.One}
    for factor in factors:
        found = multiply(found, factor)
    return found


def applied(g: Generator, f: Poly, *, eta: bool = False) -> Poly:
    """Return L f = ∂_t f + Σ a_i ∂_i f + ½ Σ D_ij ∂_i ∂_j f; with `eta`, without what is not linear in each emitter."""
    slopes = {i: slope(f, i) for i in g.drift}
    terms = [multiply(a, slopes[i]) for i, a in g.drift.items()]
    for (i, j), d in g.diffusion.items():
        half = sp.S.Half if i == j else sp.S.One
        terms.append(scaled(multiply(d, slope(slopes[i], j)), half))
    total = add_up(*terms, {k: sp.expand(sp.diff(c, time)) for k, c in f.items() if c.has(time)})
    return {k: c for k, c in total.items() if _linear(g, k)} if eta else total


def _linear(g: Generator, powers: tuple[int, ...]) -> bool:
    emitters = Counter(e for v in powers if (e := g.keys[v].emitter) is not None)
    return max(emitters.values(), default=0) < 2
