"""Identical emitters, in any number: their generator from those with no, one and two of them.

A generator is a sum of terms on at most two emitters, since k emitters acted on are a k-th derivative. So what N
identical ones do follows from finite differences in the number n of them: for terms that differentiate by T emitters,
c_N = Σ_k C(N − T, k) Δ^k c_n at n = T, with T + k <= 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product as choices
from math import comb, prod
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.generator import Generator, Slopes
from sdeframe.derivation.phase_space.keys import ElementKey, Key, keys_of
from sdeframe.derivation.phase_space.numbered import numbered_terms
from sdeframe.derivation.phase_space.pairs import products
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, renamed, scaled
from sdeframe.derivation.phase_space.representations import Representation
from sdeframe.derivation.phase_space.squares import squares

__all__ = ["identical_generator"]

Counts = tuple[int, ...]


def identical_generator(master: Master, representation: Representation) -> Generator:
    """Return the generator of a master equation by the table; identical emitters share their variables.

    Raises
    ------
    ValueError
        If the representation has no table for emitters, or a term is refused: three emitters in one term, or a term
        of third or higher order.
    """
    if master.emitters and not representation.emitters:
        raise ValueError(
            f"{representation.name} has no table for emitters, here {master.emitters[0].name}: PositiveP has"
        )
    _check_touched(master)
    same = [e for e in master.emitters if not e.individual]
    if same and representation.eta:
        raise ValueError(
            f"every emitter has an η of its own: declare {same[0].name} with individual=True, or leave eta out"
        )
    counts = [n for n in choices(range(3), repeat=len(same)) if sum(n) <= 2 and _exist(same, n)]
    keys = keys_of(master, {e.name: [None] for e in same})
    number = {key: k for k, key in enumerate(keys)}
    found = {
        n: _in_joint_variables(same, number, *numbered_terms(master, representation, _named(same, n))) for n in counts
    }
    everywhere = {at for terms in found.values() for at in terms}
    total = [(slopes, T, _of_all(same, found, slopes, T)) for slopes, T in sorted(everywhere)]
    return Generator(
        keys,
        tuple(key.variable(master.parts) for key in keys),
        {k: add_up(*(p for slopes, _, p in total if slopes == (k,))) for k in range(len(keys))},
        {s: scaled(p, sp.Integer(2)) if s[0] == s[1] and 2 not in T else p for s, T, p in total if len(s) == 2 and p},
        dropped={slopes: p for slopes, _, p in total if len(slopes) > 2},
        values={key: {(k,): sp.S.One} for key, k in number.items()},
        products=tuple(
            products(master, number) if representation.doubled else squares(master, number, representation.s)
        ),
    )


def _exist(same: Sequence[Emitters], n: Counts) -> bool:
    return all(not e.size.is_Integer or k <= e.size for e, k in zip(same, n, strict=True))


def _named(same: Sequence[Emitters], n: Counts) -> dict[str, int]:
    return {e.name: k for e, k in zip(same, n, strict=True)}


def _check_touched(master: Master) -> None:
    """Refuse what differences up to two emitters would not see."""
    for what, most, operators in (("H", 2, [master.H]), ("L", 1, [channel.jump for channel in master.loss])):
        for m in (m for operator in operators for m in operator.terms):
            if _touched(m) > most:
                raise ValueError(
                    f"{what} holds {monomial_text(m)}, a product on {_touched(m)} emitters; at most {most} may be: "
                    f"more give terms of third or higher order, which no stochastic equation has"
                )


def _touched(m: Monomial) -> int:
    return len(m.sites) + sum(len(cloud.others) + (cloud.each is not None) for _, cloud in m.clouds)


def _in_joint_variables(
    same: Sequence[Emitters], number: Mapping[Key, int], keys: Sequence[Key], terms: Mapping[Slopes, Poly]
) -> dict[tuple[Slopes, Counts], Poly]:
    """Return terms by joint variables and by how many emitters of each kind they differentiate.

    Of the equal terms that differ by an exchange of emitters one is kept: that of the first emitters, in order.
    """
    names = [e.name for e in same]
    joint = [number[_shared(key, names)] for key in keys]
    found: dict[tuple[Slopes, Counts], Poly] = {}
    for slopes, p in terms.items():
        touched = [
            [(e.number, joint[k]) for k in slopes if (e := keys[k].emitter) is not None and e.emitters == name]
            for name in names
        ]
        if all(map(_first_in_order, touched)):
            place = tuple(sorted(joint[k] for k in slopes)), tuple(map(len, touched))
            found[place] = renamed(p, joint.__getitem__)
    return found


def _shared(key: Key, names: Sequence[str]) -> Key:
    """Return the variable that identical emitters share."""
    return key._replace(number=None) if isinstance(key, ElementKey) and key.emitters in names else key


def _first_in_order(touched: Sequence[tuple[int | None, int]]) -> bool:
    """Tell whether (number of the emitter, joint variable) are of the emitters 0, 1, ..., variables in order."""
    joint = [k for _, k in touched]
    return [mu for mu, _ in touched] == list(range(len(touched))) and joint == sorted(joint)


def _of_all(same: Sequence[Emitters], found: Mapping[Counts, Any], slopes: Slopes, T: Counts) -> dict[Slopes, Any]:
    """Return c_N = Σ_k C(N − T, k) Δ^k c_T, with Δ^k c_T = Σ_j (−1)^(k−j) C(k, j) c_(T+j)."""
    terms = []
    for n in found:
        k = tuple(n_e - T_e for n_e, T_e in zip(n, T, strict=True))
        if min(k, default=0) < 0:
            continue
        chosen = sp.Mul(
            *[sp.expand(sp.ff(e.size - t, k_e) / sp.factorial(k_e)) for e, t, k_e in zip(same, T, k, strict=True)]
        )
        for j in choices(*(range(k_e + 1) for k_e in k)):
            sign = (-1) ** (sum(k) - sum(j)) * prod(map(comb, k, j))
            at = tuple(t + j_e for t, j_e in zip(T, j, strict=True))
            terms.append(scaled(found[at].get((slopes, T), {}), sp.expand(sign * chosen)))
    return add_up(*terms)
