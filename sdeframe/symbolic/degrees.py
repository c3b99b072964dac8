"""Degrees of expressions in variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

__all__ = ["degree"]


def degree(expression: sp.Expr, variables: Iterable[sp.Symbol]) -> int | None:
    """Return the degree of a polynomial in variables and their conjugates and parts; None of what is none."""
    known = set(variables)
    parts = {f: sp.Dummy() for f in expression.atoms(sp.conjugate, sp.re, sp.im) if f.args[0] in known}
    generators: list[Any] = [*known, *parts.values()]
    found = expression.xreplace(parts).as_poly(*generators)
    return None if found is None else int(found.total_degree())
