"""Generators in other variables: without η-numbers, without one population, in a rotating frame, scaled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.generator import Generator, Key
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, multiply
from sdeframe.symbolic.symbols import Parameter, time

__all__ = ["emitter_of", "reduce_trace", "remove_eta", "rotate", "scale", "within_one"]


def emitter_of(key: Key) -> Key | None:
    """Return the emitter that a variable belongs to, None for a mode."""
    return None if len(key) == 2 else key[:-2]


def _elements(g: Generator) -> dict[Key, list[int]]:
    """Return the variables of every emitter."""
    found: dict[Key, list[int]] = {}
    for k, key in enumerate(g.keys):
        emitter = emitter_of(key)
        if emitter is not None:
            found.setdefault(emitter, []).append(k)
    return found


def remove_eta(g: Generator) -> Generator:
    """Trade the η-numbers of (A34) for noise (A37): S(ρ)_pq ∂_pq -> [S(ρ)_pq − t ρ_pq] ∂_pq with t = Σ_r S(ρ)_rr.

    So a derivative ∂_pq becomes ∂_pq − δ_pq Σ_rs ρ_rs ∂_rs, in each index of the generator. It changes D alone: the
    traces of a drift, and of both indices of D, add up to order 0 of the generator, which is 0.
    """
    elements = _elements(g)
    populations = {e: [k for k in ks if g.keys[k][-1] == g.keys[k][-2]] for e, ks in elements.items()}
    home = {k: e for e, ks in elements.items() for k in ks}
    minus: list[Poly] = [{(k,): -sp.S.One} for k in range(len(g.keys))]
    tails = {
        (i, e): T
        for i in range(len(g.keys))
        for e, rs in populations.items()
        if (T := add_up(*(g.D(i, r) for r in rs)))
    }

    def D(i: int, j: int) -> Poly:
        e, f = home.get(i), home.get(j)
        return add_up(
            g.D(i, j),
            multiply(minus[j], tails.get((i, f), {})) if f else {},
            multiply(minus[i], tails.get((j, e), {})) if e else {},
        )

    apart = [(i, j) for i in range(len(g.keys)) for j in range(i, len(g.keys)) if not within_one(g, i, j)]
    diffusion = {(i, j): d for i, j in apart if (d := D(i, j))}
    kept = {(i, e): T for (i, e), T in tails.items() if i not in home}
    traceless = g.with_fields(lambda V: _traceless(V, elements, populations))
    return g.evolve(diffusion=diffusion, tails=kept, products=traceless)


def _traceless(
    V: Mapping[int, Poly], elements: Mapping[Key, list[int]], populations: Mapping[Key, list[int]]
) -> dict[int, Poly]:
    """Return V_pq − ρ_pq Σ_r V_rr."""
    found: dict[int, Poly] = {}
    for e, ks in elements.items():
        t = add_up(*(V.get(r, {}) for r in populations[e]))
        rows = {k: add_up(V.get(k, {}), multiply({(k,): -sp.S.One}, t)) for k in ks}
        found |= {k: p for k, p in rows.items() if p}
    return found


def within_one(g: Generator, i: int, j: int) -> bool:
    """Tell whether both are of one emitter with variables of its own; identical ones share theirs."""
    e = emitter_of(g.keys[i])
    return e is not None and e == emitter_of(g.keys[j]) and len(e) == 2


def reduce_trace(g: Generator, name: str, level: str) -> Generator:
    """Return the generator without the population of a level: ρ_gg = 1 − Σ of the others, on every trajectory."""
    gone = {k for k, key in enumerate(g.keys) if emitter_of(key) and key[0] == name and key[-2:] == (level, level)}
    elements = _elements(g)
    replaced: dict[int, Poly] = {}
    for k in gone:
        others = [j for j in elements[g.keys[k][:-2]] if j != k and g.keys[j][-1] == g.keys[j][-2]]
        replaced[k] = {(): sp.S.One} | {(j,): -sp.S.One for j in others}
    stay = [k for k in range(len(g.keys)) if k not in gone]
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
        products=g.with_fields(lambda V: {new[k]: p for k, a in V.items() if k in new and (p := p_new(a))}),
        values={key: p_new(p) for key, p in g.values.items()},
    )


def scale(g: Generator, factors: Mapping[int, Any], rate: Any) -> Generator:
    """Return the generator of x/factor (A44) in the time rate·t.

    Parameters
    ----------
    g
        The generator.
    factors
        Factor of a variable, by number; 1 if left out.
    rate
        Unit of time: a positive number or expression in positive parameters.
    """
    if not (rate.is_positive and all(isinstance(s, Parameter) for s in rate.free_symbols)):
        raise ValueError(f"time={rate}: must be positive; declare its parameters with parameters(..., positive=True)")
    for factor in factors.values():
        if factor.is_zero is not False or not all(isinstance(s, Parameter) for s in factor.free_symbols):
            raise ValueError(
                f"factor {factor}: must not be 0; declare its parameters with parameters(..., positive=True)"
            )

    def changed(p: Poly, divisor: Any) -> Poly:
        units = ((k, c, sp.Mul(*[factors.get(v, sp.S.One) for v in k])) for k, c in p.items())
        return add_up(
            *({k: sp.expand(sp.powsimp((c * unit / divisor).subs(time, time / rate)))} for k, c, unit in units)
        )

    def of(*numbers: int) -> Any:
        return sp.Mul(rate, *[factors.get(k, sp.S.One) for k in numbers])

    return g.evolve(
        drift={k: changed(a, of(k)) for k, a in g.drift.items()},
        diffusion={(i, j): changed(d, of(i, j)) for (i, j), d in g.diffusion.items()},
        tails={(i, e): changed(T, of(i)) for (i, e), T in g.tails.items()},
        dropped={slopes: changed(p, of(*slopes)) for slopes, p in g.dropped.items()},
        products=g.with_fields(lambda V: V, lambda w: (w / rate).subs(time, time / rate)),
        values={key: changed(p, sp.S.One) for key, p in g.values.items()},
        rate=g.rate * rate,
    )


def rotate(g: Generator, H0: Operator) -> Generator:
    """Return the generator in the frame that rotates with H0 (A43): x -> x exp(−iωt) of every variable.

    Parameters
    ----------
    g
        The generator.
    H0
        A sum of a†a and of populations with constant coefficients, the frequencies.
    """
    omega = _frequencies(g, H0)

    def turned(p: Poly, slopes: tuple[int, ...]) -> Poly:
        def phase(k: tuple[int, ...]) -> Any:
            return sp.expand(sp.Add(*[omega[v] for v in slopes], *[-omega[v] for v in k]))

        return add_up(*({k: sp.expand(c * sp.exp(sp.I * time * phase(k)))} for k, c in p.items()))

    return g.evolve(
        drift={k: add_up(turned(a, (k,)), {(k,): sp.I * omega[k]}) for k, a in g.drift.items()},
        diffusion={(i, j): turned(d, (i, j)) for (i, j), d in g.diffusion.items()},
        tails={(i, e): turned(T, (i,)) for (i, e), T in g.tails.items()},
        dropped={slopes: turned(p, slopes) for slopes, p in g.dropped.items()},
        products=g.with_fields(lambda V: {k: turned(p, (k,)) for k, p in V.items()}),
        values={key: turned(p, ()) for key, p in g.values.items()},
    )


def _frequencies(g: Generator, H0: Operator) -> list[Any]:
    """Return ω of every variable: ω of a for α, −ω for α†, ω_p − ω_q for ρ_pq."""
    of_mode: dict[str, Any] = {}
    of_level: dict[Key, Any] = {}
    for m, c in H0.terms.items():
        kinds = [len(m.bosons), len(m.sites), len(m.clouds)]
        if kinds == [1, 0, 0] and m.bosons[0][1:] == (1, 1):
            of_mode[m.bosons[0][0]] = c
        elif kinds == [0, 1, 0] and m.sites[0][1][0] == m.sites[0][1][1]:
            of_level[(*m.sites[0][0], m.sites[0][1][0])] = c
        elif kinds == [0, 0, 1] and len(m.clouds[0][1].others) == 1 and len(set(m.clouds[0][1].others[0])) == 1:
            of_level[m.clouds[0][0], m.clouds[0][1].others[0][0]] = c
        else:
            raise ValueError(f"H0 holds {monomial_text(m)}: a frame rotates with a†a and with populations only")
        if c.has(time):
            raise ValueError(f"H0 holds the time in {c}: frequencies of a frame are constant")

    def frequency(key: Key) -> Any:
        if emitter_of(key) is None:
            return of_mode.get(key[0], sp.S.Zero) * (1 - 2 * key[1])
        p, q = (of_level.get((*key[:-2], level), sp.S.Zero) for level in key[-2:])
        return sp.expand(p - q)

    return [frequency(key) for key in g.keys]
