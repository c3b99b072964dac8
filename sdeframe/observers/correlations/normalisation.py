"""What a correlation is divided by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sympy as sp

G, D0, D1 = MEANS = sp.symbols("G D0 D1")
"""The correlation, and what it is divided by at the start and at the end."""

AMPLITUDES: Final = G / (D0 * sp.sqrt(D1 / D0))
"""g1 = <E(t₀) L(t)> / √(<E L>(t₀) <E L>(t)), the root that is <E L>(t₀) at delay 0."""
OTHERS: Final = G / (D0 * D1)
"""g2 = <E(t₀) L(t)> / (<E>(t₀) <L>(t))."""


def is_amplitude(expression: sp.Expr, variables: Iterable[sp.Symbol]) -> bool:
    """Tell whether an expression is of degree one in the variables, conjugates and parts of them among these."""
    known = set(variables)
    parts = {f: sp.Dummy() for f in expression.atoms(sp.conjugate, sp.re, sp.im) if f.args[0] in known}
    generators: list[Any] = [*known, *parts.values()]
    found = expression.xreplace(parts).as_poly(*generators)
    return found is not None and found.total_degree() == 1
