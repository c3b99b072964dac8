"""The run that a model would make without noise, as far as its poles need it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe.interfaces.poles import Poles
from sdeframe.symbolic.symbols import RandomSymbol, time
from sdeframe.symbolic.system import SDE

RUNAWAY: Final = 1e8
"""Times the scale, beyond which a run without noise tells nothing any more."""


def scaled(
    poles: Poles, system: SDE, initial: Mapping[sp.Symbol, Any], values: Mapping[sp.Symbol, float], end: float
) -> Poles:
    """Return poles with the scale of a run without noise up to a time, where that is larger and they grow with it."""
    if not poles.grows:
        return poles
    reached = _largest(poles, system, initial, values, end)
    return attrs.evolve(poles, scale=reached) if reached > poles.scale else poles


def _largest(
    poles: Poles, system: SDE, initial: Mapping[sp.Symbol, Any], values: Mapping[sp.Symbol, float], end: float
) -> float:
    """Return the largest modulus of the strongest observables; not a number where the run without noise runs away.

    It starts where random numbers are 0.
    """
    from scipy.integrate import RK45

    state = tuple(system.drift)
    certain = {s: 0 for x in state for s in sp.sympify(initial[x]).free_symbols if isinstance(s, RandomSymbol)}
    start = [complex(sp.sympify(initial[x]).subs(certain | dict(values))) for x in state]
    known = {s: sp.Float(v) for s, v in values.items()}
    slope = sp.lambdify((time, state), [system.drift[x].xreplace(known) for x in state], cse=True)
    strongest = sp.lambdify((time, state), [e.xreplace(known) for e in poles.strongest])

    reached = 0.0
    with np.errstate(all="ignore"):
        run = RK45(slope, 0.0, np.array(start, dtype=complex), end, rtol=1e-4, atol=1e-6)
        while reached < RUNAWAY * poles.scale:
            reached = max(reached, float(np.max(np.abs(strongest(run.t, run.y)))))
            if run.status != "running":
                return reached
            run.step()
    return np.nan
