"""An explicit Runge-Kutta scheme of order 8 for dy/dt = Σ f(t) M y, whose steps skip nothing of f."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import hypot, sqrt
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.derivation.exact.functions_of_time import FunctionsOfTime

__all__ = ["RungeKutta"]

Vector = NDArray[np.complex128]

ATOL: Final = 0.01
"""Absolute error allowed, in units of the relative one, for states that decay to nothing."""
SAFETY, SHRINK, GROW = 0.8, 0.2, 10.0
FULL: Final = 40
"""Elements up to which full matrices are faster than sparse ones."""


@attrs.frozen
class Tableau:
    """The coefficients of the scheme."""

    nodes: NDArray[np.float64]
    weights: list[NDArray[np.float64]]
    """Of the state at the start, and of the changes at the slopes of the stages before, in the state of each stage."""
    errors: NDArray[np.float64]

    @property
    def stages(self) -> int:
        """Slopes of a step."""
        return len(self.nodes) - 1


@cached(None)
def tableau() -> Tableau:
    """Return the coefficients as scipy has them, whose import costs more than most runs need to wait for."""
    from scipy.integrate import DOP853

    stages = DOP853.n_stages
    weights = [np.array([1.0, *row]) for row in (*(DOP853.A[s, :s] for s in range(stages)), DOP853.B)]
    errors = np.array([[0.0, *DOP853.E5], [0.0, *DOP853.E3]])
    return Tableau(np.array([*DOP853.C[:stages], 1.0]), weights, errors)


class RungeKutta:
    """Dormand and Prince's scheme DOP853 with an error, in the norm of y, of `rtol` a step.

    Parameters
    ----------
    functions
        The functions f.
    matrices
        The matrices M, sparse, shape (n, n), one for each function.
    rtol
        The error of a step, relative to the norm of y.
    """

    def __init__(self, functions: FunctionsOfTime, matrices: Sequence[Any], rtol: float) -> None:
        from scipy import sparse

        self.functions, self.rtol, scheme = functions, rtol, tableau()
        n = matrices[0].shape[0]
        self._full = np.array([m.toarray() for m in matrices]) if n <= FULL else None
        self._stacked = sparse.vstack(matrices, format="csr")
        # the state at the start, and the changes; products of real and complex numbers would copy and convert
        self._rows, self._stage, self._errors = (np.zeros((k, n), dtype=complex) for k in (scheme.stages + 2, 1, 2))
        parts = self._rows.view(float)
        out = self._stage.view(float)[0]
        self._combine = [partial(weights.dot, parts[: weights.size], out) for weights in scheme.weights]
        self._compare = partial(scheme.errors.dot, parts, self._errors.view(float))
        self._nodes, self._step = scheme.nodes, np.inf

    def advance(self, y: Vector, start: float, end: float, stretch: int) -> Vector:
        """Return y at the end from y at the start, both on one stretch.

        Raises
        ------
        ValueError
            If the step becomes too small for the numbers that hold the time.
        """
        t, rows, stage = start, self._rows, self._stage[0]
        rows[0], size = y, _norm(y)
        while t < end:
            room = end - t
            h = min(self._step, self.functions.horizon(t) - t, room)
            apply = self._stages(h * self.functions.values(t + h * self._nodes, stretch))
            for s, combine in enumerate(self._combine):
                combine()
                apply(s, stage, rows[s + 1])
            new_size = _norm(stage)
            error = self._error(max(size, new_size))
            if not h > 4 * np.spacing(max(t, end)) and error > 1:
                raise ValueError(
                    f"the time integration stopped at t = {t:g}: the state changes too fast, or is no number; look for "
                    f"rates that are far too large"
                )
            if error <= 1:
                t, size = (end if h == room else t + h), new_size
                rows[0] = stage
            self._step = self._next_step(h, error)
        return rows[0].copy()

    def _next_step(self, h: float, error: float) -> float:
        """Return the step to try after one of length h, which told nothing where it was cut short."""
        factor = min(GROW, max(SHRINK, SAFETY * error ** (-1 / 8))) if error > 0 else GROW
        return max(h * factor, self._step if factor == GROW and self._step < np.inf else 0.0)

    def _stages(self, factors: Vector) -> Callable[[int, Vector, Vector], object]:
        """Return what writes by how much a state changes in a step at the slope of a stage, h times the functions."""
        if self._full is not None:
            n = self._stage.size
            generators = (factors @ self._full.reshape(len(self._full), -1)).reshape(-1, n, n)
            return lambda s, y, out: generators[s].dot(y, out)
        return lambda s, y, out: np.dot(factors[s], (self._stacked @ y).reshape(factors.shape[1], -1), out=out)

    def _error(self, size: float) -> float:
        """Return the estimated error of a step over the allowed one; infinite where it is no number."""
        self._compare()
        fifth, third = map(_norm, self._errors)
        both = hypot(fifth, 0.1 * third)
        if both == 0:
            return 0.0
        error = fifth * (fifth / both) / (self.rtol * (size + ATOL))
        return error if error == error else np.inf


def _norm(y: Vector) -> float:
    return sqrt(np.vdot(y, y).real)
