"""What a system may be made of; every refusal names the symbol and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import TYPE_CHECKING, Any, Final

import sympy as sp
from sympy.core.relational import Relational

from sdeframe.symbolic.algebra import equal, noise_coefficients, noises_in
from sdeframe.symbolic.covariance import check_covariance
from sdeframe.symbolic.symbols import Noise, Parameter, RandomSymbol, StateVariable, log_weight, time

if TYPE_CHECKING:
    from sdeframe.symbolic.system import SDE

__all__ = ["check", "check_function", "drift_rows", "expression", "noise_rows", "pairs", "weight"]

INTERPRETATIONS: Final = ("ito", "stratonovich")
Rows = tuple[tuple[Any, Any], ...]
Pairs = tuple[tuple[tuple[Any, Any], Any], ...]


def expression(value: Any, where: str) -> Any:
    """Return a number or sympy expression as a sympy expression; never text, which would have to be evaluated.

    Raises
    ------
    TypeError
        If it is neither a number nor an expression.
    ValueError
        If it is or holds an infinity or NaN.
    """
    if isinstance(value, bool) or not isinstance(value, (Number, sp.Expr)):
        raise TypeError(f"{where} is {value!r}: give a number or an expression in declared symbols")
    expr = sp.sympify(value)
    if expr.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise ValueError(f"{where} is {expr}: give finite coefficients")
    return expr


def drift_rows(mapping: Any) -> Rows:
    """Return the drift of every variable as a tuple of pairs."""
    return _rows(mapping, "drift")


def noise_rows(mapping: Any) -> Rows:
    """Return the noise of every variable as a tuple of pairs."""
    return _rows(mapping, "noise")


def _rows(mapping: Any, what: str) -> Rows:
    if not isinstance(mapping, Mapping):
        raise TypeError(f"{what} is {mapping!r}: give a mapping such as {{z: -z}}")
    for x in mapping:
        if x == log_weight:
            raise ValueError(f"{what} holds {x}: give the log-weight as log_weight=(drift, noise)")
        if not isinstance(x, StateVariable):
            raise TypeError(f"{what} holds {x!r}, no variable: declare it with complex_variables or real_variables")
    return tuple((x, expression(value, f"{what} of {x}")) for x, value in mapping.items())


def weight(value: Any) -> tuple[Any, Any] | None:
    """Return drift and noise of the log-weight as expressions."""
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"log_weight is {value!r}: give the pair (drift, noise)")
    return expression(value[0], "drift of C0"), expression(value[1], "noise of C0")


def pairs(covariance: Any) -> Pairs:
    """Return a covariance as sorted pairs of noises with their value, zeros left out."""
    if not isinstance(covariance, Mapping):
        raise TypeError(f"covariance is {covariance!r}: give a mapping such as {{(W1, W2): 0.3}}")
    found: dict[tuple[Any, Any], Any] = {}
    for key, value in covariance.items():
        pair = tuple(key) if isinstance(key, (tuple, list, sp.Tuple)) else (key,)
        if len(pair) != 2 or not all(isinstance(n, Noise) and n.is_real for n in pair):
            raise ValueError(f"covariance key {key}: give a pair of real noises such as (W1, W2)")
        if pair[0] == pair[1]:
            raise ValueError(f"covariance of {pair[0]} with itself is 1: scale the noise coefficient instead")
        first, second = sorted(pair, key=lambda n: n.name)
        if (first, second) in found:
            raise ValueError(f"covariance of {first} and {second} is given twice: give it once")
        found[first, second] = expression(value, f"covariance of {first} and {second}")
    return tuple(sorted(((p, c) for p, c in found.items() if c != 0), key=lambda item: str(item[0])))


def check(sde: SDE) -> None:
    """Check a whole system.

    Raises
    ------
    ValueError
        If it is not a well-posed system; the message names the symbol and the way out.
    """
    if sde.interpretation not in INTERPRETATIONS:
        raise ValueError(f'interpretation {sde.interpretation!r}: give "ito" or "stratonovich"')
    if not sde.variables:
        raise ValueError("a system needs at least one variable: give a drift, which may be 0")
    for x in sde.noise:
        if x not in sde.drift:
            raise ValueError(f"variable {x} has noise but no drift: give drift 0")
    _check_names(sde)
    for x, drift in sde.drift.items():
        _check_symbols(sde, drift, f"drift of {x}")
        for noise in noises_in(drift):
            raise ValueError(f"noise {noise} in the drift of {x}: put the term into noise[{x}]")
    for x, noise in sde.noise.items():
        _check_symbols(sde, noise, f"noise of {x}")
        _check_linear(x, noise)
    for x in sde.state:
        if x.is_real:
            _check_real(x, sde.drift[x], "drift")
            _check_real(x, sde.noise[x], "noise")
    for pair, value in sde.covariance.items():
        _check_covariance_entry(sde, pair, value)
    check_covariance(sde.covariance, {})


def check_function(sde: SDE, f: Any) -> Any:
    """Return a function of variables, parameters and time as an expression.

    Raises
    ------
    ValueError
        If it holds any other symbol, named.
    """
    expr = expression(f, "the function")
    _check_symbols(sde, expr, f"function {expr}")
    for noise in noises_in(expr):
        raise ValueError(f"noise {noise} in the function {expr}: give a function of the state")
    return expr


def _check_linear(x: Any, noise: Any) -> None:
    try:
        noise_coefficients(noise)
    except ValueError as error:
        raise ValueError(f"noise of {x}: {error}") from None


def _check_names(sde: SDE) -> None:
    """Check that a name stands for one symbol and no declared symbol takes a reserved name."""
    named: dict[str, Any] = {"t": time, "C0": log_weight}
    expressions = [*sde.drift.values(), *sde.noise.values(), *sde.covariance.values()]
    used = set(sde.drift).union(*(e.free_symbols for e in expressions))
    declared = (Noise, Parameter, StateVariable)
    for symbol in sorted((s for s in used if isinstance(s, declared)), key=lambda s: (s.name, _kind(s))):
        if symbol.is_complex is None:
            raise ValueError(f"{_kind(symbol)} {symbol} is neither real nor complex: {_declaration(symbol)}")
        other = named.setdefault(symbol.name, symbol)
        if other == symbol:
            continue
        if symbol.name in ("t", "C0"):
            meaning = "time" if symbol.name == "t" else "log-weight"
            raise ValueError(f"{_kind(symbol)} {symbol}: the name is reserved for the {meaning}; rename it")
        raise ValueError(f"two symbols are named {symbol}: a {_kind(other)} and a {_kind(symbol)}; rename one of them")


def _check_symbols(sde: SDE, expr: Any, where: str) -> None:
    """Check that an expression holds declared symbols only, and compares real numbers only."""
    for s in sorted(expr.free_symbols, key=lambda s: s.name):
        if s == log_weight and sde.log_weight is None:
            raise ValueError(f"C0 in the {where}: the system has no log-weight; give log_weight=(drift, noise)")
        if isinstance(s, StateVariable) and s not in sde.drift:
            raise ValueError(f"variable {s} in the {where} has no drift: give drift 0 if it is constant")
        if isinstance(s, RandomSymbol):
            raise ValueError(
                f"random number {s} in the {where}: make it a variable with drift 0 and let it start there"
            )
        if s == time or isinstance(s, (StateVariable, Noise, Parameter)):
            continue
        raise ValueError(f"unknown symbol {s} in the {where}: {_way_out(sde, s)}")
    for compared in sorted(expr.atoms(Relational, sp.Min, sp.Max), key=lambda e: (sp.count_ops(e), str(e))):
        for side in compared.args:
            if not (side.is_real or equal(side, sp.conjugate(side))):
                raise ValueError(f"{compared} in the {where} compares complex numbers: take re, im or Abs of {side}")


def _way_out(sde: SDE, symbol: Any) -> str:
    if symbol.name == "t":
        return "use sdeframe.time"
    if any(symbol.name in names for names in (sde.variables, sde.noises, sde.parameters)):
        return "use the symbol that was declared under this name"
    return "declare it with parameters, complex_variables, real_variables, complex_noises or real_noises"


def _check_real(x: Any, expr: Any, what: str) -> None:
    if not equal(sp.conjugate(expr), expr):
        raise ValueError(
            f"{what} of the real variable {x} is not real: {expr}; declare {x} with complex_variables, "
            "or take re(...), or Max(0, ...) under a root"
        )


def _check_covariance_entry(sde: SDE, pair: tuple[Any, Any], value: Any) -> None:
    name = f"covariance of {pair[0]} and {pair[1]}"
    for noise in pair:
        if noise not in sde.noises.values():
            raise ValueError(f"{name}: the system has no noise {noise}; use it in noise or leave it out")
    for symbol in sorted(value.free_symbols, key=str):
        if not isinstance(symbol, Parameter):
            raise ValueError(f"{name} holds {symbol}: only parameters may stand there; mix the noises in noise")


def _kind(symbol: Any) -> str:
    """Name the kind of a declared symbol."""
    return type(symbol).__name__.lower().removeprefix("state")


def _declaration(symbol: Any) -> str:
    return f"declare it with real_{_kind(symbol)}s or complex_{_kind(symbol)}s"
