"""Representations as data: what an operator does to the kernel Λ of ρ = <Λ>, as a differential operator.

Modes, with s = 1 (positive-P), 0 (Wigner), -1 (Q) and β the variable of a†:

    aΛ = (α − (1−s)/2 ∂β) Λ      a†Λ = (β + (1+s)/2 ∂α) Λ
    Λa = (α + (1+s)/2 ∂β) Λ      Λa† = (β − (1−s)/2 ∂α) Λ

XY from the left is the differential operator D_Y D_X, from the right D_X D_Y. Emitters of Method II (A34), for a map
S(R) = XRY of one emitter and t = Tr S(ρ): S -> t + Σ_pq S(ρ)_pq ∂_pq, with η² = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, Literal

import attrs

from sdeframe.caches import cached
from sdeframe.derivation.operators.monomials import Transition
from sdeframe.validators import shown, true_or_false

__all__ = [
    "PositiveP",
    "Q",
    "Representation",
    "Wigner",
    "as_representation",
    "emitter_operator",
    "mode_operator",
    "mode_table",
]

ALPHA: Final = 0
BETA: Final = 1
Row = tuple[int, int, Fraction]
Differential = Mapping[tuple[int, int, int, int], Fraction]
"""Powers of (α, β, ∂α, ∂β), the derivatives on the right -> coefficient."""


def mode_table(s: int) -> tuple[Row, Row, Row, Row]:
    """Return the rows aΛ, a†Λ, Λa, Λa†, each (x, y, c) for x + c ∂y."""
    up, down = Fraction(1 + s, 2), Fraction(1 - s, 2)
    return ((ALPHA, BETA, -down), (BETA, ALPHA, up), (ALPHA, BETA, up), (BETA, ALPHA, -down))


@attrs.frozen
class Representation:
    """A table of operator correspondences.

    Parameters
    ----------
    name
        Its name, for messages.
    s
        Order of the products whose averages are plain: 1 normal, 0 symmetric, -1 antinormal.
    modes
        The rows aΛ, a†Λ, Λa, Λa† of the table of a mode.
    emitters
        Whether it has a table for emitters.
    eta
        Whether emitters keep the random factors η of Method II (A34); if not, they are traded for noise (A37).
    doubled
        Whether a† has a variable of its own; if not, that of a† is the conjugate of that of a.
    beyond
        "refuse" or "drop" what is of third or higher order.
    negative
        "refuse" negative diffusion <dα dα*>, or keep the "leading" terms, of the highest degree.
    """

    name: str
    s: int
    modes: tuple[Row, Row, Row, Row]
    emitters: bool = False
    eta: bool = attrs.field(default=False, validator=true_or_false)
    doubled: bool = False
    beyond: Literal["refuse", "drop"] = "refuse"
    negative: Literal["refuse", "leading"] = "refuse"


def PositiveP(*, eta: bool = False) -> Representation:
    """Return positive-P: normally ordered averages, twice the variables, emitters by (A19), or by (A34) with `eta`."""
    return Representation("positive-P", 1, mode_table(1), emitters=True, eta=eta, doubled=True)


def Wigner(*, negative: Literal["refuse", "leading"] = "refuse") -> Representation:
    """Return truncated Wigner: symmetric averages, modes only, third and higher orders dropped and reported."""
    return Representation("Wigner", 0, mode_table(0), beyond="drop", negative=negative)


def Q() -> Representation:
    """Return the Husimi function: antinormally ordered averages, modes only."""
    return Representation("Q", -1, mode_table(-1))


@cached(10_000)
def mode_operator(
    table: tuple[Row, Row, Row, Row], left: tuple[int, int], right: tuple[int, int]
) -> tuple[tuple[tuple[int, int, int, int], Fraction], ...]:
    """Return the differential operator of Λ -> a†^m aⁿ Λ a†^p a^q.

    Parameters
    ----------
    table
        Rows aΛ, a†Λ, Λa, Λa†.
    left, right
        (m, n) and (p, q).
    """
    a, ad, right_a, right_ad = table
    factors = [a] * left[1] + [ad] * left[0] + [right_ad] * right[0] + [right_a] * right[1]
    found: dict[tuple[int, int, int, int], Fraction] = {(0, 0, 0, 0): Fraction(1)}
    for factor in factors:
        found = _then(found, factor)
    return tuple((key, c) for key, c in found.items() if c)


def _then(operator: Differential, row: Row) -> dict[tuple[int, int, int, int], Fraction]:
    """Return operator·(x + c ∂y), the derivatives moved to the right."""
    x, y, c = row
    found: dict[tuple[int, int, int, int], Fraction] = {}
    for powers, k in operator.items():
        slopes = powers[2 + x]
        for changes, factor in (({x: 1}, Fraction(1)), ({2 + x: -1}, Fraction(slopes)), ({2 + y: 1}, c)):
            if factor:
                i, j, m, n = (power + changes.get(position, 0) for position, power in enumerate(powers))
                found[i, j, m, n] = found.get((i, j, m, n), Fraction(0)) + k * factor
    return found


def emitter_operator(
    levels: tuple[str, ...], left: Transition | None, right: Transition | None
) -> tuple[Transition | None, dict[Transition, Transition]]:
    """Return t and S(ρ) of the map S(R) = σ_ij R σ_kl, a factor left out where it is None.

    Returns
    -------
    t
        The element of ρ that is Tr S(ρ), None where that is 0.
    S
        For every element (p, q) of S(ρ) the element of ρ that it is; zeros left out.
    """
    if left and right:
        (i, j), (k, m) = left, right
        return ((j, k) if i == m else None), {(i, m): (j, k)}
    if left:
        i, j = left
        return (j, i), {(i, q): (j, q) for q in levels}
    assert right
    k, m = right
    return (m, k), {(p, m): (p, k) for p in levels}


def as_representation(value: Any) -> Representation:
    """Return a representation, or raise TypeError where something else was given."""
    if not isinstance(value, Representation):
        raise TypeError(f"representation={shown(value)}: must be PositiveP(), Wigner() or Q()")
    return value
