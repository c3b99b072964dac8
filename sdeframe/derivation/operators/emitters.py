"""Emitters, such as atoms, with any number of levels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation.operators.coefficients import coefficient, collect
from sdeframe.derivation.operators.monomials import Cloud, Monomial, Transition
from sdeframe.derivation.operators.names import word
from sdeframe.derivation.operators.operators import Operator
from sdeframe.symbolic.symbols import complex_variables
from sdeframe.validators import is_whole, shown, true_or_false

__all__ = ["Emitters"]


def _levels(levels: Any) -> tuple[Any, ...]:
    return tuple(levels) if isinstance(levels, Iterable) else (levels,)


def _check_levels(instance: Any, field: Any, levels: tuple[str, ...]) -> None:
    named = all(isinstance(i, str) and i.isalnum() for i in levels)
    if not named or len(levels) < 2 or len(set(levels)) < len(levels):
        raise ValueError(
            f'levels {shown(levels)}: give at least two different names, such as "ge" or ("g", "e1", "e2")'
        )


def _check_size(instance: Any, field: Any, size: Any) -> None:
    whole = size.is_Integer and size > 0
    if not (whole or (size.is_Symbol and size.is_positive)):
        raise ValueError(f"size {size}: give a positive whole number, or a parameter declared positive")


@attrs.frozen
class Emitters:
    """Emitters of one kind, identical or one by one.

    Parameters
    ----------
    name
        Name of their variables: <σ_ij> is the mean of the variable `name_ji`, of emitter μ `name_ji_μ`.
    levels
        Names of the levels: text whose letters are the levels, or a sequence of names.
    size
        Their number: whole or, if they are identical, a positive parameter.
    individual
        Whether each one has variables of its own; if not, they are identical, in one and the same state.

    Raises
    ------
    ValueError
        If an argument is outside its range, named.
    """

    name: str = attrs.field(validator=word)
    levels: tuple[str, ...] = attrs.field(converter=_levels, validator=_check_levels)
    size: Any = attrs.field(default=1, converter=coefficient, validator=_check_size)
    individual: bool = attrs.field(default=False, validator=true_or_false)

    def __attrs_post_init__(self) -> None:
        if self.individual and not self.size.is_Integer:
            raise ValueError(f"{self}: emitters with variables of their own need a whole number for size={self.size}")

    def __str__(self) -> str:
        return f"the emitters {self.name}"

    def sum(self, *ij: str) -> Operator:
        """Return Σ_μ σ_ij^μ, with ij one text of two letters or two names of levels."""
        if self.individual:
            return Operator(collect((self._site(mu, ij), sp.S.One) for mu in self.numbers), self._parts)
        return Operator({Monomial(clouds=((self.name, Cloud(None, (self.transition(*ij),))),)): sp.S.One}, self._parts)

    def each(self, *ij: str) -> Operator:
        """Return σ_ij of each emitter alone: in a loss, one channel for every emitter."""
        return Operator({Monomial(clouds=((self.name, Cloud(self.transition(*ij), ())),)): sp.S.One}, self._parts)

    def on(self, mu: int, *ij: str) -> Operator:
        """Return σ_ij of emitter number mu, from 0.

        Raises
        ------
        ValueError
            If the emitters are identical, or there is no such number.
        """
        if not self.individual:
            raise ValueError(f"{self} are identical: use sum or each, or declare them with individual=True")
        if not is_whole(mu) or mu not in self.numbers:
            raise ValueError(f"{self} have no number {shown(mu)}: give one of 0 to {self.size - 1}")
        return Operator({self._site(mu, ij): sp.S.One}, self._parts)

    @property
    def numbers(self) -> range:
        """Their numbers, if they have variables of their own."""
        return range(int(self.size))

    def transition(self, *ij: str) -> Transition:
        """Return the levels (i, j), checked.

        Raises
        ------
        ValueError
            If these are not two of the levels.
        """
        pair = tuple(ij[0]) if len(ij) == 1 and isinstance(ij[0], (str, tuple, list)) else ij
        if len(pair) != 2 or not all(isinstance(i, str) and i in self.levels for i in pair):
            raise ValueError(f"{self} have no transition {shown(ij)}: give two of the levels {', '.join(self.levels)}")
        return pair[0], pair[1]

    def variable(self, *pq: str, mu: int | None = None) -> Any:
        """Return the variable ρ_pq, of emitter mu if they have variables of their own; σ_ij goes with ρ_ji."""
        p, q = self.transition(*pq)
        joint = "" if len(p) == len(q) == 1 else "_"
        return complex_variables(f"{self.name}_{p}{joint}{q}" + ("" if mu is None else f"_{mu}"))

    def _site(self, mu: int, ij: tuple[str, ...]) -> Monomial:
        return Monomial(sites=(((self.name, mu), self.transition(*ij)),))

    @property
    def _parts(self) -> dict[str, Emitters]:
        return {self.name: self}
