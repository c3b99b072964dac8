"""The jumps of the same process in other variables, or in another unit of time."""

from __future__ import annotations

from typing import Any

from sdeframe.symbolic.algebra import equal, tidy
from sdeframe.symbolic.jumps.rows import Jumps
from sdeframe.symbolic.rows import Rows, expression
from sdeframe.symbolic.symbols import time

__all__ = ["changed_jumps", "same_jumps", "slowed_jumps"]


def changed_jumps(jumps: Jumps, new: Rows, inverse: Rows) -> Jumps:
    """Return what is added to new variables, y(x + j) − y(x); see `SDE.change_variables`."""
    changed = {}
    for N, rows in jumps.items():
        after = {x: x + jump for x, jump in rows.items()}
        kept = {x: jump for x, jump in rows.items() if x not in inverse}
        moved = {y: f.xreplace(after) - f for y, f in new.items() if f.free_symbols & {*rows}}
        changed[N.with_rate(N.rate.xreplace(inverse), N.bound)] = {
            y: tidy(jump.xreplace(inverse)) for y, jump in {**kept, **moved}.items()
        }
    return changed


def slowed_jumps(jumps: Jumps, rate: Any) -> Jumps:
    """Return jumps in another unit of time; see `SDE.scale_time`."""
    unit = expression(rate, "rate")
    back = {time: time / unit}

    def slowed(N: Any) -> Any:
        return N.with_rate(N.rate.xreplace(back) / unit, None if N.bound is None else N.bound / unit)

    return {slowed(N): {x: jump.xreplace(back) for x, jump in rows.items()} for N, rows in jumps.items()}


def same_jumps(ours: Jumps, theirs: Jumps) -> bool:
    """Tell whether noises of the same names jump at the same rates by the same."""
    found = {N.name: (N.rate, rows) for N, rows in theirs.items()}
    if {N.name for N in ours} != {*found}:
        return False
    pairs = [((N.rate, rows), found[N.name]) for N, rows in ours.items()]
    return all(equal(rate, other) and _equal_rows(rows, more) for (rate, rows), (other, more) in pairs)


def _equal_rows(rows: Rows, others: Rows) -> bool:
    return all(equal(rows.get(x, 0 * x), others.get(x, 0 * x)) for x in {*rows, *others})
