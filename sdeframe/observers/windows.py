"""Which output times a window holds."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.validators import real_numbers, shown

Window = tuple[float, float]
Times = NDArray[np.float64]

NEAR: Final = 1e-9
"""What a time may be off the end of a window and still lie in it, in units of that end, 1 at least."""
ALIKE: Final = 1e-6
"""What equal spacings may differ by, of themselves."""

DIGITS: Final = 12
"""Of a spacing: the rest is what rounding left of times, and differs between windows of the same length."""


def valid_window(owner: str, window: Any) -> Window:
    """Return the two times that were given as a window, or raise ValueError."""
    ends = real_numbers(window)
    if ends is None or ends.shape != (2,) or not np.isfinite(ends).all() or not 0 <= ends[0] < ends[1]:
        raise ValueError(
            f"window={shown(window)} in {owner}: must be its first and its last time, 0 or later and in this order, "
            f"such as window=(10.0, 50.0)"
        )
    return float(ends[0]), float(ends[1])


def held(owner: str, window: Window, times: Times) -> range:
    """Return the numbers of the output times within a window.

    Raises
    ------
    ValueError
        If there are fewer than two, or they end before the window does, at either end.
    """
    (begin, end), near = window, NEAR * max(1.0, window[1])
    inside = np.flatnonzero((times >= begin - near) & (times <= end + near))
    where = f"{owner}(window=({begin:g}, {end:g}))"
    if inside.size < 2:
        raise ValueError(
            f"{where}: holds {inside.size} of the run's output times, which go from {times[0]:g} to {times[-1]:g}, and "
            f"needs two at least: give times=np.linspace({begin:g}, {end:g}, 1001), or another window"
        )
    within = times[inside]
    widest = np.diff(within).max() * (1 + ALIKE)
    if within[0] - begin > widest or end - within[-1] > widest:
        raise ValueError(
            f"{where}: the run's output times within it go from {within[0]:g} to {within[-1]:g} only: give times for "
            f"all of it, or window=({within[0]:g}, {within[-1]:g})"
        )
    return range(int(inside[0]), int(inside[-1]) + 1)


def spacing(owner: str, times: Times) -> float:
    """Return the time between neighbours of some output times, or raise ValueError unless they are equally spaced."""
    apart = (times[-1] - times[0]) / (len(times) - 1)
    even = np.linspace(times[0], times[-1], len(times))
    if np.abs(times - even).max() > ALIKE * apart:
        steps = np.diff(times)
        raise ValueError(
            f"{owner}: output times in its window are {steps.min():g} to {steps.max():g} apart, and must be equally "
            f"spaced: give such as times=np.linspace({times[0]:g}, {times[-1]:g}, {len(times)}), or a window in which "
            f"they are"
        )
    return float(f"{apart:.{DIGITS}g}")
