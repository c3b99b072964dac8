"""Averages along the course of a density matrix, with what its highest number states hold between two times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.exact.integration import Evolution

__all__ = ["Course"]

Vector = NDArray[np.complex128]


class Course:
    """A density matrix that starts at time 0.

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
        The elements at time 0.
    """

    def __init__(self, parts: Sequence[tuple[Any, Any]], rows: Vector, watched: int, start: Vector) -> None:
        self._rows, self._watched = rows, watched
        self._start = np.concatenate([start, np.zeros(watched)])
        self._parts = [(f, _enlarged(matrix, rows[:watched] * (k == 0))) for k, (f, matrix) in enumerate(parts)]

    def follow(self, times: NDArray[np.float64], rtol: float) -> Iterator[tuple[Vector, NDArray[np.float64]]]:
        """Yield for every time the averages, and the mean of every watched population since the last time.

        Parameters
        ----------
        times
            Increasing, from 0 on.
        rtol
            The error of a step, relative to the norm of the state.
        """
        elements, state, now = self._rows.shape[1], self._start, 0.0
        evolution = Evolution(self._parts, float(times[-1]), rtol) if times[-1] > 0 else None
        for then in times.tolist():
            held = np.zeros(self._watched)
            if evolution is not None and then > now:
                state[elements:] = 0
                state = evolution.advance(state, now, then)
                held = np.abs(state[elements:]) / (then - now)
            now = then
            yield self._rows @ state[:elements], held


def _enlarged(matrix: Any, rows: Vector) -> Any:
    """Return a matrix with more rows below, and as many empty columns."""
    from scipy import sparse

    below = sparse.csr_array(rows)
    return sparse.block_array([[matrix, None], [below, sparse.csr_array((len(rows), len(rows)))]], format="csr")
