"""A master equation as terms X ρ Y."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product as pairs
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.coefficients import product_of
from sdeframe.derivation.operators.monomials import IDENTITY, Monomial, product
from sdeframe.derivation.operators.operators import Operator

__all__ = ["Origin", "Term", "liouvillian"]

Origin = Monomial | Operator
"""A term of H, or the L of a loss."""
Term = tuple[Any, Monomial, Monomial, Origin]
"""(c, X, Y, origin) for c·XρY."""


def liouvillian(H: Operator, channels: Sequence[tuple[Any, Operator]]) -> Iterator[Term]:
    """Give dρ/dt as terms c·XρY with the term of H or the L that each came from, for channels (rate, L)."""
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
