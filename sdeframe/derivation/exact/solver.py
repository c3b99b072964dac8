"""Exact averages of small systems, on those elements of the density matrix that matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.caches import cached
from sdeframe.derivation.exact.course import Course
from sdeframe.derivation.exact.cutoffs import increasing_times, watched, with_cutoffs
from sdeframe.derivation.exact.elements import check_size
from sdeframe.derivation.exact.functionals import Functional
from sdeframe.derivation.exact.integration import matrices
from sdeframe.derivation.exact.questions import Question, hashable
from sdeframe.derivation.exact.reach import reached_and_seen
from sdeframe.derivation.exact.superoperators import Superoperators
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.operators.operators import Operator, named_operators
from sdeframe.progress import counted

__all__ = ["averages", "exact_means", "exact_solution"]

Reals = NDArray[np.float64]
Vector = NDArray[np.complex128]


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
    solution = exact_solution(master, operators, initial, times, values, cutoffs, tolerance)
    return {name: found.copy() for name, found in solution.averages.items()}


@attrs.frozen(eq=False)
class Solution:
    """Exact averages over time, and of how many number states of every mode they are."""

    averages: dict[str, Vector]
    cutoffs: dict[str, int]


@usual_arithmetic
def exact_solution(
    master: Master,
    operators: Mapping[str, Operator],
    initial: Mapping[Any, Any],
    times: ArrayLike,
    values: Mapping[Any, Any] | None = None,
    cutoffs: Mapping[Any, int] | None = None,
    tolerance: float = 1e-10,
) -> Solution:
    """Return what `exact_means` does with the cutoffs; what was solved before is known."""
    asked, t = named_operators(operators), increasing_times(times)

    def solve() -> Solution:
        def seen(system: Superoperators) -> list[Functional]:
            return [system.average(x) for x in asked.values()]

        found, known = averages(master, seen, initial, t, values, cutoffs, tolerance)
        return Solution(dict(zip(asked, found, strict=True)), known)

    question = tuple((name, x.written) for name, x in asked.items())
    return _answer(Question(hashable((as_master(master), question, initial, t, values, cutoffs, tolerance)), solve))


@cached(64)
def _answer(question: Question) -> Solution:
    return question.solve()


def averages(
    master: Master,
    seen: Callable[[Superoperators], Sequence[Functional]],
    initial: Mapping[Any, Any],
    times: ArrayLike,
    values: Mapping[Any, Any] | None,
    cutoffs: Mapping[Any, int] | None,
    tolerance: float,
) -> tuple[Vector, dict[str, int]]:
    """Return exact averages of functionals of the density matrix, shape (functionals, T), and the cutoffs.

    See `exact_means`.
    """
    master, t = as_master(master), increasing_times(times)
    return with_cutoffs(
        master, values, cutoffs, tolerance, lambda system: _solve(system, seen(system), initial, t, tolerance)
    )


def _solve(
    system: Superoperators, functionals: Sequence[Functional], initial: Mapping[Any, Any], t: Reals, tolerance: float
) -> tuple[Vector, dict[str, float]]:
    """Return averages, and of every mode whose cutoff is too low the population of its highest number state."""
    modes = [mode.name for mode in system.master.modes]
    seen = [*system.watch(), *functionals]
    terms, start = list(system.liouvillian()), system.start(initial)
    kept = reached_and_seen(system.basis, [placed for _, placed in terms], start, seen)
    check_size(kept.size)
    rows = np.array([functional.at(kept) for functional in seen])
    course = Course(matrices(system.basis, terms, kept), rows, len(modes), start.at(kept), float(t[-1]))
    kept_states = ", ".join(f"{count} of {name}" for name, count in system.cutoffs.items())
    what = f"exact, {kept_states}" if kept_states else "exact"
    found, short = watched(counted(course.follow(t), len(t), what), modes, tolerance)
    if not short:
        course.check(found, t)
    return found[len(modes) + 1 :], short
