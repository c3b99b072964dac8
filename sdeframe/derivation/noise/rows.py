"""Noises as expressions, a row for each variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from sdeframe.derivation.noise.source import Source
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import factored
from sdeframe.symbolic.symbols import Noise, complex_noises, real_noises

__all__ = ["noise_rows"]


def noise_rows(g: Generator, sources: Sequence[Source], taken: set[str]) -> dict[Any, Any]:
    """Return the noise of every variable as an expression, with noise symbols whose names are not taken."""
    rows: dict[int, list[tuple[Any, Any, int]]] = {k: [] for k in range(len(g.keys))}
    symbols = _symbols(sources, taken)
    for source, symbol in zip(sources, symbols, strict=True):
        root = sp.sqrt(g.expression(source.root))
        for unit, coefficients in ((symbol, source.first), (sp.conjugate(symbol), source.second or {})):
            for k, p in coefficients.items():
                c, x = g.expression(p).as_independent(*g.variables, as_Add=False)
                rows[k].append((c, x * root * unit, 0))
    return {g.variables[k]: factored(terms) for k, terms in rows.items()}


def _symbols(sources: Sequence[Source], taken: set[str]) -> list[Noise]:
    """Return a noise symbol for each, numbered where several have one name."""
    names = [source.name for source in sources]
    found: list[Noise] = []
    for k, source in enumerate(sources):
        several = names.count(source.name) > 1 or source.name in taken
        name = f"{source.name}_{names[: k + 1].count(source.name)}" if several else source.name
        while name in taken:
            name += "_"
        taken = taken | {name}
        found.append(real_noises(name) if source.second is None else complex_noises(name))
    return found
