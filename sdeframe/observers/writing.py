"""How means are written into a dataset."""

from __future__ import annotations

from typing import Any

from sdeframe.sums.estimates import Estimates


def written(name: str, estimates: Estimates, about: str) -> dict[str, Any]:
    """Return a mean and the standard errors of its parts as variables."""
    return {
        name: ("time", estimates.mean, {"long_name": about}),
        f"{name}_se": ("time", estimates.error.real),
        f"{name}_imag_se": ("time", estimates.error.imag),
    }
