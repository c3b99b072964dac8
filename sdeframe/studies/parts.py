"""A complex mean in its real and its imaginary part, each with the standard error of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.studies.criteria import LARGEST_DEVIATION

if TYPE_CHECKING:
    import xarray as xr

ROUNDING: Final = 1e-12
"""Of the size of a mean: what it may be off by although no trajectory has spread."""
NEGLIGIBLE: Final = 1e-6
"""Of the size of an exact mean: an imaginary part that is the rounding of the solver."""


@attrs.frozen(eq=False)
class Part:
    """A part of a mean over "time"."""

    of: Callable[[Any], Any]
    """`numpy.real` or `numpy.imag`."""
    mean: NDArray[np.float64]
    error: NDArray[np.float64]
    step_error: NDArray[np.float64]
    """Where it is known, else 0."""


def parts(dataset: xr.Dataset, name: str) -> Iterator[Part]:
    """Yield the real part of a mean, and the imaginary part where its standard error is in the dataset."""
    for of, error in ((np.real, f"{name}_se"), (np.imag, f"{name}_imag_se")):
        if error in dataset:
            step = dataset.get(f"{name}_step_error", 0.0)
            yield Part(of, of(dataset[name].values), dataset[error].values, np.abs(of(np.asarray(step))))


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


def drawn_parts(dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, until: float) -> list[Part]:
    """Return the real part of a mean, and the imaginary part where it is not 0.

    It is told by the exact values where there are some, else by the mean while it is trusted.
    """
    real, *imaginary = parts(dataset, name)
    trusted = dataset["time"].values <= until
    for part in imaginary:
        if exact is None:
            limit = LARGEST_DEVIATION * part.error + ROUNDING * np.maximum(1.0, np.abs(real.mean))
            matters = np.abs(part.mean) > limit
        else:
            matters = np.abs(part.of(exact)) > NEGLIGIBLE * np.max(np.abs(exact))
        if np.any(matters & trusted):
            return [real, part]
    return [real]
