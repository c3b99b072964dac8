"""A complex mean in parts that can be drawn, each with the standard error of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

ROUNDING: Final = 1e-12
"""Of the size of a mean: what it may be off by although no trajectory has spread."""
NEGLIGIBLE: Final = 1e-6
"""Of the size of an exact mean: an imaginary part that is the rounding of the solver."""
SEEN: Final = 5.0
"""Standard errors by which a part must differ from 0 to be drawn where no exact value tells it."""


@attrs.frozen(eq=False)
class Part:
    """A part of a mean, such as the real one."""

    of: Callable[[Any], Any]
    """`numpy.real`, `numpy.imag`, `numpy.abs` or `phase`."""
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


def drawn_parts(dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, until: float) -> list[Part]:
    """Return the real part of a mean, and the imaginary part where it is not 0.

    It is told by the exact values where there are some, else by the mean where it is trusted.
    """
    return telling(list(parts(dataset, name)), exact, dataset[dataset[name].dims[0]].values <= until)


def telling(both: list[Part], exact: NDArray[Any] | None, trusted: NDArray[np.bool_]) -> list[Part]:
    """Return the real part, and the imaginary one where it is not 0; see `drawn_parts`."""
    real, *imaginary = both
    for part in imaginary:
        if exact is None:
            limit = SEEN * part.error + ROUNDING * np.maximum(1.0, np.abs(real.mean))
            matters = np.abs(part.mean) > limit
        else:
            matters = np.abs(part.of(exact)) > NEGLIGIBLE * np.max(np.abs(exact), initial=0.0, where=np.isfinite(exact))
        if np.any(matters & trusted):
            return [real, part]
    return [real]


def polar(real: Part, imaginary: Part) -> tuple[Part, Part]:
    """Return modulus and phase of a mean, their errors to first order and as if those of its parts were independent."""
    x, y, dx, dy = real.mean, imaginary.mean, real.error, imaginary.error
    with np.errstate(invalid="ignore", divide="ignore"):
        modulus = np.hypot(x, y)
        across, along = np.hypot(y * dx, x * dy) / modulus, np.hypot(x * dx, y * dy) / modulus
        turned = phase(np.where(modulus > across, x + 1j * y, np.nan))
        nothing = np.zeros_like(modulus)
        return Part(np.abs, modulus, along, nothing), Part(phase, turned, across / modulus, nothing)


def phase(values: Any) -> Any:
    """Return the phase of complex numbers along a line, without jumps by 2π; that of 0 is not a number."""
    angles = np.where(values == 0, np.nan, np.angle(values))
    there = np.isfinite(angles)
    angles[there] = np.unwrap(angles[there])
    return angles
