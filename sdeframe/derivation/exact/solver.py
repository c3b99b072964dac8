"""Exact averages of small systems, on those elements of the density matrix that matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.exact.course import PROMISED, Course
from sdeframe.derivation.exact.elements import check_size
from sdeframe.derivation.exact.integration import matrices
from sdeframe.derivation.exact.reach import reached_and_seen
from sdeframe.derivation.exact.superoperators import Superoperators
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.operators.operators import Operator, named_operators
from sdeframe.derivation.starts.initial_values import named
from sdeframe.validators import is_finite, positive_count, real_numbers, shown

__all__ = ["exact_means"]

Reals = NDArray[np.float64]
Vector = NDArray[np.complex128]

FIRST_CUTOFF: Final = 5


@usual_arithmetic
def exact_means(
    master: Master,
    operators: Mapping[str, Operator],
    initial: Mapping[Any, Any],
    times: ArrayLike,
    values: Mapping[Any, Any] | None = None,
    cutoffs: Mapping[Any, int] | None = None,
    tolerance: float = 1e-10,
) -> dict[str, NDArray[np.complex128]]:
    """Return exact quantum mechanical averages from the master equation.

    Only elements of the density matrix are integrated that the initial state can reach and that an operator can see, so
    that what conserves excitations costs little. Identical emitters are kept in symmetric states. The state is
    an exponential of a matrix times the initial one; where coefficients vary in time, a Runge-Kutta scheme of order 8
    keeps errors of 1e-10 a step. Its steps begin and end where coefficients jump, and are no longer than bounds of the
    coefficients between two steps allow: no pulse between output times is missed, however short. Everything is solved
    again with other steps, 100 times less accurate, and refused where an average changes by more than 1e-5 of its
    largest value, or of 1: it is then not right to 1e-6, as is promised.

    Parameters
    ----------
    master
        The master equation.
    operators
        What is averaged, by name.
    initial
        For every mode, or its name, a state such as `Coherent`; for several modes together, as a tuple, a joint one
        such as `TwoModeSqueezed`; for every kind of emitters a level or the density matrix of one, in the order of the
        levels, or a list with one for each emitter.
    times
        Increasing times from 0 on, shape (T,).
    values
        The value of every parameter, symbolic numbers of emitters included.
    cutoffs
        Number of number states kept of every mode, or of some. A mode without one has as many as the tolerance takes.
    tolerance
        Largest population of the highest number state kept, at any of the times and in the mean between two of them,
        and largest loss of trace. Averages can be off by more: <a²> of a squeezed field by 35 times as much at 1e-8.

    Returns
    -------
    dict
        Of every operator the averages, complex of shape (T,).

    Raises
    ------
    ValueError
        If something is missing, the system is too large, a cutoff too low, a coefficient not such that bounds of it are
        known, or the solution not as accurate as promised; the message says what would help.
    """
    master, operators = as_master(master), named_operators(operators)
    if not is_finite(tolerance) or tolerance <= 0:
        raise ValueError(f"tolerance={shown(tolerance)}: must be a positive number, such as 1e-10")
    if not isinstance(values or {}, Mapping) or not all(isinstance(k, sp.Symbol) for k in values or {}):
        raise TypeError(f"values={shown(values)}: give the value of each parameter, such as {{kappa: 1.0}}")
    t = real_numbers(times)
    if t is None or t.ndim != 1 or not t.size or not np.isfinite(t).all() or t[0] < 0 or (np.diff(t) <= 0).any():
        raise ValueError("times: give increasing finite times from 0 on")
    fixed = named(cutoffs or {})
    known = {
        mode.name: positive_count(f"cutoff of {mode.name}", fixed.get(mode.name, FIRST_CUTOFF)) for mode in master.modes
    }
    while True:
        means, short = _solve(Superoperators(master, dict(values or {}), known), operators, initial, t, tolerance)
        if not short:
            return means
        for name, population in short.items():
            if name in fixed:
                raise ValueError(
                    f"cutoffs={{{name!r}: {known[name]}}}: the highest number state kept reaches a population of "
                    f"{population:.2g}, {tolerance:g} is allowed; take more states or shorter times"
                )
            known[name] += max(2, known[name] // 2)


def _solve(
    system: Superoperators, operators: Mapping[str, Operator], initial: Mapping[Any, Any], t: Reals, tolerance: float
) -> tuple[dict[str, Vector], dict[str, float]]:
    """Return averages, and of every mode whose cutoff is too low the population of its highest number state."""
    modes = [mode.name for mode in system.master.modes]
    tops = [system.trace(top=name) for name in modes]
    seen = [*tops, system.trace(), *(system.average(x) for x in operators.values())]
    terms, start = list(system.liouvillian()), system.start(initial)
    kept = reached_and_seen(system.basis, [placed for _, placed in terms], start, seen)
    check_size(kept.size)
    rows = np.array([functional.at(kept) for functional in seen])
    course = Course(matrices(system.basis, terms, kept), rows, len(modes), start.at(kept), float(t[-1]))
    columns = []
    for averages, populations in course.follow(t):
        columns.append(averages)
        lost = abs(averages[len(modes)] - 1)
        reached = np.maximum(populations, np.abs(averages[: len(modes)]))
        if lost > tolerance and not (reached > tolerance).any():
            reached[:] = lost  # already missing at the start
        if (reached > tolerance).any():  # later times would be for nothing
            return {}, {name: p for name, p in zip(modes, reached.tolist(), strict=True) if p > tolerance}
    found = np.transpose(columns)
    missing = float(np.max(np.abs(found[len(modes)] - 1)))
    if not missing <= max(tolerance, PROMISED):
        raise ValueError(
            f"the trace of the density matrix is off 1 by {missing:.1g}: take shorter times, or smaller rates"
        )
    course.check(found, t)
    return dict(zip(operators, found[len(modes) + 1 :], strict=True)), {}
