"""Averages over the random symbols of a jump."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.symbolic.symbols import RandomComplexNormal, RandomNormal, RandomSymbol, RandomUniform

__all__ = ["averaged"]


def averaged(expr: Any) -> Any:
    """Return the average of an expression over its random symbols, which are independent.

    Raises
    ------
    ValueError
        If it is not known.
    """
    for symbol in sorted((s for s in expr.free_symbols if isinstance(s, RandomSymbol)), key=lambda s: s.name):
        expr = _over(symbol, expr)
    return expr


def _over(xi: Any, expr: Any) -> Any:
    """Return the average over one random symbol: by moments of a polynomial, else by an integral over real ones."""
    expr = sp.expand(expr)
    generators = (xi, sp.conjugate(xi)) if isinstance(xi, RandomComplexNormal) else (xi,)
    stands = [sp.Dummy() for _ in generators]
    polynomial = expr.xreplace(dict(zip(reversed(generators), reversed(stands), strict=True)))
    if not polynomial.has(xi) and polynomial.is_polynomial(*stands):
        terms = sp.Poly(polynomial, *stands).terms()
        return sp.Add(*[coefficient * _moment(xi, powers) for powers, coefficient in terms])
    u = sp.Dummy(real=True)
    if isinstance(xi, RandomUniform):
        found = sp.integrate(expr.xreplace({xi: u}), (u, 0, 1))
    elif isinstance(xi, RandomNormal):
        density = sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi)
        found = sp.simplify(sp.integrate(expr.xreplace({xi: u}) * density, (u, -sp.oo, sp.oo)))
    else:
        found = None
    if found is None or found.has(sp.Integral, u):
        raise ValueError(f"the average of {expr} over {xi} is not known: take a polynomial in {xi}")
    return found


def _moment(xi: Any, powers: tuple[int, ...]) -> Any:
    """Return `<ξ^n>`, or `<ξ^n ξ*^m>` of a complex one."""
    n = powers[0]
    if isinstance(xi, RandomComplexNormal):
        return sp.factorial(n) if n == powers[1] else sp.S.Zero
    if isinstance(xi, RandomUniform):
        return sp.Rational(1, n + 1)
    return sp.S.Zero if n % 2 else sp.factorial2(n - 1)
