"""What a user gives for a system, as plain rows of expressions."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import Any

import sympy as sp

from sdeframe.symbolic.functions import check_functions
from sdeframe.symbolic.symbols import Carried, Drawn, Noise, RandomSymbol, StateVariable, log_weight

__all__ = [
    "Pairs",
    "RowPairs",
    "Rows",
    "computable",
    "drift_rows",
    "expression",
    "noise_rows",
    "pairs",
    "weight",
    "with_carried",
]

Rows = Mapping[Any, Any]
"""An expression for each variable."""
RowPairs = tuple[tuple[Any, Any], ...]
"""The same as pairs, which can be hashed."""
Pairs = tuple[tuple[tuple[Any, Any], Any], ...]
"""A covariance as pairs of noises with their value."""


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


def computable(value: Any, where: str) -> Any:
    """Return an expression of which a kernel can be made.

    Raises
    ------
    TypeError, ValueError
        As `expression` does, and if it holds a function that is not supported, named.
    """
    expr = expression(value, where)
    check_functions(expr, where)
    return expr


def drift_rows(mapping: Any) -> RowPairs:
    """Return the drift of every variable as a tuple of pairs."""
    return _rows(mapping, "drift")


def noise_rows(mapping: Any) -> RowPairs:
    """Return the noise of every variable as a tuple of pairs."""
    return _rows(mapping, "noise")


def _rows(mapping: Any, what: str) -> RowPairs:
    if not isinstance(mapping, Mapping):
        raise TypeError(f"{what} is {mapping!r}: give a mapping such as {{z: -z}}")
    for x in mapping:
        if x == log_weight:
            raise ValueError(f"{what} holds {x}: give the log-weight as log_weight=(drift, noise)")
        if not isinstance(x, StateVariable):
            raise TypeError(f"{what} holds {x!r}, no variable: declare it with complex_variables or real_variables")
    return tuple((x, computable(value, f"{what} of {x}")) for x, value in mapping.items())


def with_carried(drift: RowPairs, noise: RowPairs) -> tuple[RowPairs, RowPairs]:
    """Return drift and noise with variables in place of random numbers, and the rows that variables bring along."""
    held = sorted(
        {s for pairs in (drift, noise) for _, e in pairs for s in e.atoms(RandomSymbol)}, key=lambda s: s.name
    )
    known = {number: Drawn(number) for number in held}
    drift, noise = (tuple((x, e.xreplace(known)) for x, e in pairs) for pairs in (drift, noise))
    there = {s for pairs in (drift, noise) for _, e in pairs for s in e.atoms(Carried)}
    carried = sorted({x for s in there for x in s.companions} - {x for x, _ in drift}, key=lambda x: x.name)
    return (
        drift + tuple((x, x.drift) for x in carried),
        noise + tuple((x, x.noise) for x in carried if x.noise != 0),
    )


def weight(value: Any) -> tuple[Any, Any] | None:
    """Return drift and noise of the log-weight as expressions."""
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"log_weight is {value!r}: give the pair (drift, noise)")
    return computable(value[0], "drift of C0"), computable(value[1], "noise of C0")


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
        found[first, second] = computable(value, f"covariance of {first} and {second}")
    return tuple(sorted(((p, c) for p, c in found.items() if c != 0), key=lambda item: str(item[0])))
