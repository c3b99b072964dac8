"""How fast variables diverge at movable poles, told by the degrees of a drift.

Where x_i ~ c_i z^(−w_i), z = t − t_s, no monomial of the drift may grow faster than the left side of its equation,

    w_i + 1 ≥ m·w    for every monomial x^m of f_i,

and one must keep up wherever w_i > 0. The largest such w belongs to the strongest poles that the equations allow
(Kovalevskaya; Ablowitz, Ramani and Segur 1980).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe.growth.balances import Terms, is_met
from sdeframe.symbolic.system import SDE

CAP: Final = 8
"""Weights at this limit are those of linear equations, which have no movable poles."""
CLOSE: Final = 1e-9
"""What a sum of weights may be off by."""

Monomials = tuple[tuple[int, ...], ...]
Weights = tuple[Fraction, ...]


@attrs.frozen
class Growth:
    """Degrees of growth of a system's variables."""

    variables: tuple[sp.Expr, ...]
    """The variables of the system, then the conjugates of those that stand in a drift with their conjugates."""
    weights: Weights
    """w_i, by variable; 0 of what stays finite, or follows without poles of its own."""
    charges: tuple[tuple[Fraction, ...], ...]
    """Directions u in which x_i → λ^(u_i) x_i changes nothing at a pole: what is charged wanders along them."""
    groups: tuple[tuple[int, ...], ...]
    """Numbers of variables that diverge together."""
    kept: tuple[Terms, ...]
    """Of every variable the monomials of its drift that keep up."""

    @property
    def met(self) -> bool:
        """Whether poles of these weights are there and met from everywhere nearby; it is computed anew each time."""
        return bool(self.groups) and is_met(self.kept, self.weights, self.charges)

    @property
    def even_weights(self) -> tuple[float, ...]:
        """Weights along no charge: of the many choices that charges leave, the one closest to 0."""
        w = np.array([float(w) for w in self.weights])
        if self.charges:
            across = np.array(self.charges, dtype=float).T
            w = w - across @ np.linalg.lstsq(across, w, rcond=None)[0]
        return tuple(w.tolist())

    def weight(self, monomial: Mapping[int, int]) -> Fraction:
        """Return w of a product of powers of variables."""
        return sum((n * self.weights[i] for i, n in monomial.items()), Fraction(0))

    def neutral(self, monomial: Mapping[int, int]) -> bool:
        """Return whether a product of powers of variables has no charge."""
        return all(sum(n * u[i] for i, n in monomial.items()) == 0 for u in self.charges)


def growth(sde: SDE, values: Mapping[sp.Symbol, float]) -> Growth | None:
    """Return the degrees of growth of a polynomial drift at some values of parameters; None of any other."""
    drifts, conjugates = _equations(sde, values)
    variables = tuple(drifts)
    polynomials = [f.as_poly(*variables) for f in drifts.values()]
    if any(p is None for p in polynomials):
        return None
    terms = [tuple(m for m, c in p.terms() if c != 0) for p in polynomials]
    weights, groups = [Fraction(0)] * len(variables), list[tuple[int, ...]]()
    for group in _components(terms):
        for i, w in zip(group, _group_weights(terms, weights, group), strict=True):
            weights[i] = w
        grown = tuple(i for i in group if weights[i] > 0)
        if grown:
            groups.append(grown)
    found = tuple(weights)
    kept = tuple(
        tuple((m, c) for m, c in p.terms() if c != 0 and _dot(m, found) == w + 1) if w else ()
        for p, w in zip(polynomials, found, strict=True)
    )
    own = tuple(conjugates.get(x, x) for x in variables)
    return Growth(own, found, _charges([tuple(m for m, _ in of) for of in kept]), tuple(groups), kept)


