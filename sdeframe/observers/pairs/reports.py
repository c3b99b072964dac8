"""What events did to groups of kets, as variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.observer import CAVEAT

NAMES: Final = {
    "misfit": "|V − V'|/|V| of the sum V of a group before an event and V' after it",
    "spread": "m Σ|w|²/|V|² of the m different kets of a group after an event",
    "moved": "1 where kets moved in an event, ½ where coefficients changed, 0 where nothing did",
}
GROUP: Final = "group"
EVENT: Final = "event_time"
LOST: Final = 1e-2
"""The misfit beyond which an event is told of."""
OF_EVENTS: Final = (*NAMES, GROUP, EVENT)
"""Names of variables and coordinates."""


def of_events(times: Sequence[float], reports: Mapping[int, NDArray[np.float64]]) -> dict[str, Any]:
    """Return variables over groups and events, none where there are no events."""
    import xarray as xr

    if not times:
        return {}
    groups = sorted(reports)
    table = np.array([reports[g] for g in groups]).reshape(len(groups), len(times), len(NAMES))
    coordinates = {GROUP: groups, EVENT: list(times)}
    found = {
        name: xr.DataArray(table[:, :, k], coordinates, (GROUP, EVENT), attrs={"long_name": about})
        for k, (name, about) in enumerate(NAMES.items())
    }
    found["misfit"].attrs.update(_caveat(times, table[:, :, 0]))
    return found


def _caveat(times: Sequence[float], misfits: NDArray[np.float64]) -> dict[str, str]:
    """Return what must be known of events that lost much, as an attribute."""
    bad = ~(misfits <= LOST).all(axis=0)
    if not bad.any():
        return {}
    return {
        CAVEAT: f"from the event at {times[int(np.argmax(bad))]:g} on kets cannot hold the sum of a group, of which "
        f"more than {LOST:g} was lost: averages are biased from then on; take more kets a group, or more events"
    }
