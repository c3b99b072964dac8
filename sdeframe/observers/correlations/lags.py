"""From which output times delays are counted."""

from __future__ import annotations

import math
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.observers.windows import Window, held
from sdeframe.validators import real_numbers, shown

Reals = NDArray[np.float64]

DIGITS: Final = 12
"""Of the last output time that a delay is rounded to: 10.1 − 10 is 0.1 then."""


@attrs.frozen
class Lags:
    """Groups of starts, over each of which is averaged, and delays that all of them have.

    Parameters
    ----------
    groups
        Numbers of output times, increasing.
    delays
        The times from a start to it and to those after it.
    outputs
        Number of output times.
    """

    groups: tuple[tuple[int, ...], ...]
    delays: Reals
    outputs: int

    @classmethod
    def of_starts(cls, times: Reals, starts: tuple[float, ...]) -> Lags:
        """Return several starts, each by itself, with the delays of the first: others may have fewer.

        Raises
        ------
        ValueError
            If one is no output time, two are one, or output times do not come at the same delays after each.
        """
        numbers = [_number(times, start) for start in starts]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"start={list(starts)} in Correlation: two of these are one output time; give each once")
        return cls._checked(times, tuple((i,) for i in numbers), min(numbers))

    @classmethod
    def of_window(cls, times: Reals, window: Window) -> Lags:
        """Return all output times in a window as one group, with the delays that the last one has.

        Raises
        ------
        ValueError
            As `held` does, or if the last output time is in it, or they do not come at the same delays after each.
        """
        inside = held("Correlation", window, times)
        if inside.stop == len(times):
            raise ValueError(
                f"Correlation(window=({window[0]:g}, {window[1]:g})): ends with the last output time, so that nothing "
                f"comes after it: give an earlier end, or output times for the longest delay more"
            )
        return cls._checked(times, (tuple(inside),), inside[-1])

    @classmethod
    def _checked(cls, times: Reals, groups: tuple[tuple[int, ...], ...], first: int) -> Lags:
        delays = _rounded(times[first:] - times[first], times)
        for i in (i for group in groups for i in group):
            common = min(len(delays), len(times) - i)
            if not np.allclose(times[i : i + common] - times[i], delays[:common], rtol=0, atol=_slack(times)):
                raise ValueError(
                    f"Correlation: output times do not come at the same delays after {times[i]:g} as after "
                    f"{times[first]:g}; take equally spaced ones, such as numpy.linspace(0, 10, 101), or one start"
                )
        return cls(groups, delays, len(times))

    def place(self, group: int, delay: int) -> int:
        """Return where a delay of a group stands among those of all groups."""
        return group * len(self.delays) + delay

    def reached(self, output: int) -> list[tuple[int, int, bool, bool]]:
        """Return the starts that an output time lies at a delay after: group, start, whether its first, its last."""
        return [
            (g, i, i == group[0], i == group[-1])
            for g, group in enumerate(self.groups)
            for i in group
            if 0 <= output - i < len(self.delays)
        ]

    def needed(self, output: int) -> bool:
        """Return whether an output time is a start."""
        return any(output in group for group in self.groups)

    @property
    def latest(self) -> NDArray[np.int64]:
        """Number of the last output time that enters, shape (groups, delays); beyond the last one there is none."""
        return np.array([group[-1] for group in self.groups])[:, None] + np.arange(len(self.delays))


def _number(times: Reals, start: float) -> int:
    i = int(np.argmin(np.abs(times - start)))
    if abs(times[i] - start) > _slack(times):
        raise ValueError(
            f"start={start:g} in Correlation: is no output time of this run; the nearest one is {times[i]:g}"
        )
    return i


def _slack(times: Reals) -> float:
    return float(1e-9 * max(abs(times[-1]), np.finfo(float).tiny))


def _rounded(delays: Reals, times: Reals) -> Reals:
    return delays.round(DIGITS - 1 - math.floor(math.log10(times[-1]))) if times[-1] > 0 else delays


def starts(value: Any) -> tuple[float, ...] | None:
    """Return one start or several different ones, None where none is given; see `Correlation`."""
    if value is None:
        return None
    found = real_numbers(np.atleast_1d(np.asarray(value)))
    if found is None or found.ndim != 1 or not found.size or not np.isfinite(found).all() or np.min(found) < 0:
        raise ValueError(f"start={shown(value)} in Correlation: must be an output time from 0 on, or several")
    return tuple(found.tolist())
