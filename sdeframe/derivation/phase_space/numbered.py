"""The generator of so many emitters, each with a number: the table of a representation, term by term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.counted import counted
from sdeframe.derivation.operators.liouvillian import Origin, Term, liouvillian
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.generator import Slopes
from sdeframe.derivation.phase_space.keys import Emitter, FieldKey, Key, keys_of
from sdeframe.derivation.phase_space.polynomials import Poly, Powers, expression
from sdeframe.derivation.phase_space.representations import Representation, emitter_operator, mode_operator

__all__ = ["numbered_terms"]


def numbered_terms(
    master: Master, representation: Representation, numbers: Mapping[str, int]
) -> tuple[tuple[Key, ...], dict[Slopes, Poly]]:
    """Return the generator with so many of the identical emitters, all of them with variables of their own.

    Returns
    -------
    keys
        The variables.
    terms
        Numbers of the variables derived by, sorted -> coefficient.

    Raises
    ------
    ValueError
        If a term is of third or higher order and the representation refuses that, or order 0 is left.
    """
    keys = keys_of(master, {name: range(n) for name, n in numbers.items()})
    number = {key: k for k, key in enumerate(keys)}
    total = _Sum()
    for c, left, right, origin in _counted(master, master.numbers | dict(numbers)):
        for slopes, powers, factor in _applied(master, representation, number, left, right):
            total.add(slopes, powers, c, factor)
            if len(slopes) > 2:
                total.origins.setdefault(slopes, {})[origin] = None
    terms = total.polynomials()
    _check_orders(representation, [key.variable(master.parts) for key in keys], terms, total.origins)
    return keys, terms


def _counted(master: Master, numbers: dict[str, int]) -> Iterator[Term]:
    """Give dρ/dt for so many identical emitters; the origins are as the user wrote them."""
    for m, c in master.H.terms.items():
        one = counted(Operator({m: c}), numbers)
        yield from ((*term[:3], m) for term in liouvillian(one, []))
    for channel in master.loss:
        terms = liouvillian(Operator({}), [(channel.rate, jump) for jump in channel.jumps(numbers)])
        yield from ((*term[:3], channel.jump) for term in terms)


def _origin(origin: Origin) -> str:
    return f"the loss by {origin}" if isinstance(origin, Operator) else f"the term {monomial_text(origin)} of H"


def _applied(
    master: Master, representation: Representation, number: Mapping[Key, int], left: Monomial, right: Monomial
) -> list[tuple[Slopes, Powers, Fraction]]:
    """Return the differential operator of Λ -> left Λ right as (derivatives, powers, coefficient)."""
    found: list[tuple[Slopes, Powers, Fraction]] = [((), (), Fraction(1))]
    powers = [{mode: (m, n) for mode, m, n in side.bosons} for side in (left, right)]
    for mode in powers[0] | powers[1]:
        table = mode_operator(representation.modes, *(side.get(mode, (0, 0)) for side in powers))
        alpha, beta = number[FieldKey(mode, False)], number[FieldKey(mode, True)]
        factor = [((alpha,) * m + (beta,) * n, (alpha,) * i + (beta,) * j, c) for (i, j, m, n), c in table]
        found = _outer(found, factor)
    sites = dict(left.sites), dict(right.sites)
    for site in sites[0] | sites[1]:
        rho = Emitter(*site)
        t, S = emitter_operator(master.parts[rho.emitters].levels, sites[0].get(site), sites[1].get(site))
        factor = [((number[rho.element(*pq)],), (number[rho.element(*kl)],), Fraction(1)) for pq, kl in S.items()]
        found = _outer(found, factor + ([((), (number[rho.element(*t)],), Fraction(1))] if t else []))
    return [(tuple(sorted(slopes)), tuple(sorted(powers)), c) for slopes, powers, c in found]


def _outer(x: list[Any], y: list[Any]) -> list[Any]:
    return [(d + e, p + q, b * c) for d, p, b in x for e, q, c in y]


class _Sum:
    """Coefficients that add up: derivatives -> powers -> {symbolic factor: number}."""

    def __init__(self) -> None:
        self.terms: dict[Slopes, dict[Powers, dict[Any, Fraction]]] = {}
        self.origins: dict[Slopes, dict[Origin, None]] = {}

    def add(self, slopes: Slopes, powers: Powers, c: Any, number: Fraction) -> None:
        at = self.terms.setdefault(slopes, {}).setdefault(powers, {})
        at[c] = at.get(c, Fraction(0)) + number

    def polynomials(self) -> dict[Slopes, Poly]:
        found: dict[Slopes, Poly] = {}
        for slopes, terms in self.terms.items():
            p = {powers: c for powers, factors in terms.items() if (c := _total(factors)) != 0}
            if p:
                found[slopes] = p
        return found


def _total(factors: Mapping[Any, Fraction]) -> Any:
    return sp.expand(sp.Add(*[c * sp.Rational(k.numerator, k.denominator) for c, k in factors.items() if k]))


def _check_orders(
    representation: Representation,
    variables: Sequence[Any],
    terms: Mapping[Slopes, Poly],
    origins: Mapping[Slopes, Mapping[Origin, None]],
) -> None:
    if () in terms:
        raise ValueError(
            f"the table of {representation.name} does not keep the trace: order 0 is {expression(terms[()], variables)}"
        )
    for slopes in terms:
        if len(slopes) > 2 and representation.beyond == "refuse":
            derivative = "".join(f" ∂{variables[k]}" for k in slopes)
            where = " and ".join(map(_origin, origins[slopes]))
            raise ValueError(
                f"order {len(slopes)} in {representation.name}:{derivative}, from {where}; no stochastic equation has "
                f"such a term: leave it out, expand it, or take Wigner, which drops it"
            )
