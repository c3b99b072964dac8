"""Coefficients of operators: exact, expanded expressions in declared parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Number
from types import MethodType
from typing import Any, Final

import sympy as sp

from sdeframe.caches import cached
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.symbolic.functions import check_functions
from sdeframe.symbolic.symbols import Carried, Noise, RandomSymbol, StateVariable, time
from sdeframe.validators import shown

__all__ = ["coefficient", "collect", "given", "product_of", "root_of", "split_phase"]

LARGEST: Final = sp.Integer(10) ** 300


def coefficient(value: Any) -> Any:
    """Return a number or expression as an exact, expanded coefficient; a float is the decimal number it prints as.

    Raises
    ------
    TypeError
        If it is neither, or holds an operator of another library.
    ValueError
        If it holds a variable, a noise or a function that is not supported, or is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, (Number, sp.Expr)):
        called = f", or call it, as in {value.__name__}()" if isinstance(value, MethodType) else ""
        raise TypeError(
            f"unknown operator {shown(value)}: build operators from Boson and Emitters, coefficients from sympy{called}"
        )
    expr = sp.sympify(value)
    if not expr.is_commutative:
        raise TypeError(f"unknown operator in {expr}: build operators from Boson and Emitters")
    if expr.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise ValueError(f"coefficient {expr}: give a finite one")
    if expr.is_Rational and abs(expr) > LARGEST:
        raise ValueError(f"coefficient {shown(expr)}: give one that a float can hold, below 1e300")
    wrong = {s for s in expr.atoms(StateVariable, Noise) if not isinstance(s, Carried)}
    if wrong:
        raise ValueError(
            f"coefficient {expr} holds {min(map(str, wrong))}: only parameters and the time may stand there, random "
            f"numbers, and noise made by sdeframe.drives"
        )
    check_functions(expr, f"coefficient {expr}")
    floats = expr.atoms(sp.Float)
    return sp.expand(expr.xreplace({x: sp.Rational(repr(float(x))) for x in floats}) if floats else expr)


def given(c: Any, values: Mapping[Any, Any]) -> Any:
    """Return a coefficient with the values of its parameters; it may still hold the time.

    Raises
    ------
    ValueError
        If a parameter has no value.
    """
    value = c.subs(values)
    drawn = sorted(s.name for s in value.atoms(RandomSymbol, Carried))
    if drawn:
        raise ValueError(
            f"{drawn[0]} in the coefficient {c} is random: a density matrix is solved for numbers; average over such "
            f"solutions, with parameters in the place of random numbers"
        )
    unknown = sorted(s.name for s in value.free_symbols - {time})
    if unknown:
        raise ValueError(f"parameter {unknown[0]} has no value: give one, such as values={{{unknown[0]}: 1.0}}")
    return value


@cached(50_000)
def product_of(a: Any, b: Any) -> Any:
    """Return ab, expanded; most coefficients are no sums and need no expansion."""
    return sp.expand(a * b) if a.is_Add or b.is_Add else a * b


def collect(pairs: Iterable[tuple[Monomial, Any]]) -> dict[Monomial, Any]:
    """Add up the coefficients of equal monomials and leave out zeros."""
    gathered: dict[Monomial, list[Any]] = {}
    for monomial, c in pairs:
        gathered.setdefault(monomial, []).append(c)
    terms = {monomial: cs[0] if len(cs) == 1 else sp.Add(*cs) for monomial, cs in gathered.items()}
    return {monomial: c for monomial, c in terms.items() if c != 0}


def split_phase(c: Any) -> tuple[Any, Any]:
    """Return (phase, size) with c = phase·size, where the size is known to be positive; else (c, 1)."""
    for phase in (sp.S.One, -sp.S.One, sp.I, -sp.I):
        size = sp.expand(c / phase)
        if size.is_positive:
            return phase, size
    return c, sp.S.One


def root_of(c: Any) -> Any:
    """Return √c, with the roots of ±i written out."""
    phase, size = split_phase(c)
    roots = {sp.S.One: sp.S.One, -sp.S.One: sp.I, sp.I: (1 + sp.I) / sp.sqrt(2), -sp.I: (1 - sp.I) / sp.sqrt(2)}
    return roots[phase] * sp.sqrt(size) if phase in roots else sp.sqrt(c)
