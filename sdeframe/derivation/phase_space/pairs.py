"""What correlates emitters with each other: products of two first-order operators, of which D is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.master import Channel, Master
from sdeframe.derivation.operators.monomials import Monomial, Transition
from sdeframe.derivation.phase_space.generator import Product, VectorField
from sdeframe.derivation.phase_space.keys import Emitter, Key
from sdeframe.derivation.phase_space.polynomials import add_up, scaled
from sdeframe.derivation.phase_space.representations import emitter_operator

__all__ = ["products"]

Factor = tuple[Emitter, Transition]
"""σ_ij of an emitter."""


def products(master: Master, number: Mapping[Key, int]) -> Iterator[Product]:
    """Give the products of a master equation in Method II.

    Both factors of a product may hold one emitter: such pairs are free, and with them a collective operator needs no
    more products than one.
    """
    yield from _of_hamiltonian(master, number)
    for channel in master.loss:
        if channel.each is None:
            yield from _of_channel(master, number, channel)


def _of_hamiltonian(master: Master, number: Mapping[Key, int]) -> Iterator[Product]:
    """Give −i[H, ρ]: each factor with all those that H multiplies it by, then the next one."""
    W: dict[Factor, dict[Factor, Any]] = {}
    for m, c in master.H.terms.items():
        if not m.bosons and len(_transitions(m)) == 2:
            x, y = _transitions(m)
            for a, b in ((x, y), (y, x)):
                W.setdefault(a, {})[b] = W.get(a, {}).get(b, sp.S.Zero) + c
    while any(W.values()):
        a = max(W, key=lambda x: len(W[x]))
        row = {b: c / 2 if b == a else c for b, c in W.pop(a).items()}
        for others in W.values():
            others.pop(a, None)
        common = next(iter(row.values())) if len(set(row.values())) == 1 else sp.S.One
        for side, phase in (("left", -sp.I), ("right", sp.I)):
            hub = _field(master, number, side, a)
            partners = _sum((c / common, _field(master, number, side, b)) for b, c in row.items())
            if set(row) == {a}:
                yield Product(2 * phase * common, hub, None)
            else:
                yield Product(phase * common, hub, partners)


def _of_channel(master: Master, number: Mapping[Key, int], channel: Channel) -> Iterator[Product]:
    """Give rate·D[L] with A = L from the left, A' = L† from the left, B = L† from the right, B' = L from the right.

    A∘B − ½A'∘A − ½B∘B' = ½A∘(B − A') + ½B∘(A − B'), which is −½(A − B)∘(A − B) for L = L†.
    """
    L = [(_transitions(m)[0], c) for m, c in channel.jump.terms.items() if not m.bosons and _transitions(m)]
    if not L or (len({e for (e, _), _ in L}) == 1 and L[0][0][0].number is not None):
        return  # one emitter with variables of its own
    adjoint = [((e, ij[::-1]), sp.conjugate(c)) for (e, ij), c in L]

    def field(side: str, operator: list[tuple[Factor, Any]], sign: int = 1) -> VectorField:
        return _sum((sign * c, _field(master, number, side, x)) for x, c in operator)

    A, B = field("left", L), field("right", adjoint)
    if dict(L) == dict(adjoint):
        yield Product(-channel.rate, _sum([(sp.S.One, A), (-sp.S.One, B)]), None)
        return
    half = channel.rate / 2
    yield Product(half, A, _sum([(sp.S.One, B), (sp.S.One, field("left", adjoint, -1))]))
    yield Product(half, B, _sum([(sp.S.One, A), (sp.S.One, field("right", L, -1))]))


def _transitions(m: Monomial) -> list[Factor]:
    identical = ((Emitter(name), ij) for name, cloud in m.clouds for ij in cloud.others)
    return [*((Emitter(*site), ij) for site, ij in m.sites), *identical]


def _field(master: Master, number: Mapping[Key, int], side: str, x: Factor) -> VectorField:
    """Return S(ρ)_pq of a transition from one side."""
    emitter, ij = x
    levels = master.parts[emitter.emitters].levels
    _, S = emitter_operator(levels, ij if side == "left" else None, ij if side == "right" else None)
    return {number[emitter.element(*pq)]: {(number[emitter.element(*kl)],): sp.S.One} for pq, kl in S.items()}


def _sum(terms: Any) -> VectorField:
    gathered: dict[int, list[Any]] = {}
    for c, field in terms:
        for k, p in field.items():
            gathered.setdefault(k, []).append(scaled(p, c))
    return {k: p for k, ps in gathered.items() if (p := add_up(*ps))}
