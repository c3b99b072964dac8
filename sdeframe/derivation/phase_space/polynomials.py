"""Polynomials in the variables of a system: a sorted tuple of variable numbers, repeated for powers -> coefficient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.coefficients import product_of, root_of

__all__ = [
    "Poly",
    "Powers",
    "add_up",
    "divided",
    "expression",
    "factored",
    "multiply",
    "over",
    "renamed",
    "scaled",
    "slope",
    "square_root",
]

Powers = tuple[int, ...]
Poly = Mapping[Powers, Any]


def add_up(*polynomials: Poly) -> dict[Powers, Any]:
    """Return the sum, with expanded coefficients, zeros left out."""
    gathered: dict[Powers, list[Any]] = {}
    for p in polynomials:
        for powers, c in p.items():
            gathered.setdefault(powers, []).append(c)
    found = {k: cs[0] if len(cs) == 1 else _sum(cs) for k, cs in gathered.items()}
    return {k: c for k, c in found.items() if c != 0}


def _sum(terms: Iterable[Any]) -> Any:
    total = sp.Add(*terms)
    return sp.expand(total) if total.is_Add else total


def scaled(p: Poly, factor: Any) -> dict[Powers, Any]:
    """Return factor·p."""
    if factor == 1:
        return dict(p)
    return {k: x for k, c in p.items() if (x := product_of(c, factor)) != 0}


def over(p: Poly, c: Any) -> dict[Powers, Any]:
    """Return p/c."""
    return {k: sp.expand(b / c) for k, b in p.items()}


def multiply(p: Poly, q: Poly) -> dict[Powers, Any]:
    """Return pq."""
    return add_up(*({tuple(sorted((*j, *k))): product_of(a, b)} for j, a in p.items() for k, b in q.items()))


def slope(p: Poly, i: int) -> dict[Powers, Any]:
    """Return ∂p/∂x_i."""
    found = {}
    for powers, c in p.items():
        if i in powers:
            found[_without(powers, i)] = c * powers.count(i)
    return found


def renamed(p: Poly, change: Callable[[int], int]) -> dict[Powers, Any]:
    """Return p with other numbers for the variables; variables may become the same."""
    return add_up(*({tuple(sorted(map(change, k))): c} for k, c in p.items()))


def expression(p: Poly, variables: Sequence[Any]) -> Any:
    """Return p as a sympy expression, in the manner of Horner: it is shorter to read and quicker to evaluate."""
    count = Counter(v for k in p for v in set(k))
    often = min(count, key=lambda v: (-count[v], v), default=-1)
    if count[often] < 2:
        return factored((c, sp.Mul(*[variables[v] for v in k]), len(k)) for k, c in p.items())
    inside = {_without(k, often): c for k, c in p.items() if often in k}
    outside = {k: c for k, c in p.items() if often not in k}
    return variables[often] * expression(inside, variables) + expression(outside, variables)


def _without(powers: Powers, v: int) -> Powers:
    k = powers.index(v)
    return powers[:k] + powers[k + 1 :]


def factored(terms: Iterable[tuple[Any, Any, int]]) -> Any:
    """Return Σ c·x of terms (c, x, degree), with a common coefficient in front of those that differ by a rational."""
    groups: list[list[tuple[Any, Any, int]]] = []
    for term in terms:
        home = next((group for group in groups if (term[0] / group[0][0]).is_Rational), None)
        if home is None:
            groups.append([term])
        else:
            home.append(term)
    return sp.Add(*[_group(group) for group in groups])


def _group(terms: list[tuple[Any, Any, int]]) -> Any:
    """Return unit·Σ r·x: the highest term has a positive r; among equals r is mostly positive, or the unit."""
    c, x, _ = terms[0]
    if len(terms) == 1:
        return c * x
    ratios = [b / c for b, _, _ in terms]
    unit = sp.gcd_list(ratios)
    lead = max(degree for _, _, degree in terms)
    signs = [sp.sign(r) for r, (_, _, degree) in zip(ratios, terms, strict=True) if degree == lead]
    if sum(signs) < 0 or (sum(signs) == 0 and (c * unit).could_extract_minus_sign()):
        unit = -unit
    return c * unit * sp.Add(*[r / unit * y for r, (_, y, _) in zip(ratios, terms, strict=True)])


def divided(p: Poly, monomial: Poly) -> dict[Powers, Any] | None:
    """Return p over a polynomial of one term, None where that is no polynomial."""
    ((powers, c),) = monomial.items()
    found = {}
    for k, b in p.items():
        left = list(k)
        for v in powers:
            if v not in left:
                return None
            left.remove(v)
        found[tuple(left)] = sp.expand(sp.radsimp(b / c))
    return found


def square_root(p: Poly) -> dict[Powers, Any] | None:
    """Return the root of a polynomial of one term with even powers, None for any other."""
    if len(p) != 1:
        return None
    ((powers, c),) = p.items()
    half = powers[::2]
    return {half: root_of(c)} if tuple(sorted(half * 2)) == powers else None
