"""Where in time the coefficients of a system switch, and whether they change faster than steps can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray
from sympy.core.relational import Relational

from sdeframe.running.steps.stretches import Stretch
from sdeframe.symbolic.symbols import Noise, StateVariable, time
from sdeframe.symbolic.system import SDE
from sdeframe.time_dependence.breaks import breaks
from sdeframe.time_dependence.cells import cells
from sdeframe.time_dependence.switches import switches

JUMPS: Final = (Relational, sp.Heaviside, sp.sign, sp.floor, sp.ceiling)
"""What makes a coefficient jump; a kink, as of an absolute value, costs no scheme of order 2 its order."""
CELLS: Final = 4
"""A pulse lies on twice as many cells of `sdeframe.time_dependence.cells` at least: a step may hold half of it."""


@attrs.frozen
class Switching:
    """Where coefficients switch."""

    times: tuple[float, ...]
    """Increasing; steps end there."""
    by_state: bool = False
    """Whether they may jump elsewhere too, where the state decides."""
    lost: str = ""
    """Why places are not found where the time decides."""

    @property
    def hidden(self) -> bool:
        """Whether steps may hold a jump."""
        return self.by_state or bool(self.lost)


def switching(system: SDE, values: Mapping[sp.Symbol, float], end: float) -> Switching:
    """Return where coefficients switch between time 0 and an end, which can be found where the time alone decides."""
    known = numbers(values)
    in_time = {g.xreplace(known) for row in rows(system) for g in switches(row) if not _of_state(g) and g.has(time)}
    by_state = any(_of_state(e) for row in rows(system) for e in row.atoms(*JUMPS))
    if not in_time or not end:
        return Switching((), by_state)
    try:
        return Switching(tuple(breaks([sp.sign(g) for g in in_time], 0.0, end).tolist()), by_state)
    except ValueError as error:
        return Switching((), by_state, str(error))


def narrowest(system: SDE, values: Mapping[sp.Symbol, float], stretches: Sequence[Stretch]) -> float | None:
    """Return how long the shortest rise or fall of a coefficient of time takes that a step may hold, or None."""
    end, found = stretches[-1].time(stretches[-1].last), coefficients(system, values)
    if not found or not end:
        return None
    edges = cells(found, 0.0, end)
    within = _steps(edges, stretches)
    held = within[CELLS:] == within[:-CELLS]
    return float((edges[CELLS:] - edges[:-CELLS])[held].min()) if held.any() else None


def coefficients(system: SDE, values: Mapping[sp.Symbol, float]) -> set[Any]:
    """Return the functions of time in drift and noise, with numbers for parameters."""
    known = numbers(values)
    return {c.xreplace(known) for row in rows(system) for c in _coefficients(row)}


def rows(system: SDE) -> list[Any]:
    """Return the expressions of drift and noise."""
    return [*system.drift.values(), *system.noise.values()]


def numbers(values: Mapping[sp.Symbol, float]) -> dict[sp.Symbol, sp.Float]:
    """Return the values of parameters as sympy's numbers."""
    return {symbol: sp.Float(value) for symbol, value in values.items()}


def _of_state(e: Any) -> bool:
    return bool(e.atoms(StateVariable, Noise))


def _coefficients(e: Any) -> Iterator[Any]:
    """Give the largest parts of an expression that hold the time and nothing of the state."""
    if e.has(time):
        mixed = [a for a in e.args if _of_state(a)]
        if not _of_state(e):
            yield e
        else:
            alone = [a for a in e.args if a not in mixed]
            if alone and (e.is_Add or e.is_Mul):
                yield from _coefficients(e.func(*alone))
            for a in mixed:
                yield from _coefficients(a)


def _steps(edges: NDArray[np.float64], stretches: Sequence[Stretch]) -> NDArray[np.int64]:
    """Return the number of the step that each time is in."""
    begins = np.array([s.time(s.first) for s in stretches])
    at = np.maximum(np.searchsorted(begins, edges, side="right") - 1, 0)
    dt, shift, origin = (np.array([getattr(s, name) for s in stretches])[at] for name in ("dt", "shift", "origin"))
    return np.floor((edges - origin) / dt).astype(np.int64) + shift
