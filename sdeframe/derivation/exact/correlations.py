"""Exact averages of operators at two times, by quantum regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.exact.course import COARSER, RTOL, agree, compared
from sdeframe.derivation.exact.cutoffs import increasing_times, watched, with_cutoffs
from sdeframe.derivation.exact.regression import Branch, Early
from sdeframe.derivation.exact.superoperators import Superoperators
from sdeframe.derivation.operators.around import left_and_right
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.validators import real_numbers, shown

__all__ = ["exact_correlations"]

Reals = NDArray[np.float64]
Vector = NDArray[np.complex128]

STEADY: Final = "steady"
"""A start after so long a time that nothing changes any more."""


@usual_arithmetic
def exact_correlations(
    master: Master,
    A: Operator | tuple[Operator, Operator],
    B: Operator,
    start: ArrayLike | str,
    times: ArrayLike,
    initial: Mapping[Any, Any],
    values: Mapping[Any, Any] | None = None,
    cutoffs: Mapping[Any, int] | None = None,
    tolerance: float = 1e-10,
) -> NDArray[np.complex128]:
    """Return exact averages of operators at two times, <A(t₀) B(t₀ + τ)>, from the master equation.

    By quantum regression, <L(t₀) B(t₀ + τ) R(t₀)> = Tr B e^(𝓛τ)[R ρ(t₀) L]: what stands before B acts on ρ from the
    right. So g1 of a mode has A = a†, B = a, and g2, normally and time ordered, A = (a†, a), B = a†a. The state is
    followed as `exact_means` does, with the same care: on all elements that the initial state can reach.

    Parameters
    ----------
    master
        The master equation.
    A
        What acts at the start: the operator L, with R = 1, or both as a pair (L, R).
    B
        What acts later.
    start
        t₀, or several, increasing from 0 on; or "steady" for the state that the initial one goes to, in the mean over
        ever longer times.
    times
        Increasing times τ from 0 on, counted from the start, shape (T,).
    initial, values, cutoffs
        The state at time 0, parameters and number states kept, as in `exact_means`.
    tolerance
        Largest population of the highest number state kept, of ρ, and relative to the whole of RρR† and L†ρL as they go
        on, which bound what RρL holds there.

    Returns
    -------
    array
        The averages, complex, shape (T,), or (starts, T) for several starts.

    Raises
    ------
    TypeError, ValueError
        As `exact_means` does; or if a start is no time, or there is no steady state.
    """
    master, tau = as_master(master), increasing_times(times)
    asked = _Asked(*left_and_right(A), as_operator(B), _starts(start), tau, initial, tolerance)
    found, _ = with_cutoffs(master, values, cutoffs, tolerance, asked.solve)
    return found if np.ndim(start) else found[0]


def _starts(start: Any) -> Reals | None:
    """Return the times to start from, None for the steady state."""
    if isinstance(start, str):
        if start != STEADY:
            raise ValueError(f"start={start!r}: must be a time, several, or {STEADY!r}")
        return None
    t = real_numbers(np.atleast_1d(np.asarray(start)))
    if t is None or t.ndim != 1 or not t.size or not np.isfinite(t).all() or t[0] < 0 or (np.diff(t) <= 0).any():
        raise ValueError(f"start={shown(start)}: must be a time from 0 on, several increasing ones, or {STEADY!r}")
    return t


@attrs.frozen(eq=False)
class _Asked:
    """<left(t₀) later(t₀ + τ) right(t₀)>."""

    left: Operator
    right: Operator
    later: Operator
    starts: Reals | None
    tau: Reals
    initial: Mapping[Any, Any]
    tolerance: float

    def solve(self, system: Superoperators) -> tuple[Vector, dict[str, float]]:
        """Return the averages, shape (starts, T), and what cutoffs are too low as `watched` does."""
        early = Early(system, system.start(self.initial))
        states, short = self._states(early)
        if short:
            return np.zeros((0, 0), dtype=complex), short
        begins = [0.0] if self.starts is None else self.starts.tolist()
        for first in (self.right,) if self.left.dag() == self.right else (self.right, self.left.dag()):
            companion = Branch(early, first.dag(), first, early.system.watch(), positive=True)
            for state, begin in zip(states, begins, strict=True):
                steps = companion.follow(state, begin, begin + self.tau)
                _, short = watched(steps, early.modes, self.tolerance) if steps else (None, {})
                if short:
                    return np.zeros((0, 0), dtype=complex), short
        branch = Branch(early, self.left, self.right, [system.average(self.later)], positive=False)
        found = self._averages(branch, states, begins, self.tau)
        self._check(early, branch, begins, found)
        return found, {}

    def _states(self, early: Early, rtol: float = RTOL) -> Any:
        return early.steady(self.tolerance) if self.starts is None else early.states(self.starts, self.tolerance, rtol)

    def _averages(self, branch: Branch, states: Any, begins: list[float], tau: Reals, rtol: float = RTOL) -> Vector:
        """Return the averages at all starts, shape (starts, times)."""
        steps = [branch.follow(state, begin, begin + tau, rtol) for state, begin in zip(states, begins, strict=True)]
        return np.array([[averages[0] for averages, _ in of_start] for of_start in steps])

    def _check(self, early: Early, branch: Branch, begins: list[float], found: Vector) -> None:
        """Compare with less accurate steps from the time 0 on."""
        some, rtol = compared(len(self.tau)), COARSER * RTOL
        states, _ = self._states(early, rtol)
        agree(found, self._averages(branch, states, begins, self.tau[some], rtol), some)
