"""Averages along the course of a density matrix, with what its highest number states hold between two times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.exact.functions_of_time import FunctionsOfTime
from sdeframe.derivation.exact.integration import Evolution

__all__ = ["COARSER", "PROMISED", "RTOL", "Course", "agree", "compared"]

Reals = NDArray[np.float64]
Vector = NDArray[np.complex128]

RTOL: Final = 1e-10
"""Error of a time step, relative to the norm of the density matrix."""
COARSER: Final = 100.0
"""By this factor steps may be less accurate when all is solved again as a check."""
PROMISED: Final = 1e-6
"""Largest error of an average that is not seen, relative to the largest value that it has, or to 1."""
CHECKED: Final = 5
"""Number of output times at which averages are compared, the last one included."""


class Course:
    """A density matrix that starts at some time.

    The integrals of some populations over time are integrated with it, as more elements, so that nothing that happens
    between two times stays unseen.

    Parameters
    ----------
    parts
        Functions of time with their matrices, the first one the constant 1, as `matrices` gives them.
    rows
        What is averaged, each a functional of the elements, shape (averages, elements); the watched populations first.
    watched
        How many of them these are.
    start
        The elements at the first time.
    end
        The last time.
    begin
        The first time.

    Raises
    ------
    ValueError
        If a function of time cannot be followed; see `FunctionsOfTime`.
    """

    def __init__(
        self,
        parts: Sequence[tuple[Any, Any]],
        rows: Vector,
        watched: int,
        start: Vector,
        end: float,
        begin: float = 0.0,
    ) -> None:
        functions, matrices = zip(*parts, strict=True)
        self._rows, self._watched, self._begin = rows, watched, begin
        self._start = np.concatenate([start, np.zeros(watched)])
        self._functions = FunctionsOfTime(functions, end)
        self._matrices = [
            _enlarged(matrix, rows[:watched] * (k == 0)) if watched else matrix for k, matrix in enumerate(matrices)
        ]

    def follow(self, times: Reals, rtol: float = RTOL) -> Iterator[tuple[Vector, Reals]]:
        """Yield for every time the averages, and the mean of every watched population since the last time.

        Parameters
        ----------
        times
            Increasing, from the first to the last time.
        rtol
            The error of a step, relative to the norm of the state.
        """
        for elements, held in self.states(times, rtol):
            yield self._rows @ elements, held

    def states(self, times: Reals, rtol: float = RTOL) -> Iterator[tuple[Vector, Reals]]:
        """Yield for every time the elements, and the mean of every watched population since the last time."""
        elements, state, now = self._rows.shape[1], self._start, self._begin
        evolution = Evolution(self._functions, self._matrices, rtol)
        for then in times.tolist():
            held = np.zeros(self._watched)
            if then > now:
                state[elements:] = 0
                state = evolution.advance(state, now, then)
                held = np.abs(state[elements:]) / (then - now)
            now = then
            yield state[:elements], held

    def check(self, found: Vector, times: Reals) -> None:
        """Compare averages with those of other, less accurate steps.

        Parameters
        ----------
        found
            What `follow` gave, shape (averages, times); watched populations are not looked at.
        times
            Its times.

        Raises
        ------
        ValueError
            If they are not as accurate as promised.
        """
        some = compared(len(times))
        again = np.transpose([averages for averages, _ in self.follow(times[some], COARSER * RTOL)])
        agree(found[self._watched :], again[self._watched :], some)


def compared(count: int) -> NDArray[np.int64]:
    """Return at which of so many times averages are compared."""
    return np.unique(np.linspace(count - 1, 0, CHECKED).round().astype(int))


def agree(found: Vector, again: Vector, some: NDArray[np.int64]) -> None:
    """Raise ValueError where averages, over times, change too much at some of them with less accurate steps."""
    off = np.abs(again - found[:, some]) / np.maximum(1.0, np.abs(found).max(axis=1, keepdims=True))
    if not off.max() <= 10 * PROMISED:  # errors are in the ratio of the tolerances, 100 at most
        raise ValueError(
            f"the averages are not as accurate as promised: other steps in time change them by {off.max():.1g} of "
            f"their largest value, {10 * PROMISED:g} is allowed; take shorter times, or smaller rates"
        )


def _enlarged(matrix: Any, rows: Vector) -> Any:
    """Return a matrix with more rows below, and as many empty columns."""
    from scipy import sparse

    below = sparse.csr_array(rows)
    return sparse.block_array([[matrix, None], [below, sparse.csr_array((len(rows), len(rows)))]], format="csr")
