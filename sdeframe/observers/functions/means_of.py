"""Which means functions are made of."""

from __future__ import annotations

from typing import Any

import attrs
import sympy as sp

from sdeframe.interfaces.named_expressions import Named
from sdeframe.symbolic.averages import mean


@attrs.frozen
class MeansOf:
    """Functions of symbols that stand for means."""

    functions: tuple[sp.Expr, ...]
    symbols: tuple[sp.Symbol, ...]
    averaged: tuple[sp.Expr, ...]
    """What each symbol is the mean of."""

    @classmethod
    def of(cls, named: Named) -> MeansOf:
        """Return functions of `mean` as functions of symbols; what stands outside of a mean is its own mean."""
        outside = _outside(named)
        found = sorted({m for _, f in named for m in f.atoms(mean)}, key=sp.default_sort_key)
        averaged = [*(m.args[0] for m in found), *outside]
        symbols = sp.symbols(f"m:{len(averaged)}")
        known: dict[Any, sp.Symbol] = dict(zip([*found, *outside], symbols, strict=True))
        return cls(tuple(f.xreplace(known) for _, f in named), tuple(symbols), tuple(averaged))

    @property
    def weighted(self) -> MeansOf:
        """The same of weighted means: of `<OΩ>/<Ω>`, with 1 for the O of the first symbol."""
        weight = sp.Symbol("w")
        functions = tuple(f.xreplace({m: m / weight for m in self.symbols}) for f in self.functions)
        return MeansOf(functions, (weight, *self.symbols), (sp.Integer(1), *self.averaged))


def outside_of_means(function: sp.Expr) -> set[sp.Symbol]:
    """Return the symbols that stand outside of every mean of a function."""
    averages = {m: sp.Dummy() for m in function.atoms(mean)}
    return set(function.xreplace(averages).free_symbols).difference(averages.values())


def _outside(named: Named) -> list[sp.Symbol]:
    found: set[sp.Symbol] = set().union(*(outside_of_means(f) for _, f in named))
    return sorted(found, key=sp.default_sort_key)
