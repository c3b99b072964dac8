"""How far the parts of a mean are from what is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.parts import ROUNDING, parts

if TYPE_CHECKING:
    import xarray as xr


def deviation(dataset: xr.Dataset, name: str, exact: NDArray[Any], uncertain: Any = 0.0) -> NDArray[np.float64]:
    """Return how far a mean is from exact in standard errors, the larger of both parts; nan where it is no number.

    The standard error of the exact values, `uncertain`, counts too. Where the step error is larger than both, as where
    no trajectory has spread, it takes their place.
    """
    smallest = ROUNDING * np.maximum(1.0, np.abs(exact))
    with np.errstate(invalid="ignore"):
        found = [
            np.abs(part.mean - part.of(exact))
            / np.maximum(np.maximum(np.hypot(part.error, uncertain), part.step_error), smallest)
            for part in parts(dataset, name)
        ]
    largest: NDArray[np.float64] = np.max(found, axis=0)
    return largest
