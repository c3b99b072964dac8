"""Steps in time: all of one size, but for those that are cut where a coefficient switches."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import Final

import attrs

SAME: Final = 2.0**-28
"""Share of a step within which two times are one; a step sees its coefficients as they are a little within its ends."""


@attrs.frozen
class Stretch:
    """Steps of equal size that follow each other."""

    first: int
    """Number of its first step."""
    last: int
    """Number of the step after it."""
    dt: float
    shift: int = 0
    """Number of the step that begins at `origin`."""
    origin: float = 0.0

    def time(self, step: int) -> float:
        """Return the time at which a step begins."""
        return (step - self.shift) * self.dt + self.origin


def stretches(dt: float, steps: Sequence[int], breaks: Sequence[float]) -> tuple[tuple[Stretch, ...], tuple[int, ...]]:
    """Return steps of which none holds a break inside, nor do the steps of twice the size beside them.

    Steps go in pairs. In place of a pair with breaks inside there are two equal steps between any two cuts, which are
    its ends, the breaks, and its middle where that is an output time.

    Parameters
    ----------
    dt
        The step.
    steps
        Increasing numbers of the output times, in uncut steps.
    breaks
        Increasing times at which coefficients switch.

    Returns
    -------
    tuple
        The stretches, and the numbers of the output times in cut steps.
    """
    end, wanted = steps[-1], set(steps)
    found: list[Stretch] = []
    marks = [(0, 0)]
    """Numbers in uncut and in cut steps."""
    for begin, inside in _broken(dt, end, breaks).items():
        found += _uncut(dt, *marks[-1], begin)
        number, after = found[-1].last if found else 0, min(begin + 2, end)
        middle = [(begin + 1) * dt] if begin + 1 in wanted and after > begin + 1 else []
        for start, stop in pairwise(_distinct([begin * dt, *sorted(middle + inside), after * dt], dt)):
            found.append(Stretch(number, number + 2, (stop - start) / 2, number, start))
            number += 2
            if middle and abs(stop - middle[0]) <= SAME * dt:
                marks.append((begin + 1, number))
        marks.append((after, number))
    found += _uncut(dt, *marks[-1], end)
    return tuple(found) or (Stretch(0, 0, dt),), tuple(_number(marks, step) for step in steps)


def _broken(dt: float, end: int, breaks: Sequence[float]) -> dict[int, list[float]]:
    """Return the first steps of the pairs that breaks are in, with these; one at an end of a pair cuts nothing."""
    pairs = defaultdict(list)
    for t in breaks:
        begin = 2 * floor(t / (2 * dt) + SAME)
        if begin < end and min(abs(t - begin * dt), abs(t - end * dt)) > SAME * dt:
            pairs[begin].append(t)
    return pairs


def _distinct(times: list[float], dt: float) -> list[float]:
    """Return ascending times without those that are one with the one before, or with the last."""
    kept = times[:1]
    for t in times[1:-1]:
        if t - kept[-1] > SAME * dt and times[-1] - t > SAME * dt:
            kept.append(t)
    return [*kept, times[-1]]


def _uncut(dt: float, done: int, number: int, until: int) -> list[Stretch]:
    """Return the stretch of steps that nothing cuts, from one uncut step to another, if there are any."""
    return [Stretch(number, number + until - done, dt, number - done)] if until > done else []


def _number(marks: Sequence[tuple[int, int]], step: int) -> int:
    """Return the number of an uncut step in cut ones."""
    done, number = marks[bisect_right(marks, step, key=lambda mark: mark[0]) - 1]
    return number + step - done
