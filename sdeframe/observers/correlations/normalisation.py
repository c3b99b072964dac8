"""What a correlation is divided by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sympy as sp

from sdeframe.symbolic.degrees import degree

G, D0, D1 = MEANS = sp.symbols("G D0 D1")
"""The correlation, and what it is divided by at the start and at the end."""

AMPLITUDES: Final = G / (D0 * sp.sqrt(sp.Abs(D1) / sp.Abs(D0)))
"""g1 = <E(t₀) L(t)> / (<E L>(t₀) √|<E L>(t) / <E L>(t₀)|): no root whose sign would change where <E L> turns."""
OTHERS: Final = G / (D0 * D1)
"""g2 = <E(t₀) L(t)> / (<E>(t₀) <L>(t))."""


def is_amplitude(expression: sp.Expr, variables: Iterable[sp.Symbol]) -> bool:
    """Tell whether an expression is of degree one in the variables, conjugates and parts of them among these."""
    return degree(expression, variables) == 1
