"""Initial state and parameters, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from sdeframe.interfaces.model import Model
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.rows import computable
from sdeframe.symbolic.symbols import Carried, Drawn, Parameter, RandomSymbol, log_weight
from sdeframe.symbolic.system import SDE
from sdeframe.validators import is_real, shown


def initial_state(model: Model, system: SDE) -> tuple[sp.Expr, ...]:
    """Return an expression for every state variable, or raise ValueError where one is missing or not allowed."""
    given = {
        x: computable(v, f"initial value of {x}") for x, v in _by_symbol(model, "initial_state", system.state).items()
    }
    if system.log_weight is not None:
        given.setdefault(log_weight, sp.Integer(0))
    given = {**{x: x.start for x in system.state if isinstance(x, Carried)}, **given}
    for x in given:
        if x not in system.state:
            raise ValueError(
                f"initial value of {shown(x)}: the system has no such variable, only {names(system.state)}{_symbols(x)}"
            )
    for x in system.state:
        if x not in given:
            raise ValueError(f"variable {x} has no initial value: give one, such as initial={{{x}: 0}}")
        for symbol in given[x].free_symbols:
            if not isinstance(symbol, (Parameter, RandomSymbol)):
                raise ValueError(
                    f"initial value of {x} holds {symbol}: allowed are parameters and random symbols "
                    f"(random_normal, random_complex_normal, random_uniform, random_choice)"
                )
    named: dict[str, sp.Symbol] = {s.name: s.start if isinstance(s, Drawn) else s for s in system.state}
    named |= system.parameters
    held = {s for x in system.state for s in given[x].free_symbols}
    for draw in sorted(held, key=repr):
        if named.setdefault(draw.name, draw) != draw:
            raise ValueError(f"initial values hold {draw}, and another symbol has this name: rename one of them")
    return tuple(given[x] for x in system.state)


def check_initial_values(system: SDE, initial: tuple[sp.Expr, ...], values: Mapping[sp.Symbol, float]) -> None:
    """Refuse values that are not finite, and complex ones of real variables, as far as they can be known."""
    for x, given in zip(system.state, initial, strict=True):
        value = given.subs(values)
        if not any(isinstance(s, RandomSymbol) for s in value.free_symbols):
            number = complex(value) if value.is_finite else complex(math.nan)
            if not (math.isfinite(number.real) and math.isfinite(number.imag)):
                raise ValueError(f"initial value {given} of {x} is {value}: must be finite")
            real = number.imag == 0
        else:
            real = not x.is_real or equal(value, sp.conjugate(value))
        if x.is_real and not real:
            raise ValueError(
                f"initial value {given} of the real variable {x} is not real: take re(...), or declare it complex"
            )


def parameter_values(model: Model, system: SDE, initial: tuple[sp.Expr, ...]) -> Mapping[sp.Symbol, float]:
    """Return the value of every parameter, those of the system first, or raise ValueError where one is wrong."""
    needed = dict(system.parameters)
    needed |= {s.name: s for e in initial for s in sorted(e.free_symbols, key=str) if isinstance(s, Parameter)}
    given = _by_symbol(model, "parameters", needed.values())
    for symbol in given:
        if not isinstance(symbol, Parameter):
            raise ValueError(f"parameter {shown(symbol)}: must be a symbol made by parameters(...)")
    for symbol in needed.values():
        if symbol not in given:
            raise ValueError(f"parameter {symbol} has no value: give one, such as parameters={{{symbol}: 1.0}}")
    extra = [s for s in given if s.name not in needed]
    ordered = [
        *system.parameters.values(),
        *sorted({*needed.values(), *extra} - {*system.parameters.values()}, key=str),
    ]
    return {symbol: _finite(symbol, given[symbol]) for symbol in ordered}


def _by_symbol(model: Model, method: str, symbols: Iterable[sp.Symbol]) -> Mapping[sp.Symbol, Any]:
    """Return what a method of a model gives, or raise TypeError where it is no dict."""
    found = getattr(model, method)()
    if not isinstance(found, Mapping):
        example = ", ".join(f"{s}: 1.0" for s in symbols)
        raise TypeError(f"{type(model).__name__}.{method}() gives {shown(found)}: must return a dict, {{{example}}}")
    return found


def _finite(symbol: sp.Symbol, value: Any) -> float:
    if not is_real(value) and not (isinstance(value, sp.Expr) and value.is_number and value.is_real):
        raise ValueError(f"parameter {symbol}={shown(value)}: must be a real number, such as 1.0")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or (symbol.is_positive and number <= 0):
        raise ValueError(
            f"parameter {symbol}={shown(value)}: must be {'positive and ' if symbol.is_positive else ''}finite"
        )
    return number


def _symbols(x: Any) -> str:
    return "" if isinstance(x, sp.Symbol) else "; give the symbol, such as model.system()['x']"


def names(symbols: Iterable[sp.Symbol]) -> str:
    """Return the names of symbols for a message."""
    return ", ".join(s.name for s in symbols)
