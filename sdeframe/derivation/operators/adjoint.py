"""How averages of operators change, by the master equation alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.coefficients import collect
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.monomials import Cloud, Monomial
from sdeframe.derivation.operators.operators import Operator, as_operator, commutator

__all__ = ["adjoint"]


def adjoint(master: Master, operator: Operator) -> Operator:
    """Return the operator whose average is d<O>/dt: i[H, O] + Σ rate (L†OL − ½L†LO − ½OL†L), explicit times aside."""
    operator = as_operator(operator)
    total = sp.I * commutator(master.H, operator)
    for channel in master.loss:
        marked = channel.each is not None and not channel.each.individual
        for L in [channel.jump] if marked else channel.jumps(master.numbers):
            LL = L.dag() * L
            change = L.dag() * operator * L - (LL * operator + operator * LL) / 2
            total = total + channel.rate * _over_each(change, channel.each)
    return total


def _over_each(x: Operator, e: Emitters | None) -> Operator:
    """Sum an operator over the marked one of identical emitters."""
    if e is None or e.individual:
        return x

    def terms() -> Iterator[tuple[Monomial, Any]]:
        for m, c in x.terms.items():
            clouds = dict(m.clouds)
            marked = clouds.get(e.name, Cloud(None, ()))
            if marked.each is None:
                yield m, sp.expand(c * e.size)
            else:
                clouds[e.name] = Cloud(None, tuple(sorted((marked.each, *marked.others))))
                yield m._replace(clouds=tuple(sorted(clouds.items()))), c

    return Operator(collect(terms()), x.parts)
