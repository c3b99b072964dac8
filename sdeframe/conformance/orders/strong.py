"""Strong orders on shared Brownian paths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.conformance.orders.enumeration import Table
from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.kernels.array_system import EagerSystem


@attrs.frozen(eq=False)
class Paths:
    """Brownian paths of real noises to time 1: increments of shape (noises, fine steps, paths)."""

    fine: NDArray[np.float64]

    @classmethod
    def draw(cls, noises: int, steps: int, paths: int, seed: int) -> Paths:
        """Draw paths from a seed."""
        return cls(np.random.default_rng(seed).normal(0, np.sqrt(1 / steps), (noises, steps, paths)))

    def increments(self, steps: int) -> NDArray[np.float64]:
        """Return the increments of larger steps on the same paths."""
        noises, fine, paths = self.fine.shape
        return self.fine.reshape(noises, steps, fine // steps, paths).sum(axis=2)


def solve(scheme: type[Integrator], f: EagerSystem, start: ArrayLike, paths: Paths, steps: int, seed: int = 0) -> Table:
    """Return the states at time 1, shape (variables, paths), after some steps along Brownian paths."""
    dW, draw, integrator = paths.increments(steps), np.random.default_rng(seed), scheme(dt=1 / steps)
    x = np.tile(np.asarray(start, dtype=complex)[:, None], dW.shape[2])
    for k in range(steps):
        signs = draw.choice((-1.0, 1.0), dW[:, k].shape) / np.sqrt(steps) if integrator.signs else None
        x = integrator.step(f, x, k / steps, Increments(1 / steps, dW[:, k], signs))
    return x


def strong_order(
    scheme: type[Integrator], f: EagerSystem, start: ArrayLike, paths: Paths, reference: NDArray[Any],
    steps: Sequence[int] = (16, 32, 64, 128),
) -> tuple[float, float]:  # fmt: skip
    """Return the slope of log₂ of the root mean square error over log₂ h, and the standard error of that slope."""
    squares = np.array(
        [np.sum(np.abs(solve(scheme, f, start, paths, n, seed=n) - reference) ** 2, axis=0) for n in steps]
    )
    octave = -np.log2(steps)
    weights = (octave - octave.mean()) / np.sum((octave - octave.mean()) ** 2)
    means = squares.mean(axis=1)
    influence = weights @ (squares / means[:, None]) / (2 * np.log(2))  # of each path on the slope, to first order
    return float(weights @ np.log2(means)) / 2, float(np.std(influence)) / math.sqrt(squares.shape[1])
