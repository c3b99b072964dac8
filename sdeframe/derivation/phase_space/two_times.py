"""Which products at two times are averages of products of variables.

<L(t₀) B(t) R(t₀)> = Tr B e^(𝓛(t − t₀)) [R ρ(t₀) L] with ρ = <Λ>. Where R Λ L = f Λ with a number f, every trajectory
goes on as it would and only counts f times, so that this is <f(t₀) b(t)>, with <b> = <B>. Where it holds derivatives of
Λ, what they make of it goes on in another way than the trajectory.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.derivation.operators.coefficients import product_of
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.operators.text import operator_text
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.keys import FieldKey
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, multiply, scaled
from sdeframe.derivation.phase_space.representations import Representation, mode_operator

__all__ = ["Sides", "early_symbol"]

Sides = list[tuple[Any, Operator, Operator]]
"""Terms c·RρL as (c, L, R)."""

Factors = tuple[tuple[str, tuple[int, int, int, int]], ...]
"""Of every mode the powers of (α, β, ∂α, ∂β)."""

WAYS_OUT = {
    1: "give normally and time-ordered products, with a† before the later operator and a behind it, as in (a.dag(), a)",
    0: "only what acts on both sides alike is: <AB + BA>/2 with A of degree one in a and a†, as "
    "Derivation.correlation(A, B, symmetric=True) gives it",
    -1: "give antinormally ordered products, with a before the later operator and a† behind it, as in (a, a.dag())",
}
"""By the order s of a representation."""


def early_symbol(g: Generator, representation: Representation, sides: Sides) -> Poly:
    """Return the number f by which RρL multiplies the kernel of ρ, as a polynomial in the variables.

    Raises
    ------
    ValueError
        If it is no number: emitters are part of it, or derivatives are left.
    """
    total: dict[Factors, Any] = {}
    for c, L, R in sides:
        for m, a in R.terms.items():
            for n, b in L.terms.items():
                for factors, k in _acting(representation, m, n).items():
                    total[factors] = total.get(factors, sp.S.Zero) + product_of(c * k, product_of(a, b))
    kept = {factors: c for factors, x in total.items() if (c := sp.expand(x)) != 0}
    left = {mode for factors in kept for mode, (_, _, u, v) in factors if u or v}
    if left:
        written = " + ".join(f"<{' '.join(filter(None, (_text(L), 'B(t)', _text(R))))}>" for _, L, R in sides)
        raise ValueError(
            f"{written} is no average of products in {representation.name}: what acts at the start does not multiply "
            f"by a number, but holds derivatives by the variables of {', '.join(sorted(left))}; "
            f"{WAYS_OUT[representation.s]}"
        )
    return add_up(*(scaled(_product(g, factors), c) for factors, c in kept.items()))


def _acting(representation: Representation, right: Monomial, left: Monomial) -> dict[Factors, Any]:
    """Return the differential operator of Λ -> RΛL for monomials."""
    for side in (right, left):
        names = sorted({name for (name, _), _ in side.sites} | {name for name, _ in side.clouds})
        if names:
            raise ValueError(
                f"operators of the emitters {names[0]} at the start: they do not multiply by a number in "
                f"{representation.name}, from neither side, so that no average of products is theirs; take the output "
                f"field of a cavity that they radiate into, such as (a.dag(), a) of its mode, or exact_correlations"
            )
    sides = [{mode: (p, q) for mode, p, q in side.bosons} for side in (right, left)]
    found: dict[Factors, Any] = {(): sp.S.One}
    for mode in sorted(sides[0] | sides[1]):
        acting = mode_operator(representation.modes, *(side.get(mode, (0, 0)) for side in sides))
        found = {
            (*before, (mode, powers)): c * sp.Rational(k.numerator, k.denominator)
            for before, c in found.items()
            for powers, k in acting
        }
    return found


def _product(g: Generator, factors: Factors) -> Poly:
    found: Poly = {(): sp.S.One}
    for mode, (i, j, _, _) in factors:
        for dagger, power in ((False, i), (True, j)):
            for _ in range(power):
                found = multiply(found, g.values[FieldKey(mode, dagger)])
    return found


def _text(operator: Operator) -> str:
    """Return an operator at the start; nothing of 1."""
    text = operator_text(operator.terms)
    return "" if text == "1" else f"({text})(t0)"
