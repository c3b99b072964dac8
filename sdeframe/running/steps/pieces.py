"""Piecewise expressions that have no value somewhere, which no trajectory would survive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from sdeframe.symbolic.symbols import time


def check_pieces(expr: Any, where: str, values: Mapping[Any, float], until: float) -> None:
    """Raise ValueError where a Piecewise has no piece that holds: at any state, and at any time up to a last one."""
    for piecewise in sorted(expr.atoms(sp.Piecewise), key=str):
        if not _whole(sp.Or(*[condition for _, condition in piecewise.args]), values, until):
            raise ValueError(
                f"{where}: {piecewise} has no value where none of its conditions holds: end it with (value, True), "
                f"such as (0, True)"
            )


def _whole(condition: Any, values: Mapping[Any, float], until: float) -> bool:
    """Tell whether a condition always holds, as far as that can be known."""
    condition = condition.subs(values)
    if condition in (sp.true, sp.false):
        return bool(condition)
    if len(condition.free_symbols) > 1:
        return sp.simplify_logic(condition) is sp.true
    needed = sp.Interval(0, until) if condition.free_symbols == {time} else sp.S.Reals
    try:
        return bool(needed.is_subset(condition.as_set()))
    except (NotImplementedError, TypeError, ValueError):  # sympy knows no set of these numbers
        return False
