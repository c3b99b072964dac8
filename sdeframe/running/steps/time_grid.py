"""Output times as numbers of steps."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.validators import real_numbers, shown

SAME: Final = 1e-12
"""Relative difference of what is the same step."""
LARGEST: Final = 10**5
"""Of the denominators of fractions."""
MOST: Final = 4
"""Times as many steps as are needed that a step may make to have few digits."""


def valid_times(times: ArrayLike) -> NDArray[np.float64]:
    """Return output times as an array, or raise ValueError."""
    grid = real_numbers(times)
    if grid is None:
        raise ValueError(f"times={shown(times)}: must be increasing numbers, such as np.linspace(0, 5, 101)")
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(
            f"times={shown(times)}: must be a plain list of at least one time, such as np.linspace(0, 5, 101)"
        )
    if not np.all(np.isfinite(grid)):
        raise ValueError(f"times hold {grid[~np.isfinite(grid)][0]}: every time must be finite")
    if grid[0] < 0:
        raise ValueError(f"times begin at {grid[0]:g}: the initial state is at 0, so start there or later")
    wrong = np.flatnonzero(np.diff(grid) <= 0)
    if wrong.size:
        a, b = grid[wrong[0]], grid[wrong[0] + 1]
        raise ValueError(f"times hold {b:g} after {a:g}: they must increase, so sort them and drop repeated ones")
    return grid


def output_steps(times: NDArray[np.float64], dt: float, ratio: int) -> tuple[int, ...]:
    """Return the step number of each output time, or raise ValueError where a step of ratio·dt does not reach it."""
    spacing = np.diff(times, prepend=0.0)
    shortest = np.min(spacing[spacing > 0], initial=math.inf)
    step = ratio * dt
    if step > shortest * (1 + 1e-9):
        doubled = " (twice that for step_error)" if ratio == 2 else ""
        raise ValueError(
            f"dt={dt:g}{doubled} is larger than the output spacing {shortest:g}: choose a smaller dt, such as "
            f"dt={_near(shortest / ratio, dt)}"
        )
    steps = np.rint(times / step)
    missed = np.flatnonzero(np.abs(times / step - steps) > 1e-9 * np.maximum(1.0, steps))
    if missed.size:
        time, spacing_of = times[missed[0]], f"a multiple of {step:g}"
        raise ValueError(
            f"time {time:g} is not {spacing_of}, so dt={dt:g} does not reach it"
            f"{' with step_error, which also takes steps of 2 dt' if ratio == 2 else ''}: "
            f"choose a dt that divides every output time, such as dt={_near(time / ratio, dt)}"
        )
    if steps[-1] * ratio >= 2**32:
        raise ValueError(f"time {times[-1]:g} takes {steps[-1]:.3g} steps of dt={dt:g}: at most 2**32 can be addressed")
    return tuple(int(s) * ratio for s in steps)


def _near(time: float, dt: float) -> str:
    """Return a step up to dt that divides a time, as one would type it: of few digits, or as a fraction."""
    fewest = max(1, math.ceil(time / dt))
    steps = (time / count for count in range(fewest, MOST * fewest + 1))
    for step in steps:
        for short in (f"{step:.{digits}g}" for digits in (1, 2, 3)):
            if abs(float(short) - step) < SAME * step:
                return short
    step = time / fewest
    fraction = Fraction(step).limit_denominator(LARGEST)
    return str(fraction) if abs(float(fraction) - step) < SAME * step else shown(step)
