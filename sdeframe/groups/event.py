"""What happens to whole groups at given times."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Final, NamedTuple, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.kets.functions import ket_functions
from sdeframe.groups.number_states import NumberStates
from sdeframe.validators import is_finite, real_numbers, shown

Complexes = NDArray[np.complex128]

TINY: Final = 1e-300
"""In place of 0, of which there is no logarithm."""
SAME: Final = 1e-9
"""Relative difference within which two times are one."""


class Report(NamedTuple):
    """What an event did to a group."""

    misfit: float
    """|V − V'|/|V| of the sum V of all weighted kets before and V' after it."""
    spread: float
    """m Σ|w|²/|V|² after it, w the coefficients of the m kets that are different."""
    moved: float
    """1 where kets moved, ½ where only coefficients changed, 0 where nothing did."""


@attrs.frozen(eq=False)
class Members:
    """The trajectories of a group when an event comes."""

    states: NumberStates
    """The number states in which kets are written."""
    values: Complexes
    """Of the variables of the number states, shape (trajectories, variables)."""
    log_weight: Complexes
    """C0, shape (trajectories,)."""
    alive: NDArray[np.bool_]
    """Who is not lost."""
    ids: NDArray[np.uint64]
    """The numbers of the trajectories."""
    event: int
    """The number of the event."""
    key: tuple[np.uint64, np.uint64]
    """That of the random numbers."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def of(self, members: NDArray[Any]) -> Self:
        """Return some of them."""
        picked = {name: getattr(self, name)[members] for name in ("values", "log_weight", "alive", "ids")}
        return attrs.evolve(self, **picked)

    def written(
        self, members: NDArray[Any], place: Complexes, weight: Complexes, log_norms: NDArray[np.float64]
    ) -> tuple[Complexes, Complexes]:
        """Return values and log-weights of all, some anew: of normalised kets with ln of what their norms were."""
        values, log_weight = self.values.copy(), self.log_weight.copy()
        size = np.log(np.maximum(np.abs(weight), TINY)) - log_norms
        values[members], log_weight[members] = place, size + 1j * np.angle(weight)
        return values, log_weight

    def normals(self, channel: int, count: int) -> Complexes:
        """Return complex numbers with normal parts of variance 1, of so many channels from one on."""
        return self._drawn("normals", channel, count).view(complex)

    def uniforms(self, channel: int) -> NDArray[np.float64]:
        """Return uniform numbers of a channel."""
        return self._drawn("uniforms", channel, 1)[:, 0]

    def _drawn(self, kind: str, channel: int, count: int) -> NDArray[np.float64]:
        found = np.empty((len(self), 2 * count))
        ket_functions()[kind](self.ids, self.event, channel, *self.key, found)
        return found


class Acted(NamedTuple):
    """A group after an event."""

    values: Complexes
    log_weight: Complexes
    report: Report


def _moments(times: Any) -> Any:
    if times is None:
        return None
    found = real_numbers(times)
    if found is None or found.ndim != 1 or not found.size or not np.all(np.isfinite(found)):
        raise ValueError(f"times={shown(times)} of an event: must be a list of numbers, such as [0.5, 1.0]")
    if found[0] <= 0 or np.any(np.diff(found) <= 0):
        raise ValueError(f"times={shown(times)} of an event: must increase from above 0 on")
    return tuple(found.tolist())


def _spacing(instance: Any, attribute: Any, every: Any) -> None:
    if (every is None) == (instance.times is None):
        raise ValueError(f"{type(instance).__name__}: give every=..., a spacing, or times=[...], and not both")
    if every is not None and (not is_finite(every) or every <= 0):
        raise ValueError(f"every={shown(every)} in {type(instance).__name__}: must be positive")


@attrs.frozen(kw_only=True)
class Event(ABC):
    """Something that happens to every group as a whole, at times before the last output; outputs come before it.

    Parameters
    ----------
    every
        The time from one to the next, the first from the start.
    times
        In its place, the times.
    """

    every: float | None = attrs.field(default=None)
    times: tuple[float, ...] | None = attrs.field(default=None, converter=_moments)

    def __attrs_post_init__(self) -> None:
        """Check that it is known when it happens."""
        _spacing(self, None, self.every)

    @property
    def family(self) -> int:
        """Neighbouring trajectories between which noise cancels from one event to the next; 1 if there are none."""
        return 1

    def moments(self, end: float) -> list[float]:
        """Return when it happens before a time.

        Raises
        ------
        ValueError
            If a time that was given is not before it.
        """
        if self.every is not None:
            most = int(np.ceil(end / self.every * (1 - SAME))) - 1
            return [k * self.every for k in range(1, most + 1)]
        given = list(self.times or ())
        if given[-1] >= end * (1 - SAME):
            raise ValueError(f"time {given[-1]:g} in {self}: must be before the last output, at {end:g}")
        return given

    @abstractmethod
    def check(self, size: int) -> None:
        """Raise ValueError where it cannot happen to groups of a size."""

    @abstractmethod
    def act(self, group: Members) -> Acted:
        """Return the group after it."""
