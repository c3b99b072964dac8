"""When weights carry a mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

SMALLEST_SAMPLE: Final = 0.01
"""The share of the ensemble that the effective sample must exceed."""
LARGEST_SHARE: Final = 0.5
"""The share of the weight below which the heaviest 0.1 % of the trajectories must stay."""


def carried(dataset: xr.Dataset) -> NDArray[np.bool_]:
    """Return at which output times of a run with `WeightedMoments` the weights carry a mean.

    They do while the effective sample exceeds 1 % of the ensemble and the heaviest 0.1 % of the trajectories have less
    than half of the weight.
    """
    sample = dataset["effective_sample_size"].values / dataset.attrs["trajectories"]
    heavy = dataset["heaviest_share"].values
    enough: NDArray[np.bool_] = (sample > SMALLEST_SAMPLE) & (heavy < LARGEST_SHARE)
    return enough