def _equations(
    sde: SDE, values: Mapping[sp.Symbol, float]
) -> tuple[dict[sp.Symbol, sp.Expr], dict[sp.Symbol, sp.Expr]]:
    """Return drifts in which conjugates are variables of their own, and these with what they stand for."""
    known = {s: sp.Float(v) for s, v in values.items()}
    drifts = {x: sde.drift[x].subs(known) for x in sde.variables.values()}
    parts = {p for f in drifts.values() for p in f.atoms(sp.conjugate, sp.re, sp.im)}
    twins = {x: sp.Dummy() for x in drifts} if parts else {}
    written: dict[Any, Any] = {sp.conjugate(x): y for x, y in twins.items()}
    written |= {sp.re(x): (x + y) / 2 for x, y in twins.items()}
    written |= {sp.im(x): (x - y) / (2 * sp.I) for x, y in twins.items()}
    own = {x: sp.expand(f.xreplace(written)) for x, f in drifts.items()}
    others = {y: sp.expand(sp.conjugate(drifts[x]).xreplace(written)) for x, y in twins.items()}
    return own | others, {y: sp.conjugate(x) for x, y in twins.items()}


def _dot(monomial: Sequence[int], weights: Sequence[Fraction]) -> Fraction:
    return sum((n * w for n, w in zip(monomial, weights, strict=True) if n), Fraction(0))


def _components(terms: Sequence[Monomials]) -> list[list[int]]:
    """Return which variables drive each other, what drives others first."""
    edges = [(i, j) for i, of in enumerate(terms) for j in range(len(terms)) if any(m[j] for m in of)]
    found: list[list[int]] = sp.utilities.iterables.strongly_connected_components((range(len(terms)), edges))
    return [sorted(component) for component in found]


def _group_weights(terms: Sequence[Monomials], known: Sequence[Fraction], group: Sequence[int]) -> list[Fraction]:
    """Return the largest weights that the equations of a group allow, what drives it being known."""
    weights = list(known)
    for i, w in zip(group, _largest(terms, known, group), strict=True):
        weights[i] = w
    while True:  # what no monomial keeps up with falls, to where one does
        fallen = list(weights)
        for i in group:
            fallen[i] = max([Fraction(0), *(_dot(m, weights) - 1 for m in terms[i])])
        if fallen == weights:
            return [weights[i] if weights[i] < CAP else Fraction(0) for i in group]
        weights = fallen


def _largest(terms: Sequence[Monomials], known: Sequence[Fraction], group: Sequence[int]) -> list[Fraction]:
    """Return the middle of the largest weights within w_i + 1 ≥ m·w, 0 ≤ w_i ≤ CAP."""
    from scipy.optimize import linprog

    rows, limits = [], []
    for i in group:
        for m in terms[i]:
            row = [float(m[j]) - (i == j) for j in group]
            if max(row) > 0:
                rows.append(row)
                limits.append(1.0 - float(sum((m[j] * known[j] for j in range(len(m)) if j not in group), Fraction(0))))
    if not rows:
        return [Fraction(CAP)] * len(group)
    size = len(group)
    together = linprog(-np.ones(size), rows, limits, bounds=(0, CAP))
    if together.status != 0:
        return [Fraction(0)] * size
    enough: tuple[Any, Any] = ([*rows, [-1.0] * size], [*limits, float(together.fun or 0.0) + CLOSE])
    ends = np.array([linprog(-unit, *enough, bounds=(0, CAP)).x for unit in np.eye(size)], dtype=float)
    return [Fraction(float(w)).limit_denominator(24) for w in ends.mean(axis=0)]


def _charges(leading: Sequence[Monomials]) -> tuple[tuple[Fraction, ...], ...]:
    """Return the directions u with u_i = m·u for every monomial that keeps up."""
    rows = [[n - (i == j) for j, n in enumerate(m)] for i, of in enumerate(leading) for m in of]
    if not rows:
        return ()
    return tuple(tuple(Fraction(int(v.p), int(v.q)) for v in u) for u in sp.Matrix(rows).nullspace())
