"""Where coefficients jump or have a kink in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.time_dependence.normal_form import centred
from sdeframe.time_dependence.roots import MOST, roots, too_many
from sdeframe.time_dependence.switches import switches

__all__ = ["LAST_BITS", "breaks"]

LAST_BITS: Final = 4e-15
"""Distance, relative to the largest time, by which two breaks that are one can differ."""


def breaks(expressions: Iterable[Any], start: float, end: float) -> NDArray[np.float64]:
    """Return the times, increasing, between start and end at which an expression may jump or have a kink.

    Between two of them every condition, sign and branch is certified, by bounds of what decides it, to stay as it is.
    Their accuracy is that of `roots`. Those that only rounding can tell apart are one, and so are start and end.

    Parameters
    ----------
    expressions
        In `sdeframe.time` alone, with numbers else.
    start, end
        Between which times.

    Raises
    ------
    ValueError
        If an expression holds something of which no bounds are known, switches cannot be told apart, or there are more
        than `MOST`.
    """
    deciding = {centred(g) for e in expressions for g in switches(centred(e))}
    found = np.unique(np.concatenate([[start], *(roots(g, start, end) for g in sorted(deciding, key=str))]))
    margin = LAST_BITS * max(abs(start), abs(end))
    later = found[(found > start) & (end - found > margin)]
    apart = np.diff(later, prepend=start) > margin
    if np.count_nonzero(apart) > MOST:
        raise too_many(start, end)
    return np.asarray(later[apart])
