"""A master equation as maps on the elements of the density matrix, for values of its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sympy as sp

from sdeframe.derivation.exact.elements import NOTHING, Basis, Ensemble, Levels, Vector, joint_state
from sdeframe.derivation.exact.functionals import Functional, Placed, Term
from sdeframe.derivation.operators.coefficients import collect, given
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.liouvillian import liouvillian
from sdeframe.derivation.operators.master import Channel, Master
from sdeframe.derivation.operators.modes import Mode
from sdeframe.derivation.operators.monomials import IDENTITY, Monomial
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.starts.initial_values import part_states
from sdeframe.derivation.starts.states import JointState, ModeState
from sdeframe.symbolic.symbols import time
from sdeframe.validators import is_finite, is_real

__all__ = ["Superoperators"]


class Superoperators:
    """The terms of a master equation as maps on basis elements."""

    def __init__(self, master: Master, values: dict[Any, Any], cutoffs: Mapping[str, int]) -> None:
        self.master, self.cutoffs = master, cutoffs
        for p, x in values.items():
            if is_real(x) and not is_finite(x):
                raise ValueError(f"values={{{p}: {x!r}}}: give a finite number")
        self.values = values
        self.keys: list[Any] = []
        parts: list[Levels | Ensemble] = []
        for name, part in master.parts.items():
            if isinstance(part, Mode):
                self.keys.append(name)
                parts.append(Levels(cutoffs[name]))
            elif part.individual:
                self.keys += [(name, mu) for mu in part.numbers]
                parts += [Ensemble(part.levels, 1) for _ in part.numbers]
            else:
                self.keys.append(name)
                parts.append(Ensemble(part.levels, self.number(part)))
        self.basis = Basis(tuple(parts))

    def number(self, e: Emitters) -> int:
        """Return how many identical emitters there are."""
        size = complex(given(e.size, self.values)).real
        if size < 1 or size != int(size):
            raise ValueError(f"{e}: their number is {size:g}; give a whole one of at least 1 in values")
        return int(size)

    def coefficient(self, c: Any) -> Any:
        """Return a coefficient as a complex number, or as an expression in the time."""
        if not c.has(time):
            return complex(given(c, self.values))
        exact = {p: _as_written(x) for p, x in self.values.items()}
        value = given(c, exact)  # exp(−1e7) as a number would be 0 before it is joined with other exponentials
        return value if value.has(time) else complex(value)

    def liouvillian(self) -> Iterator[Term]:
        """Give dρ/dt as terms."""
        yield from self._placed(liouvillian(self.master.H, []))
        for channel in self.master.loss:
            for jump, copies in self._jumps(channel):
                yield from self._placed(liouvillian(Operator({}), [(channel.rate, jump)]), copies)

    def _jumps(self, channel: Channel) -> list[tuple[Operator, int]]:
        """Return the jumps of a channel; of identical emitters one, marked, and how many there are."""
        e = channel.each
        if e is None or not e.individual:
            return [(channel.jump, 1 if e is None else self.number(e))]
        return [
            (Operator(collect((_on(m, e.name, mu), c) for m, c in channel.jump.terms.items()), channel.jump.parts), 1)
            for mu in e.numbers
        ]

    def _placed(self, terms: Any, copies: int = 1) -> Iterator[Term]:
        for c, left, right, _ in terms:
            marked = any(cloud.each for side in (left, right) for _, cloud in side.clouds)
            value = self.coefficient(c if marked else c * copies)
            yield from ((value, maps) for maps in self.maps(left, right))

    def left(self, operator: Operator) -> Iterator[Term]:
        """Give ρ -> Oρ as terms."""
        for m, c in operator.terms.items():
            yield from ((self.coefficient(c), maps) for maps in self.maps(m, IDENTITY))

    def around(self, left: Operator, right: Operator) -> list[Term]:
        """Return ρ -> RρL for the operators left and right of what is averaged later, as terms.

        Raises
        ------
        ValueError
            If an operator holds the time.
        """
        pairs = [(m, n, a * b) for m, a in right.terms.items() for n, b in left.terms.items()]
        terms = [(self.coefficient(c), maps) for m, n, c in pairs for maps in self.maps(m, n)]
        _check_constant(terms, f"{left}, {right}")
        return terms

    def maps(self, left: Monomial, right: Monomial) -> list[Placed]:
        """Return ρ -> XρY as a sum of products of maps of single parts."""
        sides = [
            {mode: (m, n) for mode, m, n in side.bosons}
            | {site: NOTHING._replace(others=(ij,)) for site, ij in side.sites}
            | dict(side.clouds)
            for side in (left, right)
        ]
        found: list[Placed] = [()]
        for k, (key, part) in enumerate(zip(self.keys, self.basis.parts, strict=True)):
            if key in sides[0] or key in sides[1]:
                nothing: Any = (0, 0) if isinstance(part, Levels) else NOTHING
                maps = part.maps(*(side.get(key, nothing) for side in sides))
                found = [(*before, (k, one)) for before in found for one in maps]
        return found

    def start(self, initial: Mapping[Any, Any]) -> Functional:
        """Return the initial state."""
        vectors: list[Vector] = []
        number = {key: k for k, key in enumerate(self.keys)}
        for names, state in part_states(self.master, initial).items():
            if isinstance(state, JointState):
                cutoffs = [self.cutoffs[name] for name in names]
                vector = joint_state(state.matrix(cutoffs, self.values), cutoffs)
                vectors.append((tuple(number[name] for name in names), vector))
                continue
            (name,) = names
            matrices = [state.matrix(self.cutoffs[name], self.values)] if isinstance(state, ModeState) else state
            individual = not isinstance(state, ModeState) and self.master.parts[name].individual
            for mu, rho in enumerate(matrices):
                k = number[(name, mu) if individual else name]
                vectors.append(((k,), self.basis.parts[k].state(rho)))
        return Functional(self.basis, tuple(vectors))

    def trace(self) -> Functional:
        """Return the functional Tr."""
        return Functional(self.basis, tuple(((k,), part.trace) for k, part in enumerate(self.basis.parts)))

    def population(self, mode: str, n: int) -> Functional:
        """Return the functional that gives the probability of n photons in a mode, fewer than its cutoff."""
        parts = enumerate(zip(self.keys, self.basis.parts, strict=True))
        return Functional(
            self.basis,
            tuple(
                ((k,), part.population(n) if key == mode and isinstance(part, Levels) else part.trace)
                for k, (key, part) in parts
            ),
        )

    def watch(self) -> list[Functional]:
        """Return the populations of the highest number state of every mode, then the trace."""
        tops = [self.population(mode.name, self.cutoffs[mode.name] - 1) for mode in self.master.modes]
        return [*tops, self.trace()]

    def average(self, operator: Operator) -> Functional:
        """Return the functional Tr Oρ.

        Raises
        ------
        ValueError
            If the operator holds the time.
        """
        terms = tuple(self.left(operator))
        _check_constant(terms, operator)
        return Functional(self.basis, self.trace().vectors, terms)


def _check_constant(terms: Iterable[Term], operator: Any) -> None:
    if any(isinstance(c, sp.Expr) for c, _ in terms):
        raise ValueError(f"operator {operator}: average operators that do not hold the time")


def _as_written(x: Any) -> Any:
    """Return a floating-point number as the decimal one that it prints as."""
    return sp.Rational(repr(float(x))) if is_finite(x) and not isinstance(x, sp.Rational) else x


def _on(m: Monomial, name: str, mu: int) -> Monomial:
    """Return a monomial with the marked emitter numbered."""
    clouds = dict(m.clouds)
    cloud = clouds.pop(name, NOTHING)
    sites = (*m.sites, ((name, mu), cloud.each)) if cloud.each else m.sites
    return m._replace(sites=tuple(sorted(sites)), clouds=tuple(sorted(clouds.items())))
