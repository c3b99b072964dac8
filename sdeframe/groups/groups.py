"""Groups of trajectories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from sdeframe.groups.event import Event
from sdeframe.validators import positive_integer, shown

__all__ = ["Groups"]


def _events(given: Any) -> Any:
    return tuple(given) if isinstance(given, Iterable) else (given,)


def _are_events(instance: Any, attribute: Any, events: tuple[Any, ...]) -> None:
    for event in events:
        if not isinstance(event, Event):
            raise TypeError(f"events={shown(event)} in Groups: must be events, such as [Reexpand(every=0.5)]")
    if len(events) > 1 and any(event.family > 1 for event in events):
        raise ValueError("events in Groups: Branch expands kets anew itself: leave the other events out")


@attrs.frozen
class Groups:
    """Groups of neighbouring trajectories: group number k holds those from k times the size on, and no block splits it.

    Parameters
    ----------
    size
        Trajectories of a group.
    events
        What happens to a group as a whole between steps, such as ``[Reexpand(every=0.5)]``.
    """

    size: int = attrs.field(validator=positive_integer)
    events: tuple[Event, ...] = attrs.field(default=(), converter=_events, validator=_are_events)
