"""What becomes of RρL, by the master equation of ρ itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.exact.course import RTOL, Course
from sdeframe.derivation.exact.cutoffs import watched
from sdeframe.derivation.exact.elements import check_size
from sdeframe.derivation.exact.functionals import Functional, Listed, Placed, Term
from sdeframe.derivation.exact.integration import matrices
from sdeframe.derivation.exact.reach import reached, reached_and_seen
from sdeframe.derivation.exact.steady import steady_state
from sdeframe.derivation.exact.superoperators import Superoperators
from sdeframe.derivation.operators.operators import Operator

__all__ = ["Branch", "Early"]

Elements = NDArray[np.int64]
Reals = NDArray[np.float64]
Vector = NDArray[np.complex128]
Short = dict[str, float]


@attrs.frozen(eq=False, slots=False)
class Early:
    """The density matrix up to the times at which the first operators act.

    Parameters
    ----------
    system
        The master equation.
    start
        The state at time 0.
    """

    system: Superoperators
    start: Functional

    @cached_property
    def terms(self) -> list[Term]:
        """dρ/dt."""
        return list(self.system.liouvillian())

    @property
    def maps(self) -> list[Placed]:
        """Its maps, without what stands before them."""
        return [placed for _, placed in self.terms]

    @property
    def modes(self) -> list[str]:
        """Names of the modes."""
        return [mode.name for mode in self.system.master.modes]

    @cached_property
    def kept(self) -> Elements:
        """The elements that the start reaches."""
        return reached(self.system.basis, self.maps, self.start)

    @cached_property
    def _parts(self) -> list[tuple[Any, Any]]:
        return matrices(self.system.basis, self.terms, self.kept)

    @cached_property
    def _rows(self) -> Vector:
        return np.array([functional.at(self.kept) for functional in self.system.watch()])

    def states(self, times: Reals, tolerance: float, rtol: float = RTOL) -> tuple[list[Listed], Short]:
        """Return the state at some times, and what cutoffs are too low as `watched` does."""
        course = Course(self._parts, self._rows, len(self.modes), self.start.at(self.kept), float(times[-1]))
        steps = list(course.states(times, rtol))
        _, short = watched(((self._rows @ state, held) for state, held in steps), self.modes, tolerance)
        return [self._listed(state) for state, _ in steps], short

    def steady(self, tolerance: float) -> tuple[list[Listed], Short]:
        """Return the state that the density matrix goes to, and what cutoffs are too low.

        Raises
        ------
        ValueError
            If a coefficient holds the time, or see `steady_state`.
        """
        if len(self._parts) > 1:
            raise ValueError(
                f"start='steady': a coefficient changes in time, as {self._parts[1][0]} does; give times to start from"
            )
        state = steady_state(self._parts[0][1], self.start.at(self.kept), self._rows[-1])
        _, short = watched([(self._rows @ state, np.zeros(len(self.modes)))], self.modes, tolerance)
        return [self._listed(state)], short

    def _listed(self, state: Vector) -> Listed:
        return Listed(self.system.basis, self.kept, state)


@attrs.frozen(eq=False, slots=False)
class Branch:
    """What is averaged of RρL as it goes on.

    Parameters
    ----------
    early
        ρ.
    left, right
        L and R.
    seen
        What is averaged, the highest populations and the trace first where they are watched.
    positive
        Whether L = R†, so that what is too large for the cutoffs shows in populations.
    """

    early: Early
    left: Operator
    right: Operator
    seen: Sequence[Functional]
    positive: bool

    @cached_property
    def _around(self) -> list[Term]:
        return self.early.system.around(self.left, self.right)

    @cached_property
    def _kept(self) -> Elements:
        early = self.early
        reachable = Listed(early.system.basis, early.kept, np.ones(len(early.kept), dtype=complex)).mapped(self._around)
        if not reachable.size:
            return reachable.numbers
        kept = reached_and_seen(early.system.basis, early.maps, reachable, self.seen)
        check_size(kept.size)
        return kept

    @cached_property
    def _parts(self) -> list[tuple[Any, Any]]:
        return matrices(self.early.system.basis, self.early.terms, self._kept)

    def follow(self, state: Listed, begin: float, times: Reals, rtol: float = RTOL) -> list[tuple[Vector, Reals]]:
        """Return, for later times, the averages and the means of the highest populations since the time before.

        Where these are watched, RρL is divided by its trace; nothing is returned where that is 0.
        """
        start = state.mapped(self._around).at(self._kept)
        rows = np.array([functional.at(self._kept) for functional in self.seen])
        count = len(self.early.modes) if self.positive else 0
        if not start.any():
            return [] if self.positive else [(np.zeros(len(rows), dtype=complex), np.zeros(0)) for _ in times]
        norm = rows[count] @ start if self.positive else 1.0
        course = Course(self._parts, rows, count, start / norm, float(times[-1]), begin)
        return list(course.follow(times, rtol))
