"""Generators without what can be spared: η-numbers, or one population."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from sdeframe.derivation.phase_space.generator import Generator, VectorField
from sdeframe.derivation.phase_space.keys import Emitter
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, multiply

__all__ = ["reduce_trace", "remove_eta"]


def remove_eta(g: Generator) -> Generator:
    """Trade the η-numbers of (A34) for noise (A37): S(ρ)_pq ∂_pq -> [S(ρ)_pq − t ρ_pq] ∂_pq with t = Σ_r S(ρ)_rr.

    So a derivative ∂_pq becomes ∂_pq − δ_pq Σ_rs ρ_rs ∂_rs, in each index of the generator. It changes D alone: the
    traces of a drift, and of both indices of D, add up to order 0 of the generator, which is 0.
    """
    populations = {e: [k for k in ks if g.keys[k].is_population] for e, ks in g.elements.items()}
    minus: list[Poly] = [{(k,): -sp.S.One} for k in range(len(g.keys))]
    tails = {
        (i, e): T
        for i in range(len(g.keys))
        for e, rs in populations.items()
        if (T := add_up(*(g.D(i, r) for r in rs)))
    }

    def D(i: int, j: int) -> Poly:
        e, f = g.keys[i].emitter, g.keys[j].emitter
        return add_up(
            g.D(i, j),
            multiply(minus[j], tails.get((i, f), {})) if f else {},
            multiply(minus[i], tails.get((j, e), {})) if e else {},
        )

    apart = [(i, j) for i in range(len(g.keys)) for j in range(i, len(g.keys)) if not g.within_one(i, j)]
    diffusion = {(i, j): d for i, j in apart if (d := D(i, j))}
    kept = {(i, e): T for (i, e), T in tails.items() if g.keys[i].emitter is None}
    traceless = g.changed_products(lambda V: _traceless(V, g.elements, populations))
    return g.evolve(diffusion=diffusion, tails=kept, products=traceless)


def _traceless(
    V: VectorField, elements: Mapping[Emitter, list[int]], populations: Mapping[Emitter, list[int]]
) -> dict[int, Poly]:
    """Return V_pq − ρ_pq Σ_r V_rr."""
    found: dict[int, Poly] = {}
    for e, ks in elements.items():
        t = add_up(*(V.get(r, {}) for r in populations[e]))
        rows = {k: add_up(V.get(k, {}), multiply({(k,): -sp.S.One}, t)) for k in ks}
        found |= {k: p for k, p in rows.items() if p}
    return found


def reduce_trace(g: Generator, name: str, level: str) -> Generator:
    """Return the generator without the population of a level: ρ_gg = 1 − Σ of the others, on every trajectory."""
    replaced: dict[int, Poly] = {}
    for e, ks in g.elements.items():
        gone = g.number.get(e.element(level, level))
        if e.emitters == name and gone is not None:
            others = [k for k in ks if k != gone and g.keys[k].is_population]
            replaced[gone] = {(): sp.S.One} | {(k,): -sp.S.One for k in others}
    stay = [k for k in range(len(g.keys)) if k not in replaced]
    new = {k: n for n, k in enumerate(stay)}

    def p_new(p: Poly) -> Poly:
        terms = []
        for powers, c in p.items():
            term: Poly = {tuple(new[k] for k in powers if k in new): c}
            for k in powers:
                if k in replaced:
                    term = multiply(term, {tuple(new[j] for j in js): x for js, x in replaced[k].items()})
            terms.append(term)
        return add_up(*terms)

    kept = {(i, j): p_new(d) for (i, j), d in g.diffusion.items() if i in new and j in new}
    return g.evolve(
        keys=tuple(g.keys[k] for k in stay),
        variables=tuple(g.variables[k] for k in stay),
        drift={new[k]: p_new(g.drift[k]) for k in stay},
        diffusion={(new[i], new[j]): d for (i, j), d in kept.items() if d},
        tails={(new[i], e): p_new(T) for (i, e), T in g.tails.items() if i in new},
        products=g.changed_products(lambda V: {new[k]: p for k, a in V.items() if k in new and (p := p_new(a))}),
        values={key: p_new(p) for key, p in g.values.items()},
    )
