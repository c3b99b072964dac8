"""Losses of modes whose part of D is a square where α† = α*: one noise has it, whatever their symbols stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.phase_space.generator import Product, VectorField
from sdeframe.derivation.phase_space.keys import FieldKey, Key
from sdeframe.derivation.phase_space.polynomials import Poly, add_up, scaled, slope

__all__ = ["squares"]


def squares(master: Master, number: Mapping[Key, int], s: int) -> Iterator[Product]:
    """Give what channels add to D, for each that is a square in the representation of order s.

    With {L} = Σ (∂L/∂α†) ∂_α − (∂L/∂α) ∂_α†, over modes, a commutator [L, ·] is {L} unless it has second derivatives.
    What L = L† does is −½[L, [L, ·]] = ½(i{L})²: one real noise. What a linear L does in Wigner is D = (P Qᵀ + Q Pᵀ)/2
    with P = {L†} and Q = −{L} = P*: one complex noise. In other orders it is 1 − s times that if L annihilates only.
    """
    for channel in master.loss:
        L = channel.jump
        degrees = {_degrees(m) for m in L.terms}
        first_order = max(map(sum, degrees), default=0) <= 2 and (s == 0 or not degrees & {(2, 0), (0, 2)})
        if degrees <= {(0, 0)}:
            continue
        if L.dag() == L and first_order:
            yield Product(channel.rate, _bracket(master, number, L, sp.I), None)
        elif degrees <= {(0, 0), (0, 1)} or (s == 0 and degrees <= {(0, 0), (0, 1), (1, 0)}):
            weight = channel.rate * sp.Rational(1 - s, 2)
            yield Product(weight, _bracket(master, number, L.dag()), _bracket(master, number, L, -sp.S.One))


def _degrees(m: Any) -> tuple[int, int]:
    """Return how many creators and annihilators a product holds."""
    return sum(p for _, p, _ in m.bosons), sum(q for _, _, q in m.bosons)


def _bracket(master: Master, number: Mapping[Key, int], L: Operator, factor: Any = sp.S.One) -> VectorField:
    """Return factor·{L}."""
    symbol = add_up(*({_powers(number, m): c} for m, c in L.terms.items()))
    found: dict[int, Poly] = {}
    for mode in master.modes:
        alpha, beta = (number[FieldKey(mode.name, dagger)] for dagger in (False, True))
        found |= {alpha: scaled(slope(symbol, beta), factor), beta: scaled(slope(symbol, alpha), -factor)}
    return {k: p for k, p in found.items() if p}


def _powers(number: Mapping[Key, int], m: Any) -> tuple[int, ...]:
    """Return the variables of a product of operators."""
    alphas = [number[FieldKey(mode, False)] for mode, _, q in m.bosons for _ in range(q)]
    betas = [number[FieldKey(mode, True)] for mode, p, _ in m.bosons for _ in range(p)]
    return tuple(sorted(alphas + betas))
