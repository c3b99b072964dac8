"""Averages in expressions: over the ensemble, or of operators, of which only a model knows what they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import sympy as sp

from sdeframe.symbolic.rows import expression

__all__ = ["Operand", "Placeholder", "has_placeholder", "mean", "placed"]


class Operand(ABC):
    """What has an average, of which only a model knows the expression in its variables: an operator."""

    __slots__ = ()

    @property
    @abstractmethod
    def written(self) -> tuple[Any, ...]:
        """What tells it from others, to be hashed and compared."""


class Placeholder(sp.Symbol):
    """The symbol of an operator, or of a pair (L, R) of what stands before and behind a later one."""

    __slots__ = ("operator",)

    operator: Any

    def __new__(cls, operator: Any) -> Placeholder:
        """Return the symbol of what has this meaning."""
        # not from sympy's cache, which knows a symbol by its name and assumptions alone
        symbol = cls.__xnew__(cls, str(operator), complex=True)
        symbol.operator = operator
        return symbol

    def _hashable_content(self) -> tuple[Any, ...]:
        parts = self.operator if isinstance(self.operator, tuple) else (self.operator,)
        return (*super()._hashable_content(), tuple(part.written for part in parts))

    def __getnewargs_ex__(self) -> tuple[Any, dict[str, Any]]:
        return (self.operator,), {}


def placed(value: Any) -> Any:
    """Return the symbol of an operator, or of a pair of operators; anything else as it is."""
    pair = isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, Operand) for each in value)
    return Placeholder(value) if pair or isinstance(value, Operand) else value


def has_placeholder(value: Any) -> bool:
    """Tell whether an expression, or one in a tuple, holds the symbol of an operator."""
    if isinstance(value, tuple):
        return any(map(has_placeholder, value))
    return isinstance(value, sp.Basic) and bool(value.atoms(Placeholder))


class mean(sp.Function):  # noqa: N801
    """The average of an expression over the ensemble, for use in `sdeframe.observers.Functions`.

    ``mean(x)`` stands for `<x>`, and for `<xΩ>/<Ω>` in a run with a log-weight. What is no number of a trajectory
    stands outside: ``mean(n**2) / mean(n)**2``. Of an operator, as in ``mean(a.dag() * a)``, it is the quantum average.
    """

    nargs = (1,)

    def __new__(cls, *averaged: Any, **options: Any) -> Any:
        """Return the average; text is refused before sympy makes an expression of it."""
        taken_of = (expression(placed(each), "what mean(...) is taken of") for each in averaged)
        return super().__new__(cls, *taken_of, **options)

    @classmethod
    def eval(cls, averaged: Any) -> Any:
        """Return a number as it is."""
        if averaged.has(mean):
            raise ValueError(f"mean({averaged}): a mean is no number of a trajectory; take it outside")
        return averaged if averaged.is_number else None

    def _eval_is_complex(self) -> bool:
        return True  # a weight makes that of real values complex too
