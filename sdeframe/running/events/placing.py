"""Events on groups, placed on steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from sdeframe.groups.event import Event
from sdeframe.groups.groups import Groups
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.kets import NumberBasis
from sdeframe.interfaces.model import Model
from sdeframe.running.steps.stretches import Stretch, stretches
from sdeframe.running.steps.time_grid import output_steps
from sdeframe.validators import shown


@attrs.frozen
class Events:
    """What happens to the groups of a run, in order."""

    basis: NumberBasis
    """The number states of its kets."""
    events: tuple[Event, ...]
    moments: tuple[float, ...]
    """When."""
    numbers: tuple[int, ...]
    """Which of the events."""
    steps: tuple[int, ...] = ()
    """Before which steps."""

    def __str__(self) -> str:
        return ", ".join(map(str, self.events))

    @property
    def family(self) -> int:
        """Neighbouring trajectories whose noise is tied."""
        return max(event.family for event in self.events)

    def longest(self, end: int) -> int:
        """Return the most steps from one event, or the start, to the next, or the end."""
        return int(np.diff([0, *self.steps, end]).max())

    def due(self, number: int) -> Event:
        """Return an event by its place in the order."""
        return self.events[self.numbers[number]]

    def turns(self, steps: int) -> Any:
        """Return for every step how many there were since the last event before it."""
        begins = np.array([0, *self.steps])
        made = np.arange(steps)
        return made - begins[np.searchsorted(begins, made, side="right") - 1]


def _events_of(model: Model, groups: Groups, end: float, step_error: bool) -> Events:
    """Return the events of a run, not on steps yet."""
    told = ", ".join(map(str, groups.events))
    if step_error:
        raise ValueError(
            f"step_error=True with {told}: a run with twice the step would have events of its own; compare runs of two "
            f"steps instead"
        )
    try:
        basis = model.between(1).basis
    except TypeError:
        raise TypeError(
            f"{told} of {shown(model)}: kets alone have them: run QuantumModel(master, Ket(), ...)"
        ) from None
    for event in groups.events:
        event.check(groups.size)
    placed = sorted((t, k) for k, event in enumerate(groups.events) for t in event.moments(end))
    return Events(basis, groups.events, tuple(t for t, _ in placed), tuple(k for _, k in placed))


def on_steps(
    model: Model,
    groups: Groups | None,
    step_error: bool,
    integrator: Integrator,
    outputs: tuple[int, ...],
    breaks: Sequence[float],
) -> tuple[tuple[Stretch, ...], tuple[int, ...], Events | None]:
    """Return the steps of a run, the numbers of those at its outputs, and its events on steps; see `stretches`.

    Raises
    ------
    TypeError, ValueError
        If events cannot happen to this model, to groups of this size, or beside a run with twice the step, or steps do
        not reach them.
    """
    dt = integrator.dt
    if groups is None or not groups.events:
        return *stretches(dt, outputs, breaks), None
    events = _events_of(model, groups, outputs[-1] * dt, step_error)
    if events.family > 1 and not integrator.increments.bits_of_real:
        raise ValueError(
            f"{events} with {type(integrator).__name__}: needs increments that are made of bits: take W2S4(dt={dt:g})"
        )
    at = _uncut(events, dt)
    marks = sorted({*outputs, *at})
    parts, cut = stretches(dt, marks, breaks)
    number = dict(zip(marks, cut, strict=True))
    return parts, tuple(number[k] for k in outputs), attrs.evolve(events, steps=tuple(number[k] for k in at))


def _uncut(events: Events, dt: float) -> list[int]:
    """Return the uncut steps before which events come."""
    if not events.moments:
        return []
    distinct = np.unique(np.array(events.moments))
    try:
        steps = dict(zip(distinct.tolist(), output_steps(distinct, dt, 1), strict=True))
    except ValueError as error:
        raise ValueError(f"{events}: {error}") from None
    return [steps[t] for t in events.moments]
