"""Values of a block at two times, multiplied and laid out to be summed up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.interfaces.recording import ALIVE, PEAK, VALUES, Recording
from sdeframe.scratch import scratch

Array = NDArray[np.float64]
ENTER = 3
"""What a normalised correlation is made of: the product, and what it is divided by at the start and at the end."""
NAMES = ENTER * (ENTER + 1)
"""Values of a pair that are summed, which `polarised` makes of these."""


def factors(both: Array, first: bool, amplitudes: Sequence[bool]) -> Array:
    """Return what each pair gives to the product at one of its times, and to what divides: (2, runs, pairs, 2, ...).

    Parameters
    ----------
    both
        Real and imaginary parts of both expressions of every pair, shape (2, runs, pairs, 2, ...).
    first
        Whether it is the start, to which the first expression belongs.
    amplitudes
        Of every pair, whether it is one of amplitudes.
    """
    out = np.empty(both.shape)
    out[:, :, :, 0] = out[:, :, :, 1] = both[:, :, :, 0 if first else 1]
    for p in (p for p, amplitude in enumerate(amplitudes) if amplitude):
        _multiply(both[:, :, p, 0], both[:, :, p, 1], out[:, :, p, 1])
    return out


def entering(early: Array, late: Array) -> Array:
    """Return the products of pairs at two times, and what divides at each, shape (2, runs, pairs, 3, ...).

    Parameters
    ----------
    early, late
        Their `factors`.
    """
    parts, runs, pairs, _, *rest = late.shape
    out = np.empty((parts, runs, pairs, ENTER, *rest))
    _multiply(early[:, :, :, 0], late[:, :, :, 0], out[:, :, :, 0])
    out[:, :, :, 1], out[:, :, :, 2] = early[:, :, :, 1], late[:, :, :, 1]
    return out


def _multiply(a: Array, b: Array, out: Array) -> None:
    """Write both parts of a product, by correctly rounded operations alone: the same bits in any array."""
    np.subtract(a[0] * b[0], a[1] * b[1], out=out[0])
    np.add(a[0] * b[1], a[1] * b[0], out=out[1])


@cached(64)
def symbols(pairs: int) -> tuple[sp.Symbol, ...]:
    """Return what stands for the values that are summed."""
    return tuple(sp.Symbol(f"v{p}_{i}") for p in range(pairs) for i in range(NAMES))


def recorded(recording: Recording, at: int, place: int, values: Array) -> Recording:
    """Return values that enter, with all that their covariances take, as a recording of one output time.

    Parameters
    ----------
    recording, at
        The trajectories, and the time in it that tells who counts.
    place
        The number that the output time gets.
    values
        See `entering`.
    """
    _, runs, pairs, _, *rest = values.shape
    n = pairs * NAMES
    rows = scratch("correlation", (runs, 1, VALUES + 2 * n, *rest))
    rows[:, 0, ALIVE], rows[:, 0, PEAK] = recording.rows[:, at, ALIVE], recording.rows[:, at, PEAK]
    for p in range(pairs):
        first = VALUES + p * NAMES
        real, imaginary = (rows[:, 0, start : start + NAMES] for start in (first, first + n))
        _polarise(values[0, :, p], values[1, :, p], real, imaginary)
    return Recording(place, recording.held, symbols(pairs), rows)


def _polarise(x: Array, y: Array, real: Array, imaginary: Array) -> None:
    """Write what `sdeframe.observers.functions.polarised` makes of values, parts of shape (runs, 3, ...)."""
    k = x.shape[1]
    real[:, :k], imaginary[:, :k] = x, y
    np.add(x, y, out=real[:, k : 2 * k])
    np.subtract(y, x, out=imaginary[:, k : 2 * k])
    for at, (i, j) in enumerate(combinations(range(k), 2), start=k):
        np.add(x[:, i], x[:, j], out=real[:, 2 * at])
        np.add(y[:, i], y[:, j], out=imaginary[:, 2 * at])
        np.add(x[:, i], y[:, j], out=real[:, 2 * at + 1])
        np.subtract(y[:, i], x[:, j], out=imaginary[:, 2 * at + 1])
