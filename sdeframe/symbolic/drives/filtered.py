"""Variables that bring their own rows along: white noise behind a linear filter."""

from __future__ import annotations

from typing import Any

import attrs
import sympy as sp

from sdeframe.symbolic.symbols import Carried, Noise, RandomComplexNormal, RandomNormal

__all__ = ["Filter", "Filtered"]


@attrs.frozen
class Filter:
    """The system dx = A x dt + B dW of some variables, from the start L g with normal random numbers g.

    Parameters
    ----------
    names
        Of the variables, the first of which names the noises too.
    real
        Whether variables, noises and numbers are real, else complex.
    drift, noise, start
        A, B and L, of numbers or expressions in parameters.
    """

    names: tuple[str, ...]
    real: bool
    drift: sp.ImmutableMatrix
    noise: sp.ImmutableMatrix
    start: sp.ImmutableMatrix

    @property
    def variables(self) -> tuple[Filtered, ...]:
        """The variables."""
        return tuple(Filtered(self, i) for i in range(len(self.names)))

    @property
    def noises(self) -> tuple[Any, ...]:
        """The white noises."""
        return tuple(self._symbol(Noise, "W", k, self.noise.cols) for k in range(self.noise.cols))

    @property
    def numbers(self) -> tuple[Any, ...]:
        """The random numbers of the start."""
        kind = RandomNormal if self.real else RandomComplexNormal
        return tuple(self._symbol(kind, "start", k, self.start.cols) for k in range(self.start.cols))

    def _symbol(self, kind: type[sp.Symbol], role: str, k: int, count: int) -> Any:
        name = f"{role}_{self.names[0]}" if count == 1 else f"{role}_{self.names[0]}_{k}"
        return kind(name, **({"real": True} if self.real else {"complex": True}))


class Filtered(Carried):
    """A variable of a filter, by number."""

    __slots__ = ("filter", "number")

    filter: Filter
    number: int

    def __new__(cls, filter: Filter, number: int) -> Filtered:  # noqa: A002
        """Return the variable."""
        variable = cls.__xnew__(cls, filter.names[number], **({"real": True} if filter.real else {"complex": True}))
        variable.filter, variable.number = filter, number
        return variable

    def _hashable_content(self) -> tuple[Any, ...]:
        it = self.filter  # in parts that sympy can sort
        return (*super()._hashable_content(), it.names, it.real, it.drift, it.noise, it.start, self.number)

    def __getnewargs_ex__(self) -> tuple[Any, dict[str, Any]]:
        return (self.filter, self.number), {}

    @property
    def drift(self) -> Any:
        """Its drift."""
        return self._row(self.filter.drift, self.filter.variables)

    @property
    def noise(self) -> Any:
        """Its noise."""
        return self._row(self.filter.noise, self.filter.noises)

    @property
    def start(self) -> Any:
        """Where it starts."""
        return self._row(self.filter.start, self.filter.numbers)

    @property
    def companions(self) -> tuple[Any, ...]:
        """All variables of the filter."""
        return self.filter.variables

    def _row(self, matrix: Any, symbols: tuple[Any, ...]) -> Any:
        return sp.Add(*[c * s for c, s in zip(matrix.row(self.number), symbols, strict=True)])
