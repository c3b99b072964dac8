"""Complex means with their standard errors."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.complex128]


@attrs.frozen(eq=False)
class Estimates:
    """Complex means of one name, shape (times,), or of several, shape (names, times)."""

    mean: Array
    error: Array
    """Standard errors of the real and the imaginary part, as the parts of one complex number; shape of the mean."""

    def __getitem__(self, chosen: int | slice) -> Estimates:
        """Return the means of some of the names."""
        return self.each(lambda z: z[chosen])

    def each(self, change: Callable[[Array], Array]) -> Estimates:
        """Return means changed in a way that changes their errors alike, such as a division."""
        return Estimates(change(self.mean), change(self.error))
