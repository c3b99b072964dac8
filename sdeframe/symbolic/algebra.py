"""What the algebra of systems needs of expressions: a tidy form, equality, noise coefficients."""

from __future__ import annotations

import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import sympy as sp
from sympy.core.relational import Relational

from sdeframe.caches import cached
from sdeframe.symbolic.signs import never_negative
from sdeframe.symbolic.symbols import Noise
from sdeframe.symbolic.wirtinger import wirtinger

__all__ = ["equal", "noise_coefficients", "noises_in", "tidy"]

CLEARLY_DIFFERENT: Final = 1e-9
EXACT_ZERO: Final = 1e-40
"""What cancels exactly is evaluated to less: sympy takes up to 100 digits for the terms of a sum."""
POINTS: Final = 24


def tidy(expr: Any) -> Any:
    """Expand an expression, with conj(sqrt(r))^2 = conj(r) and real roots, which sympy does not do by itself."""
    return sp.expand(_reduce_conjugate_roots(sp.expand(_split_conjugate_powers(_real_roots(expr)))))


def _real_roots(expr: Any) -> Any:
    """Write conj(r^p) as r^p where r is never negative, such as 1 + cos(t)."""
    return expr.replace(
        lambda e: (
            isinstance(e, sp.conjugate)
            and e.args[0].is_Pow
            and e.args[0].exp.is_real
            and never_negative(e.args[0].base)
        ),
        lambda e: e.args[0],
    )


def _split_conjugate_powers(expr: Any) -> Any:
    """Write conj(b^(p/q)) as conj(b^(1/q))^p, so that powers of one root meet."""
    return expr.replace(
        lambda e: isinstance(e, sp.conjugate) and e.args[0].is_Pow and e.args[0].exp.is_Rational,
        lambda e: sp.conjugate(e.args[0].base ** sp.Rational(1, e.args[0].exp.q)) ** e.args[0].exp.p,
    )


def _reduce_conjugate_roots(expr: Any) -> Any:
    """Write conj(b^(1/q))^n with its whole powers as powers of conj(b)."""

    def reduced(power: Any) -> Any:
        root, n = power.args
        base, q = root.args[0].base, root.args[0].exp.q
        return sp.conjugate(base) ** (n // q) * root ** (n % q)

    return expr.replace(
        lambda e: (
            e.is_Pow
            and e.exp.is_Integer
            and isinstance(e.base, sp.conjugate)
            and e.base.args[0].is_Pow
            and e.base.args[0].exp.is_Rational
        ),
        reduced,
    )


def equal(a: Any, b: Any) -> bool:
    """Tell whether two expressions are the same function.

    They are evaluated at one point first, which costs little where expanding takes long, and then expanded, which
    decides nearly always. What still differs is evaluated at some points, from small to large, and only if the values
    agree expanded in real and imaginary parts and simplified. Expressions with floating-point numbers, whose rounding
    no proof survives, are equal when their values at these points are, to 1e-9.
    """
    if a == b:
        return True
    if _differ_at(a, b, seed=0):
        return False
    if _canonical(_exact(a - b)) == 0:
        return True
    if any(_differ_at(a, b, seed) for seed in range(1, POINTS)):
        return False
    return bool((a - b).has(sp.Float)) or _real_form(a - b) == 0 or sp.simplify(_canonical(a - b)) == 0


def _exact(expr: Any) -> Any:
    """Write floating-point numbers as the fractions that they are."""
    return expr.xreplace({number: sp.Rational(number) for number in expr.atoms(sp.Float)})


def _canonical(expr: Any) -> Any:
    """Expand with re, im, Abs and sign of complex numbers in terms of conjugates."""

    def of_complex(function: Any) -> Any:
        return lambda e: isinstance(e, function) and not e.args[0].is_real

    expr = expr.replace(sp.re, lambda a: (a + sp.conjugate(a)) / 2)
    expr = expr.replace(sp.im, lambda a: (a - sp.conjugate(a)) / (2 * sp.I))
    expr = expr.replace(of_complex(sp.sign), lambda e: e.args[0] / _modulus(e.args[0]))
    return tidy(expr.replace(of_complex(sp.Abs), lambda e: _modulus(e.args[0])))


def _modulus(a: Any) -> Any:
    """Write |a| as |√a|², the form in which noises of the size √a correlate."""
    return sp.sqrt(a) * sp.conjugate(sp.sqrt(a))


def _real_form(expr: Any) -> Any:
    """Expand with z = x + iy, which shows sympy that z z* under a root is no negative number."""
    parts = {z: sp.Dummy(real=True) + sp.I * sp.Dummy(real=True) for z in expr.free_symbols if not z.is_real}
    return sp.expand(expr.xreplace(parts))


def _differ_at(a: Any, b: Any, seed: int) -> bool:
    draw = random.Random(seed)
    symbols = sorted(a.free_symbols | b.free_symbols, key=lambda s: s.name)
    point = {s: _sample(s, draw) * sp.Integer(10) ** draw.randint(-2, 2) for s in symbols}
    at_a, at_b = (sp.N(expr.xreplace(point), 20) for expr in (a, b))
    if not all(value.is_number and value.is_finite for value in (at_a, at_b)):
        return False
    at_a, at_b = complex(at_a), complex(at_b)
    return abs(at_a - at_b) > max(CLEARLY_DIFFERENT * (abs(at_a) + abs(at_b)), EXACT_ZERO)


def _sample(symbol: Any, draw: random.Random) -> Any:
    """Draw an exact number that the symbol may stand for."""
    x, y = (sp.Rational(draw.choice((-1, 1)) * draw.randint(100, 2000), 1009) for _ in range(2))
    if symbol.is_nonnegative:
        return abs(x)
    return x if symbol.is_real else x + sp.I * y


def noises_in(expr: Any) -> tuple[Noise, ...]:
    """Return the noise symbols of an expression, by name."""
    return tuple(sorted(expr.atoms(Noise), key=lambda n: n.name))


@cached(20_000)
def noise_coefficients(expr: Any) -> Mapping[Any, Any]:
    """Return the coefficient of every noise and conjugate noise of an expression linear in them, zeros left out.

    Raises
    ------
    ValueError
        If the expression is not linear in the noises and their conjugates.
    """
    if any(step.has(Noise) for step in expr.atoms(sp.sign, Relational)):  # their derivative does not show it
        raise ValueError(f"{expr} is not linear in the noises: write it as a sum of coefficient*noise")
    coefficients: dict[Any, Any] = {}
    for noise in noises_in(expr):
        for unit in dict.fromkeys((noise, sp.conjugate(noise))):
            coefficient = wirtinger(expr, unit)
            if coefficient.has(Noise):
                coefficient = tidy(coefficient)
            if coefficient.has(Noise):
                raise ValueError(f"{expr} is not linear in {noise}: write it as a sum of coefficient*noise")
            coefficients[unit] = coefficient
    without = expr.xreplace(dict.fromkeys(noises_in(expr), sp.S.Zero))
    if not equal(without, sp.S.Zero):
        raise ValueError(f"{without} in {expr} has no noise: put it in the drift")
    return MappingProxyType({unit: c for unit, c in coefficients.items() if c != 0})
