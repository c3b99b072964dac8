"""Sampled drives at times at which no value of them is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import sympy as sp

from sdeframe.symbolic.drives.table import Sampled
from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence.enclosures import enclosure

__all__ = ["check_drives"]

CELLS: Final = 1000
"""Of the run, on which an argument is bounded."""
NEAR: Final = 1e-9
"""Share of a drive's duration by which an argument may lie beyond: steps end where rounding has them."""


def check_drives(expr: Any, where: str, values: Mapping[sp.Symbol, float], until: float) -> None:
    """Raise ValueError where an expression needs a drive beyond its times, at any time up to a last one.

    Parameters
    ----------
    expr
        The expression.
    where
        What it is, for the message.
    values
        Those of parameters.
    until
        The last time.
    """
    for drive in sorted(expr.atoms(Sampled), key=str):
        if not drive.table.held:
            _check(drive, where, values, until)


def _check(drive: Any, where: str, values: Mapping[sp.Symbol, float], until: float) -> None:
    name, (first, last) = drive.table.name, drive.table.ends
    way_out = f'say what holds outside of its times, {name} = sampled(..., outside=0) or outside="hold"'
    at = drive.at.xreplace({symbol: sp.Float(value) for symbol, value in values.items()})
    if at.free_symbols - {time}:
        raise ValueError(f"{where}: {drive} is taken at times that the state or a random number decides: {way_out}")
    edges = np.linspace(0.0, until, CELLS + 1)
    bounds = enclosure(at, edges[:-1], edges[1:]).real
    low, high, near = float(np.min(bounds.low)), float(np.max(bounds.high)), NEAR * (last - first)
    if low < first - near or high > last + near:
        raise ValueError(
            f"{where}: {drive} is known from {first:g} to {last:g} and needed from {low:g} to {high:g}: "
            f"end the run earlier, or {way_out}"
        )
