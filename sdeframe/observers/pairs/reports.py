"""What events did to groups of kets, as variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NAMES: Final = {
    "misfit": "|V − V'|/|V| of the sum V of a group before an event and V' after it",
    "spread": "m Σ|w|²/|V|² of the m different kets of a group after an event",
    "moved": "1 where kets moved in an event, ½ where coefficients changed, 0 where nothing did",
}
GROUP: Final = "group"
EVENT: Final = "event_time"
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
    return {
        name: xr.DataArray(table[:, :, k], coordinates, (GROUP, EVENT), attrs={"long_name": about})
        for k, (name, about) in enumerate(NAMES.items())
    }
