"""What jumps do to the averages of a system."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.symbolic.jumps.averages import averaged
from sdeframe.symbolic.jumps.rows import Jumps
from sdeframe.symbolic.rows import Rows

__all__ = ["compensators", "jump_generator"]


def compensators(jumps: Jumps) -> Rows:
    """Return what the compensated noises among some add to drifts: minus rate times mean jump."""
    found: dict[Any, Any] = {}
    for N, rows in jumps.items():
        if N.compensated:
            for x, jump in rows.items():
                found[x] = found.get(x, sp.S.Zero) - N.rate * _mean(N, x, jump)
    return found


def _mean(N: Any, x: Any, jump: Any) -> Any:
    try:
        return averaged(jump)
    except ValueError as error:
        raise ValueError(f"compensated {N}: {error}, or write the compensator of {x} into its drift") from None


def jump_generator(jumps: Jumps, f: Any) -> Any:
    """Return Σ_N rate·`<f(x + j) − f(x)>`, compensators left out: averages are over random symbols of the jump j."""
    terms = []
    for N, rows in jumps.items():
        if f.free_symbols & {*rows}:
            after = {x: x + jump for x, jump in rows.items()}
            terms.append(N.rate * (averaged(sp.expand(f.xreplace(after))) - f))
    return sp.Add(*terms)
