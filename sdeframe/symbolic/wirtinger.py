"""Derivatives of non-analytic functions: a complex number and its conjugate as two independent coordinates."""

from __future__ import annotations

from typing import Any, Final

import sympy as sp
from sympy.functions.elementary.hyperbolic import HyperbolicFunction, InverseHyperbolicFunction
from sympy.functions.elementary.trigonometric import InverseTrigonometricFunction, TrigonometricFunction

from sdeframe.caches import cached
from sdeframe.symbolic.drives.table import Sampled

__all__ = ["wirtinger"]

ANALYTIC: Final = (
    sp.exp, sp.log, TrigonometricFunction, InverseTrigonometricFunction, HyperbolicFunction, InverseHyperbolicFunction,
)  # fmt: skip
"""Functions that do not depend on the conjugate of their argument (away from cuts)."""


@cached(20_000)
def wirtinger(expr: Any, coordinate: Any) -> Any:
    """Differentiate an expression by z with conj(z) held fixed, or by conj(z) with z held fixed.

    With z = x + iy these are ∂ = (∂x - i∂y)/2 and ∂̄ = (∂x + i∂y)/2; a real symbol has the ordinary derivative. Right
    for conjugate, re, im, Abs, sign, arg, Min, Max, Piecewise (inside its pieces), powers and analytic functions of
    anything. Sympy's own `diff` is not: it leaves d conj(z)/dz as a derivative.

    Parameters
    ----------
    expr
        The expression.
    coordinate
        A symbol z, or `conjugate(z)`.

    Raises
    ------
    ValueError
        If the coordinate is neither, or the expression holds a function whose derivative is not known, named.
    """
    symbol = coordinate.args[0] if isinstance(coordinate, sp.conjugate) else coordinate
    if not symbol.is_Symbol:
        raise ValueError(f"cannot differentiate by {coordinate}: give a symbol or the conjugate of one")
    if symbol not in expr.free_symbols:
        return sp.S.Zero
    if expr.is_Symbol:
        return sp.S.One if expr == coordinate else sp.S.Zero
    if expr.is_Add:
        return sp.Add(*[wirtinger(term, coordinate) for term in expr.args])
    if expr.is_Mul:
        return _product(expr, coordinate)
    if expr.is_Pow:
        return _power(expr, coordinate)
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*[(wirtinger(piece, coordinate), where) for piece, where in expr.args])
    if isinstance(expr, (sp.Max, sp.Min)):
        return _extremum(expr, coordinate)
    if isinstance(expr, sp.atan2):
        y, x = expr.args
        return (x * wirtinger(y, coordinate) - y * wirtinger(x, coordinate)) / (x**2 + y**2)
    if isinstance(expr, Sampled):
        return expr.fdiff(2) * wirtinger(expr.at, coordinate)
    if isinstance(expr, ANALYTIC) and len(expr.args) == 1:
        return expr.fdiff() * wirtinger(expr.args[0], coordinate)
    return _non_analytic(expr, coordinate)


def _product(expr: Any, coordinate: Any) -> Any:
    return sp.Add(
        *[
            sp.Mul(*expr.args[:k], wirtinger(factor, coordinate), *expr.args[k + 1 :])
            for k, factor in enumerate(expr.args)
        ]
    )


def _power(expr: Any, coordinate: Any) -> Any:
    base, exponent = expr.args
    if isinstance(base, sp.Abs) and exponent.is_even:  # |a|^2 is smooth where |a| is not
        a = base.args[0]
        return wirtinger((a * sp.conjugate(a)) ** (exponent / 2), coordinate)
    by_base = exponent * base ** (exponent - 1) * wirtinger(base, coordinate)
    slope = wirtinger(exponent, coordinate)
    return by_base if slope == 0 else by_base + expr * sp.log(base) * slope


def _extremum(expr: Any, coordinate: Any) -> Any:
    wins = sp.Ge if isinstance(expr, sp.Max) else sp.Le
    first, rest = expr.args[0], expr.func(*expr.args[1:])
    return sp.Piecewise((wirtinger(first, coordinate), wins(first, rest)), (wirtinger(rest, coordinate), True))


def _non_analytic(expr: Any, coordinate: Any) -> Any:
    """Differentiate f(a, a*) by ∂a and ∂(a*) = (∂̄a)*."""
    a = expr.args[0]
    da = wirtinger(a, coordinate)
    da_conjugate = sp.conjugate(wirtinger(a, sp.conjugate(coordinate)))
    if isinstance(expr, sp.conjugate):
        return da_conjugate
    if isinstance(expr, sp.re):
        return (da + da_conjugate) / 2
    if isinstance(expr, sp.im):
        return (da - da_conjugate) / (2 * sp.I)
    if isinstance(expr, sp.arg):
        return (da / a - da_conjugate / sp.conjugate(a)) / (2 * sp.I)
    if isinstance(expr, sp.Abs):
        return (sp.conjugate(sp.sign(a)) * da + sp.sign(a) * da_conjugate) / 2
    if isinstance(expr, sp.sign):  # a/a* is sign(a)^2, which sympy takes for 1 where it knows that a is not 0
        return sp.S.Zero if a.is_real else (da - a / sp.conjugate(a) * da_conjugate) / (2 * sp.Abs(a))
    raise ValueError(f"the derivative of {expr.func.__name__} in {expr} is not known: rewrite it in other functions")
