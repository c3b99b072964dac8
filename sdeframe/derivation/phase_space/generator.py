"""The Itô generator L = Σ a_i ∂_i + ½ Σ D_ij ∂_i ∂_j of a master equation in a representation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import product as pairs
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation.operators.coefficients import product_of
from sdeframe.derivation.operators.master import Master, counted
from sdeframe.derivation.operators.modes import Mode
from sdeframe.derivation.operators.monomials import IDENTITY, Monomial, product
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.polynomials import Poly, expression
from sdeframe.derivation.phase_space.representations import Representation, emitter_operator, mode_operator

__all__ = ["Field", "Generator", "Key", "Product", "concrete", "liouvillian", "variable"]

Key = tuple[Any, ...]
"""A variable: (mode, 0 for α or 1 for α†) or (emitters, number, p, q); without a number if they are identical."""
Slopes = tuple[int, ...]
Origin = Monomial | Operator
Term = tuple[Any, Monomial, Monomial, Origin]


Field = Mapping[int, Poly]
"""A first-order operator Σ_k p_k ∂_k."""


@attrs.frozen(eq=False)
class Product:
    """The part w (P Qᵀ + Q Pᵀ) of D, or w P Pᵀ without a Q."""

    weight: Any
    P: Field
    Q: Field | None


@attrs.frozen(eq=False)
class Generator:
    """A generator, as polynomials in numbered variables.

    Parameters
    ----------
    keys
        What each variable stands for.
    variables
        Their symbols.
    drift
        a_i of every variable, by number.
    diffusion
        D_ij for i <= j, zeros left out. Pairs within one emitter are left out too: averages are linear in each.
    tails
        For a variable i and an emitter: the factor T of the part −Tρ_pq of every D(i, ρ_pq) (A37).
    dropped
        Terms of third or higher order that were dropped: the variables derived by -> coefficient.
    products
        The products that D between emitters is made of.
    values
        Every variable of the representation in those of the generator, which may have been changed.
    rate
        Unit of time: the time of the generator is rate·t.
    """

    keys: tuple[Key, ...]
    variables: tuple[Any, ...]
    drift: Mapping[int, Poly]
    diffusion: Mapping[tuple[int, int], Poly]
    tails: Mapping[tuple[int, Key], Poly] = attrs.field(factory=dict)
    dropped: Mapping[Slopes, Poly] = attrs.field(factory=dict)
    products: tuple[Product, ...] = ()
    values: Mapping[Key, Poly] = attrs.field(factory=dict)
    rate: Any = sp.S.One

    @cached_property
    def number(self) -> dict[Key, int]:
        """The number of every variable."""
        return {key: k for k, key in enumerate(self.keys)}

    def D(self, i: int, j: int) -> Poly:
        """Return D_ij."""
        return self.diffusion.get((min(i, j), max(i, j)), {})

    def expression(self, p: Poly) -> Any:
        """Return a polynomial in the symbols of the variables."""
        return expression(p, self.variables)

    def with_fields(
        self, change: Callable[[Field], Field], weight: Callable[[Any], Any] = lambda w: w
    ) -> tuple[Product, ...]:
        """Return the products with their fields, and weights, changed."""
        return tuple(Product(weight(p.weight), change(p.P), p.Q and change(p.Q)) for p in self.products)

    def evolve(self, **changes: Any) -> Generator:
        """Return the generator with some of its parts replaced."""
        return attrs.evolve(self, **changes)


def liouvillian(
    H: Operator, channels: Sequence[tuple[Any, Operator]]
) -> Iterator[tuple[Any, Monomial, Monomial, Origin]]:
    """Give dρ/dt as terms c·XρY with the term of H or the L that each came from: (c, X, Y, origin)."""
    for m, c in H.terms.items():
        yield -sp.I * c, m, IDENTITY, m
        yield sp.I * c, IDENTITY, m, m
    for rate, jump in channels:
        for (x, a), (y, b) in pairs(jump.terms.items(), repeat=2):
            c = product_of(rate, product_of(a, sp.conjugate(b)))
            yield c, x, y.dag(), jump
            for m, k in product(y.dag(), x):
                yield -c * sp.Rational(k, 2), m, IDENTITY, jump
                yield -c * sp.Rational(k, 2), IDENTITY, m, jump


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


def variable(master: Master, key: Key) -> Any:
    """Return the symbol of a variable."""
    part = master.parts[key[0]]
    return (
        part.variables[key[1]]
        if isinstance(part, Mode)
        else part.variable(*key[-2:], mu=key[1] if len(key) == 4 else None)
    )


class _Sum:
    """Coefficients that add up: derivatives -> powers -> {symbolic factor: number}."""

    def __init__(self) -> None:
        self.terms: dict[Slopes, dict[tuple[int, ...], dict[Any, Fraction]]] = {}
        self.origins: dict[Slopes, dict[Origin, None]] = {}

    def add(self, slopes: Slopes, powers: tuple[int, ...], c: Any, number: Fraction) -> None:
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


def concrete(
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
    keys = tuple(_keys(master, numbers))
    number = {key: k for k, key in enumerate(keys)}
    total = _Sum()
    for c, left, right, origin in _counted(master, master.numbers | dict(numbers)):
        for slopes, powers, factor in _applied(master, representation, number, left, right):
            total.add(slopes, powers, c, factor)
            if len(slopes) > 2:
                total.origins.setdefault(slopes, {})[origin] = None
    terms = total.polynomials()
    _check_orders(representation, [variable(master, key) for key in keys], terms, total.origins)
    return keys, terms


def _keys(master: Master, numbers: Mapping[str, int]) -> Iterator[Key]:
    for mode in master.modes:
        yield from ((mode.name, 0), (mode.name, 1))
    for e in master.emitters:
        for mu in e.numbers if e.individual else range(numbers[e.name]):
            yield from ((e.name, mu, p, q) for p in e.levels for q in e.levels)


def _applied(
    master: Master, representation: Representation, number: Mapping[Key, int], left: Monomial, right: Monomial
) -> list[tuple[Slopes, tuple[int, ...], Fraction]]:
    """Return the differential operator of Λ -> left Λ right as (derivatives, powers, coefficient)."""
    found: list[tuple[Slopes, tuple[int, ...], Fraction]] = [((), (), Fraction(1))]
    powers = [{mode: (m, n) for mode, m, n in side.bosons} for side in (left, right)]
    for mode in powers[0] | powers[1]:
        table = mode_operator(representation.modes, *(side.get(mode, (0, 0)) for side in powers))
        alpha, beta = number[mode, 0], number[mode, 1]
        factor = [((alpha,) * m + (beta,) * n, (alpha,) * i + (beta,) * j, c) for (i, j, m, n), c in table]
        found = _outer(found, factor)
    sites = dict(left.sites), dict(right.sites)
    for site in sites[0] | sites[1]:
        name, mu = site
        t, S = emitter_operator(master.parts[name].levels, sites[0].get(site), sites[1].get(site))
        factor = [((number[name, mu, *pq],), (number[name, mu, *kl],), Fraction(1)) for pq, kl in S.items()]
        found = _outer(found, factor + ([((), (number[name, mu, *t],), Fraction(1))] if t else []))
    return [(tuple(sorted(slopes)), tuple(sorted(powers)), c) for slopes, powers, c in found]


def _outer(x: list[Any], y: list[Any]) -> list[Any]:
    return [(d + e, p + q, b * c) for d, p, b in x for e, q, c in y]


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
