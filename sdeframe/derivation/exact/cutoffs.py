"""How many number states of every mode are kept: given, or as many as a tolerance takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.derivation.exact.course import PROMISED
from sdeframe.derivation.exact.superoperators import Superoperators
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.starts.initial_values import named
from sdeframe.validators import is_finite, positive_count, real_numbers, shown

__all__ = ["increasing_times", "watched", "with_cutoffs"]

T = TypeVar("T")
Vector = NDArray[np.complex128]

FIRST_CUTOFF: Final = 5


def increasing_times(times: ArrayLike) -> NDArray[np.float64]:
    """Return increasing finite times from 0 on, or raise ValueError."""
    t = real_numbers(times)
    if t is None or t.ndim != 1 or not t.size or not np.isfinite(t).all() or t[0] < 0 or (np.diff(t) <= 0).any():
        raise ValueError(f"times={shown(times)}: give increasing finite times from 0 on")
    return t


def with_cutoffs(
    master: Master,
    values: Mapping[Any, Any] | None,
    cutoffs: Mapping[Any, int] | None,
    tolerance: float,
    solve: Callable[[Superoperators], tuple[T, dict[str, float]]],
) -> tuple[T, dict[str, int]]:
    """Return what is solved for, with cutoffs that are high enough, which come along.

    Parameters
    ----------
    master, values
        The master equation, and the values of its parameters.
    cutoffs
        Those that are given; the others grow.
    tolerance
        Largest population of the highest number state.
    solve
        Gives, with cutoffs, what is solved for, and of every mode whose cutoff is too low that population.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid, or a cutoff that was given is too low.
    """
    if not is_finite(tolerance) or tolerance <= 0:
        raise ValueError(f"tolerance={shown(tolerance)}: must be a positive number, such as 1e-10")
    if not isinstance(values or {}, Mapping) or not all(isinstance(k, sp.Symbol) for k in values or {}):
        raise TypeError(f"values={shown(values)}: give the value of each parameter, such as {{kappa: 1.0}}")
    fixed = named(cutoffs or {})
    known = {
        mode.name: positive_count(f"cutoff of {mode.name}", fixed.get(mode.name, FIRST_CUTOFF)) for mode in master.modes
    }
    while True:
        found, short = solve(Superoperators(master, dict(values or {}), known))
        if not short:
            return found, known
        for name, population in short.items():
            if name in fixed:
                raise ValueError(
                    f"cutoffs={{{name!r}: {known[name]}}}: the highest number state kept reaches a population of "
                    f"{population:.2g}, {tolerance:g} is allowed; take more states or shorter times"
                )
            known[name] += max(2, known[name] // 4)


def watched(
    steps: Iterable[tuple[Vector, NDArray[np.float64]]], modes: Sequence[str], tolerance: float
) -> tuple[Vector, dict[str, float]]:
    """Return averages over times, and of every mode whose cutoff is too low the population of its highest number state.

    Parameters
    ----------
    steps
        At every time, the averages: of those populations, of 1, then any others; and the populations' means since the
        last time.
    modes
        Names of the modes.
    tolerance
        Largest population, and loss of trace.

    Raises
    ------
    ValueError
        If the trace of the density matrix is lost for another reason.
    """
    columns = []
    for averages, populations in steps:
        columns.append(averages)
        lost = abs(averages[len(modes)] - 1)
        reached = np.maximum(populations, np.abs(averages[: len(modes)]))
        if lost > tolerance and not (reached > tolerance).any():
            reached[:] = lost  # already missing at the start
        if (reached > tolerance).any():  # later times would be for nothing
            return np.transpose(columns), {
                name: p for name, p in zip(modes, reached.tolist(), strict=True) if p > tolerance
            }
    found = np.transpose(columns)
    missing = float(np.max(np.abs(found[len(modes)] - 1)))
    if not missing <= max(tolerance, PROMISED):
        raise ValueError(
            f"the trace of the density matrix is off 1 by {missing:.1g}: take shorter times, or smaller rates"
        )
    return found, {}
