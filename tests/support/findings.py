"""Findings made by hand."""

import xarray as xr

from sdeframe.campaigns.damping_search import MinimalDamping


def minimal(value, low=None, high=None):
    """Return a finding without a search."""
    return MinimalDamping(
        xr.Dataset(
            {"lost_share": ("decay", [0.004])},
            coords={"decay": [value]},
            attrs={
                "field": "decay", "value": value, "bracket_low": 0.0,
                "interval_low": value if low is None else low, "interval_high": value if high is None else high,
            },
        )
    )  # fmt: skip
