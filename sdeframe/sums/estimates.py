"""Complex means with their standard errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.complex128]
Parts = Sequence[NDArray[np.float64]] | NDArray[np.float64]
"""Real and imaginary parts."""


@attrs.frozen(eq=False)
class Estimates:
    """Complex means of one name, shape (times,), or of several, shape (names, times)."""

    mean: Array
    error: Array
    """Standard errors of the real and the imaginary part, as the parts of one complex number; shape of the mean."""
    floor: Array | None = None
    """What the errors hold beside the spread of replicates, likewise, where trajectories are tied."""

    @classmethod
    def of_parts(cls, mean: Parts, error: Parts) -> Estimates:
        """Return the means of which real and imaginary parts are given, each with its standard error."""
        return cls(_joined(*mean), _joined(*error))

    def __getitem__(self, chosen: int | slice) -> Estimates:
        """Return the means of some of the names."""
        return self.each(lambda z: z[chosen])

    def each(self, change: Callable[[Array], Array]) -> Estimates:
        """Return means changed in a way that changes their errors alike, such as a division."""
        return Estimates(change(self.mean), change(self.error), None if self.floor is None else change(self.floor))

    def tied(self, error: Parts, floor: Parts) -> Estimates:
        """Return the means with errors of replicates in place of those of independent trajectories, and a floor."""
        return Estimates(self.mean, _joined(*map(np.hypot, error, floor)), _joined(*floor))


def _joined(real: NDArray[np.float64], imaginary: NDArray[np.float64]) -> Array:
    """Return numbers of which one part may be infinite: i times infinity has no real part in numpy."""
    joined = np.empty(np.shape(real), dtype=complex)
    joined.real, joined.imag = real + 0.0, imaginary + 0.0  # of zeros only the positive one
    return joined
