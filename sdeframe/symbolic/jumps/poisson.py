"""Poisson noises: symbols that count random times, with the rate at which these come."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.symbolic.rows import computable
from sdeframe.symbolic.symbols import Parameter

__all__ = ["PoissonNoise", "poisson_noises"]


class PoissonNoise(sp.Symbol):
    """What counts random times that come at a rate: its increments are 0 but for 1 at each of them."""

    __slots__ = ("bound", "compensated", "rate")

    rate: Any
    bound: Any
    compensated: bool

    def __new__(cls, name: str, rate: Any, bound: Any = None, compensated: bool = False) -> PoissonNoise:
        """Return the symbol of this name, rate and bound."""
        # not from sympy's cache, which knows a symbol by its name and assumptions alone
        symbol = cls.__xnew__(cls, name, real=True)
        symbol.rate, symbol.bound, symbol.compensated = rate, bound, compensated
        return symbol

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.rate, self.bound, self.compensated)

    def __getnewargs_ex__(self) -> tuple[Any, dict[str, Any]]:
        return (self.name, self.rate, self.bound, self.compensated), {}

    def _sympyrepr(self, printer: Any) -> str:
        """Return all that tells it from others: it is part of the key under which results are kept."""
        written = ", ".join(printer.doprint(part) for part in (self.rate, self.bound))
        return f"PoissonNoise({self.name!r}, {written}, {self.compensated!r})"

    def with_rate(self, rate: Any, bound: Any) -> PoissonNoise:
        """Return the symbol of this name with another rate and bound."""
        return PoissonNoise(self.name, rate, bound, self.compensated)

    @property
    def uncompensated(self) -> PoissonNoise:
        """The symbol of the same times, not compensated."""
        return PoissonNoise(self.name, self.rate, self.bound)


def poisson_noises(names: str, *, rate: Any, bound: Any = None, compensated: bool = False) -> Any:
    """Declare Poisson noises, for ``SDE(jumps={N: {x: what is added to x at a jump}})``.

    Parameters
    ----------
    names
        One name gives a symbol, several a tuple of independent noises with the same rate.
    rate
        Jumps a unit of time: a number, or an expression in variables, parameters and time, never negative.
    bound
        A number, or an expression in parameters, that the rate never passes; an error ends a run in which it does.
        Where bounds of the rate are known for all states, as of a number or of ``1 + cos(time)``, none is needed.
    compensated
        Whether the mean of the jumps is taken off, as in dN − rate·dt.

    Raises
    ------
    TypeError
        If something is text or of another unusable type.
    ValueError
        If a number is negative, or a bound holds more than parameters.
    """
    if not isinstance(names, str):
        raise TypeError(f'names must be one text such as "N" or "N M", not {names!r}')
    if not isinstance(compensated, bool):
        raise TypeError(f"compensated={compensated!r} of {names}: must be True or False")
    rate = computable(rate, f"rate of {names}")
    if rate.is_number and not rate.is_nonnegative:
        raise ValueError(f"rate={rate} of {names}: must be a number of at least 0, jumps a unit of time")
    if bound is not None:
        bound = computable(bound, f"bound of the rate of {names}")
        held = sorted((s for s in bound.free_symbols if not isinstance(s, Parameter)), key=str)
        if held:
            raise ValueError(f"bound={bound} of the rate of {names} holds {held[0]}: give a number or parameters only")
        if bound.is_number and not bound.is_positive:
            raise ValueError(f"bound={bound} of the rate of {names}: must be a positive number")
    return sp.symbols(names, cls=lambda name, **_: PoissonNoise(name, rate, bound, compensated))
