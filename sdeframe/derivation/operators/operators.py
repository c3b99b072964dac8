"""Operators of modes and emitters: sums of monomials in normal order, with coefficients in declared parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from numbers import Number
from types import MappingProxyType
from typing import Any

import attrs
import sympy as sp

from sdeframe.caches import cached
from sdeframe.derivation.operators.monomials import IDENTITY, Monomial, product
from sdeframe.derivation.operators.text import operator_latex, operator_text
from sdeframe.symbolic.symbols import Noise, RandomSymbol, StateVariable, complex_variables

__all__ = ["Boson", "Mode", "Operator", "as_operator", "coefficient", "collect", "commutator", "times", "word"]

Terms = Mapping[Monomial, Any]
Parts = Mapping[str, Any]


def coefficient(value: Any) -> Any:
    """Return a number or expression as an exact, expanded coefficient; a float is the decimal number it prints as.

    Raises
    ------
    TypeError
        If it is neither, or holds an operator of another library.
    ValueError
        If it holds a variable or a noise, or is not finite.
    """
    if isinstance(value, bool) or not isinstance(value, (Number, sp.Expr)):
        raise TypeError(f"unknown operator {value!r}: build operators from Boson and Emitters, coefficients from sympy")
    expr = sp.sympify(value)
    if not expr.is_commutative:
        raise TypeError(f"unknown operator in {expr}: build operators from Boson and Emitters")
    if expr.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise ValueError(f"coefficient {expr}: give a finite one")
    wrong = expr.atoms(StateVariable, Noise, RandomSymbol)
    if wrong:
        raise ValueError(
            f"coefficient {expr} holds {min(map(str, wrong))}: only parameters and the time may stand there"
        )
    floats = expr.atoms(sp.Float)
    return sp.expand(expr.xreplace({x: sp.Rational(repr(float(x))) for x in floats}) if floats else expr)


@cached(50_000)
def times(a: Any, b: Any) -> Any:
    """Return ab, expanded; most coefficients are no sums and need no expansion."""
    return sp.expand(a * b) if a.is_Add or b.is_Add else a * b


def collect(pairs: Iterable[tuple[Monomial, Any]]) -> dict[Monomial, Any]:
    """Add up the coefficients of equal monomials and leave out zeros."""
    gathered: dict[Monomial, list[Any]] = {}
    for monomial, c in pairs:
        gathered.setdefault(monomial, []).append(c)
    terms = {monomial: cs[0] if len(cs) == 1 else sp.Add(*cs) for monomial, cs in gathered.items()}
    return {monomial: c for monomial, c in terms.items() if c != 0}


def _frozen(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(mapping))


@attrs.frozen(eq=False, repr=False)
class Operator:
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
            return Operator({m: x for m, b in self.terms.items() if (x := times(b, c)) != 0}, self.parts)
        parts = self._joined(other)
        pairs = [
            (m, k * c)
            for x, a in self.terms.items()
            for y, b in other.terms.items()
            for c in [times(a, b)]
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
        if not isinstance(power, int) or power < 0:
            raise ValueError(f"power {power!r} of an operator: give a whole number")
        return reduce(lambda x, y: x * y, [self] * power, as_operator(1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Operator):
            return NotImplemented
        return not (self - other).terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms))

    def __repr__(self) -> str:
        return operator_text(self)

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {operator_latex(self)}$"

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


def commutator(x: Operator, y: Operator) -> Operator:
    """Return [x, y]."""
    return x * y - y * x


def word(instance: Any, field: Any, name: Any) -> None:
    """Check that a name is a word."""
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"name {name!r}: give a word such as a or rho_1, without blanks")


class Boson(Operator):
    """The annihilation operator of a mode; `dag()` creates.

    Parameters
    ----------
    name
        Name of the mode.
    variables
        Names of the variables of a and a†, given when they differ from `name` and `name + "d"`.

    Raises
    ------
    ValueError
        If a name is not a word.
    """

    def __init__(self, name: str, variables: tuple[str, str] | None = None) -> None:
        mode = Mode(name, variables or (name, f"{name}d"))
        super().__init__({Monomial(((mode.name, 0, 1),)): sp.S.One}, {name: mode})

    @property
    def mode(self) -> Mode:
        """The mode that the operator belongs to."""
        (mode,) = self.parts.values()
        return mode


@attrs.frozen
class Mode:
    """A mode: its name and those of its variables α and α†."""

    name: str = attrs.field(validator=word)
    names: tuple[str, str] = attrs.field(
        validator=attrs.validators.deep_iterable(member_validator=word, iterable_validator=attrs.validators.max_len(2))
    )

    @property
    def variables(self) -> tuple[Any, Any]:
        """The variables (α, α†)."""
        return complex_variables(" ".join(self.names))

    def __str__(self) -> str:
        return f"the mode {self.name}"
