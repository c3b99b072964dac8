"""What a system may be made of; every refusal names the symbol and the way out."""

from __future__ import annotations

from typing import Any, Final

import sympy as sp
from sympy.core.relational import Relational

from sdeframe.symbolic.algebra import equal, noise_coefficients, noises_in
from sdeframe.symbolic.covariance import check_covariance
from sdeframe.symbolic.drives.table import Table
from sdeframe.symbolic.equations import Equations
from sdeframe.symbolic.jumps.poisson import PoissonNoise
from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.symbols import Noise, Parameter, RandomMap, RandomSymbol, StateVariable, log_weight, time

__all__ = ["check", "check_function"]

INTERPRETATIONS: Final = ("ito", "stratonovich")


def check(equations: Equations) -> None:
    """Check a whole system.

    Raises
    ------
    ValueError
        If it is not a well-posed system; the message names the symbol and the way out.
    """
    if equations.interpretation not in INTERPRETATIONS:
        raise ValueError(f'interpretation {equations.interpretation!r}: give "ito" or "stratonovich"')
    if not equations.variables:
        raise ValueError("a system needs at least one variable: give a drift, which may be 0")
    for x in equations.noise:
        if x not in equations.drift:
            raise ValueError(f"variable {x} has noise but no drift: give drift 0")
    _check_names(equations)
    for x, drift in equations.drift.items():
        _check_symbols(equations, drift, f"drift of {x}")
        for noise in noises_in(drift):
            raise ValueError(f"noise {noise} in the drift of {x}: put the term into noise[{x}]")
    for x, noise in equations.noise.items():
        _check_symbols(equations, noise, f"noise of {x}")
        _check_linear(x, noise)
    for x in equations.state:
        if x.is_real:
            _check_real(x, equations.drift[x], "drift")
            _check_real(x, equations.noise[x], "noise")
    for N, rows in equations.jumps.items():
        _check_jump(equations, N, rows)
    for pair, value in equations.covariance.items():
        _check_covariance_entry(equations, pair, value)
    check_covariance(equations.covariance, {})


def check_function(equations: Equations, f: Any) -> Any:
    """Return a function of variables, parameters and time as an expression.

    Raises
    ------
    ValueError
        If it holds any other symbol, named.
    """
    expr = expression(f, "the function")
    _check_symbols(equations, expr, f"function {expr}")
    for noise in noises_in(expr):
        raise ValueError(f"noise {noise} in the function {expr}: give a function of the state")
    return expr


def _check_linear(x: Any, noise: Any) -> None:
    try:
        noise_coefficients(noise)
    except ValueError as error:
        raise ValueError(f"noise of {x}: {error}") from None


def _check_jump(equations: Equations, N: PoissonNoise, rows: Any) -> None:
    _check_symbols(equations, N.rate, f"rate of {N}")
    if not equal(sp.conjugate(N.rate), N.rate):
        raise ValueError(f"rate of {N} is not real: {N.rate}; take re(...) or Abs(...)")
    for x, jump in rows.items():
        where = f"jump of {x} with {N}"
        if x not in equations.drift:
            raise ValueError(f"variable {x} jumps with {N} but has no drift: give drift 0")
        drawn = {s: sp.S.Zero for s in jump.free_symbols if isinstance(s, RandomSymbol)}
        for symbol in drawn:
            if isinstance(symbol, RandomMap):
                raise ValueError(f"{symbol} in the {where}: allowed are random_normal, random_uniform, random_choice")
        _check_symbols(equations, jump, where, (RandomSymbol,))
        for noise in noises_in(sp.Tuple(N.rate, jump)):
            raise ValueError(f"noise {noise} in the {where}: jumps are drawn from random symbols, as random_normal")
        if x.is_real:
            _check_real(x, jump, f"jump with {N}")


def _check_names(equations: Equations) -> None:
    """Check that a name stands for one symbol and no declared symbol takes a reserved name."""
    named: dict[str, Any] = {"t": time, "C0": log_weight}
    expressions = [*equations.drift.values(), *equations.noise.values(), *equations.covariance.values()]
    used = {*equations.drift, *equations.jumps}.union(*(e.free_symbols for e in (*expressions, *equations.in_jumps)))
    declared = (Noise, Parameter, StateVariable, PoissonNoise)
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
    for table in equations.tables:
        known = named.setdefault(table.name, table)
        if isinstance(known, Table) and known != table:
            raise ValueError(f"two sampled drives are named {table.name}, with different values: rename one of them")
        if known != table:
            raise ValueError(f"a sampled drive and a {_kind(known)} are named {table.name}: rename one of them")


def _check_symbols(equations: Equations, expr: Any, where: str, more: tuple[type[sp.Symbol], ...] = ()) -> None:
    """Check that an expression holds declared symbols only, and compares real numbers only."""
    for s in sorted(expr.free_symbols, key=lambda s: s.name):
        if s == log_weight and equations.log_weight is None:
            raise ValueError(f"C0 in the {where}: the system has no log-weight; give log_weight=(drift, noise)")
        if isinstance(s, StateVariable) and s not in equations.drift:
            raise ValueError(f"variable {s} in the {where} has no drift: give drift 0 if it is constant")
        if isinstance(s, PoissonNoise):
            raise ValueError(f"Poisson noise {s} in the {where}: say what it adds in jumps={{{s}: {{...}}}}")
        if isinstance(s, RandomSymbol) and not more:
            raise ValueError(
                f"random number {s} in the {where}: a system whose drift or noise holds it has a variable of this "
                f"name, system['{s}']"
            )
        if s == time or isinstance(s, (StateVariable, Noise, Parameter, *more)):
            continue
        raise ValueError(f"unknown symbol {s} in the {where}: {_way_out(equations, s)}")
    for compared in sorted(expr.atoms(Relational, sp.Min, sp.Max), key=lambda e: (sp.count_ops(e), str(e))):
        for side in compared.args:
            if not (side.is_real or equal(side, sp.conjugate(side))):
                raise ValueError(f"{compared} in the {where} compares complex numbers: take re, im or Abs of {side}")


def _way_out(equations: Equations, symbol: Any) -> str:
    if symbol.name == "t":
        return "use sdeframe.time"
    if any(symbol.name in names for names in (equations.variables, equations.noises, equations.parameters)):
        return "use the symbol that was declared under this name"
    return "declare it with parameters, complex_variables, real_variables, complex_noises or real_noises"


def _check_real(x: Any, expr: Any, what: str) -> None:
    if not equal(sp.conjugate(expr), expr):
        raise ValueError(
            f"{what} of the real variable {x} is not real: {expr}; declare {x} with complex_variables, "
            "or take re(...), or Max(0, ...) under a root"
        )


def _check_covariance_entry(equations: Equations, pair: tuple[Any, Any], value: Any) -> None:
    name = f"covariance of {pair[0]} and {pair[1]}"
    for noise in pair:
        if noise not in equations.noises.values():
            raise ValueError(f"{name}: the system has no noise {noise}; use it in noise or leave it out")
    for symbol in sorted(value.free_symbols, key=str):
        if not isinstance(symbol, Parameter):
            raise ValueError(f"{name} holds {symbol}: only parameters may stand there; mix the noises in noise")


def _kind(symbol: Any) -> str:
    """Name the kind of a declared symbol."""
    return type(symbol).__name__.lower().removeprefix("state")


def _declaration(symbol: Any) -> str:
    return f"declare it with real_{_kind(symbol)}s or complex_{_kind(symbol)}s"
