"""The law of a derivation."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from sdeframe.derivation import Derivation, Operator, adjoint
from sdeframe.derivation.operators.modes import Mode
from sdeframe.derivation.operators.monomials import Cloud, Monomial
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.moments import applied, symbol
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, scaled
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import time


def check_derivation(derivation: Derivation) -> int:
    """Check that averages change as quantum mechanics says: symbol(adjoint of O) = L symbol(O), exactly.

    Here O runs over the operators of all variables and their products of two, which fix drift and diffusion
    completely; the left side comes from commutators alone and knows nothing of tables.

    Returns
    -------
    int
        How many operators were checked.

    Raises
    ------
    AssertionError
        With the operator for which the law fails.
    """
    g, representation = derivation.generator, derivation.representation
    count = 0
    for m in _products_of_two(derivation):
        operator = Operator({m: sp.S.One}, derivation.master.parts)
        rate = adjoint(derivation.master, operator)
        if g.rate != 1:
            rate = rate.map(lambda c: sp.expand((c / g.rate).subs(time, time / g.rate)))
        expected = symbol(g, representation, rate)
        found = applied(g, symbol(g, representation, operator), eta=representation.eta)
        error = _error(expected, found)
        assert not error, f"{derivation}: d<{monomial_text(m)}>/dt is wrong by {g.expression(error)}"
        count += 1
    return count


def _error(expected: Poly, found: Poly) -> Poly:
    left = add_up(expected, scaled(found, -sp.S.One))
    return {k: c for k, c in left.items() if not equal(c, sp.S.Zero)}


def _products_of_two(derivation: Derivation) -> Iterator[Monomial]:
    """Give the monomials of degree one and two, at most one on each emitter."""
    single: list[Monomial] = []
    for name, part in derivation.master.parts.items():
        if isinstance(part, Mode):
            single += [Monomial(bosons=((name, 0, 1),)), Monomial(bosons=((name, 1, 0),))]
            yield from (Monomial(bosons=((name, m, 2 - m),)) for m in range(3))
            continue
        transitions = [(i, j) for i in part.levels for j in part.levels]
        if part.individual:
            single += [Monomial(sites=(((name, mu), ij),)) for mu in part.numbers for ij in transitions]
        else:
            single += [Monomial(clouds=((name, Cloud(None, (ij,))),)) for ij in transitions]
            pairs = [(a, b) for a in transitions for b in transitions if a <= b]
            yield from (Monomial(clouds=((name, Cloud(None, pair)),)) for pair in pairs)
    yield from single
    for k, x in enumerate(single):
        for y in single[k + 1 :]:
            if _apart(x, y):
                yield Monomial(
                    tuple(sorted(x.bosons + y.bosons)),
                    tuple(sorted(x.sites + y.sites)),
                    tuple(sorted(x.clouds + y.clouds)),
                )


def _apart(x: Monomial, y: Monomial) -> bool:
    """Tell whether no mode and no emitter is in both."""

    def parts(m: Monomial) -> set[object]:
        return {mode for mode, _, _ in m.bosons} | {site for site, _ in m.sites} | {name for name, _ in m.clouds}

    return parts(x).isdisjoint(parts(y))
