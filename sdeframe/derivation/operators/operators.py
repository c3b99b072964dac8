"""Operators: sums of monomials in normal order, with coefficients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Final

import attrs
import sympy as sp

from sdeframe.derivation.operators.coefficients import coefficient, collect, product_of
from sdeframe.derivation.operators.monomials import IDENTITY, Monomial, product
from sdeframe.derivation.operators.text import operator_latex, operator_text
from sdeframe.symbolic.averages import Operand
from sdeframe.validators import is_whole, shown

__all__ = ["Operator", "as_operator", "commutator", "named_operators"]

Terms = Mapping[Monomial, Any]
Parts = Mapping[str, Any]

LARGEST_POWER: Final = 1000


def _frozen(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(mapping))


@attrs.frozen(eq=False, repr=False)
class Operator(Operand):
    """A sum of operator monomials; add, multiply and raise it to whole powers, `dag()` is the Hermitian conjugate.

    Parameters
    ----------
    terms
        Coefficient of every monomial in normal order.
    parts
        The modes and emitters that it is made of, by name.
    """

    terms: Terms = attrs.field(converter=_frozen)
    parts: Parts = attrs.field(factory=dict, converter=_frozen)

    __array_ufunc__ = None  # numpy's numbers leave the product to us

    @property
    def written(self) -> tuple[Any, ...]:
        """The terms and parts in the order in which they were written."""
        return tuple(self.terms.items()), tuple(self.parts.items())

    def __getstate__(self) -> tuple[dict[Monomial, Any], dict[str, Any]]:
        return dict(self.terms), dict(self.parts)

    def __setstate__(self, state: tuple[dict[Monomial, Any], dict[str, Any]]) -> None:
        object.__setattr__(self, "terms", _frozen(state[0]))
        object.__setattr__(self, "parts", _frozen(state[1]))

    def dag(self) -> Operator:
        """Return the Hermitian conjugate."""
        return Operator({m.dag(): sp.expand(sp.conjugate(c)) for m, c in self.terms.items()}, self.parts)

    def _joined(self, other: Operator) -> dict[str, Any]:
        for name in self.parts.keys() & other.parts.keys():
            if self.parts[name] != other.parts[name]:
                raise ValueError(f"two different things are called {name}: {self.parts[name]} and {other.parts[name]}")
        return {**self.parts, **other.parts}

    def __add__(self, other: Any) -> Operator:
        other = as_operator(other)
        return Operator(collect([*self.terms.items(), *other.terms.items()]), self._joined(other))

    __radd__ = __add__

    def __neg__(self) -> Operator:
        return Operator({m: -c for m, c in self.terms.items()}, self.parts)

    def __sub__(self, other: Any) -> Operator:
        return self + -as_operator(other)

    def __rsub__(self, other: Any) -> Operator:
        return as_operator(other) + -self

    def __mul__(self, other: Any) -> Operator:
        if not isinstance(other, Operator):
            c = coefficient(other)
            return Operator({m: x for m, b in self.terms.items() if (x := product_of(b, c)) != 0}, self.parts)
        parts = self._joined(other)
        pairs = [
            (m, k * c)
            for x, a in self.terms.items()
            for y, b in other.terms.items()
            for c in [product_of(a, b)]
            for m, k in product(x, y)
        ]
        for m, _ in pairs:
            _check_emitters(m)
        return Operator(collect(pairs), parts)

    def __rmul__(self, other: Any) -> Operator:
        return self * other

    def __truediv__(self, other: Any) -> Operator:
        return self * (1 / coefficient(other))

    def __pow__(self, power: int) -> Operator:
        if not is_whole(power) or not 0 <= power <= LARGEST_POWER:
            raise ValueError(f"power {shown(power)} of an operator: give a whole number, 0 to {LARGEST_POWER}")
        return reduce(lambda x, y: x * y, [self] * power, as_operator(1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Operator):
            return NotImplemented
        return not (self - other).terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms))

    def __repr__(self) -> str:
        return operator_text(self.terms)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {operator_latex(self.terms)}$"

    def map(self, change: Callable[[Any], Any]) -> Operator:
        """Return the operator with every coefficient changed."""
        return Operator(collect((m, change(c)) for m, c in self.terms.items()), self.parts)


def _check_emitters(m: Monomial) -> None:
    """Refuse products whose meaning is open: one emitter by number and one that stands for each of them."""
    numbered = {name for (name, _), _ in m.sites}
    for name, cloud in m.clouds:
        if name in numbered:
            raise ValueError(
                f"each and on of {name} in one product: write the loss of every emitter of {name} by itself"
            )
        if cloud.each and sum(c.each is not None for _, c in m.clouds) > 1:
            raise ValueError(
                f"each of {name} and of other emitters in one product: a channel has one emitter that it is for"
            )


def as_operator(value: Any) -> Operator:
    """Return a number or expression as a multiple of the identity."""
    if isinstance(value, Operator):
        return value
    c = coefficient(value)
    return Operator({} if c == 0 else {IDENTITY: c})


def named_operators(operators: Any) -> dict[str, Operator]:
    """Return operators by name, or raise TypeError where they are something else."""
    if not isinstance(operators, Mapping) or not all(isinstance(name, str) for name in operators):
        raise TypeError(f'operators={shown(operators)}: give them by name, such as {{"photon_number": a.dag() * a}}')
    return {name: as_operator(x) for name, x in operators.items()}


def commutator(x: Operator, y: Operator) -> Operator:
    """Return [x, y]."""
    x, y = as_operator(x), as_operator(y)
    return x * y - y * x
