"""The run that a model would make without noise, as far as its poles need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.poles import Poles
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.running.steps.switching import coefficients
from sdeframe.symbolic.symbols import RandomSymbol, time
from sdeframe.time_dependence.cells import cells

RUNAWAY: Final = 1e8
"""Times the scale, beyond which a run without noise tells nothing any more."""
FURTHER: Final = 1.01
"""By how much it must exceed the scale to take its place: more than it is off itself."""
SHARE: Final = 0.5
"""Of the range of a coefficient on its neighbourhood, what it may vary by in a step."""
SAME: Final = 1e-12
"""Share of the last time within which two times are one."""


def centre(initial: Sequence[Any], values: Mapping[sp.Symbol, float]) -> NDArray[np.complex128]:
    """Return initial expressions where random numbers are 0, shape (variables,); not a number where they have none."""
    certain = {s: 0 for e in initial for s in e.free_symbols if isinstance(s, RandomSymbol)}
    found = [e.subs(certain | dict(values)) for e in initial]
    return np.array([complex(e) if e.is_finite else complex(np.nan, np.nan) for e in found])


def scaled(poles: Poles, system: EagerSystem, start: NDArray[np.complex128], end: float) -> Poles:
    """Return poles with the scale of a run without noise up to a time, where that is larger and they grow with it."""
    if not poles.grows or not np.isfinite(start).all():
        return poles
    reached = _largest(poles, system, start, end)
    return attrs.evolve(poles, scale=reached) if reached > FURTHER * poles.scale else poles


def _largest(poles: Poles, system: EagerSystem, start: NDArray[np.complex128], end: float) -> float:
    """Return the largest modulus of the strongest observables; not a number where the run without noise runs away."""
    from scipy.integrate import RK45

    known = {s: sp.Float(v) for s, v in system.parameters.items()}
    strongest = sp.lambdify((time, system.sde.state), [e.xreplace(known) for e in poles.strongest])
    reached, edges = 0.0, _edges(system, end)
    with np.errstate(all="ignore"):
        run = RK45(lambda t, y: system.drift(y[:, None], t)[:, 0], 0.0, start, end, rtol=1e-4, atol=1e-6)
        while reached < RUNAWAY * poles.scale:
            reached = max(reached, float(np.max(np.abs(strongest(run.t, run.y)))))
            if run.status != "running":
                return reached
            run.max_step = edges[np.searchsorted(edges, run.t + SAME * end, side="right")] - run.t
            run.step()
    return np.nan


def _edges(system: EagerSystem, end: float) -> NDArray[np.float64]:
    """Return times that no step may pass, so that it misses no pulse, however short."""
    found = coefficients(system.sde, system.parameters)
    try:
        inside = cells(found, 0.0, end, SHARE) if found and end else np.zeros(0)
    except ValueError:  # what varies too fast is followed as the scheme sees it
        inside = np.zeros(0)
    return np.array([*inside, np.inf])
