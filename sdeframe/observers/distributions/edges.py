"""Edges of bins as a user gives them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np

from sdeframe.validators import real_numbers, shown

OUTSIDE: Final = ("below", "above", "nan")
"""Where a value can be that is in no bin."""

NARROWEST: Final = 1e-290
"""Range of all bins, the inverse of which is finite for any number of bins."""

Edges = tuple[float, ...]


def valid_edges(given: Any, names: int) -> tuple[Edges, ...]:
    """Return edges for one expression, or for each of two.

    Raises
    ------
    ValueError
        If they are not increasing finite numbers, two at least, or not for as many expressions.
    """
    if names == 1:
        return (_axis(given),)
    pair = list(given) if isinstance(given, (list, tuple, np.ndarray)) else []
    if len(pair) != names or any(real_numbers(one) is None or np.ndim(one) != 1 for one in pair):
        raise ValueError(
            f"edges={shown(given)} in Histogram: give those of both expressions, such as "
            f"(np.linspace(-5, 5, 41), np.linspace(-5, 5, 41))"
        )
    return tuple(map(_axis, pair))


def _axis(given: Any) -> Edges:
    known = real_numbers(given)
    edges = known.tolist() if known is not None and known.ndim == 1 else []
    if len(edges) < 2 or not all(a < b for a, b in pairwise(edges)) or not NARROWEST < edges[-1] - edges[0] < math.inf:
        raise ValueError(
            f"edges={shown(given)} in Histogram: must be two increasing finite numbers at least, from the first to the "
            f"last of which it is {NARROWEST:g} or more, such as np.linspace(-5, 5, 41)"
        )
    return tuple(edges)
