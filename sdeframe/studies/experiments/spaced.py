"""Equally spaced numbers, as a table of the first, the last and how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sdeframe.studies.experiments.experiment import check_known
from sdeframe.validators import is_finite, is_whole, shown

SPACED: Final = ("first", "last", "count")
MOST: Final = 1_000_000


def spaced(key: str, table: Mapping[str, Any]) -> Sequence[float]:
    """Return the numbers that a table describes, integers where all of them are.

    Raises
    ------
    ValueError
        If it has other keys, or numbers that are none; the message names them below `key`.
    """
    check_known(f"{key} has no key", table, SPACED)
    if missing := [name for name in SPACED if name not in table]:
        raise ValueError(f"{key} needs {missing[0]}, as in {{first = 0.0, last = 5.0, count = 101}}; or give a list")
    first, last, count = (table[name] for name in SPACED)
    for name, value in (("first", first), ("last", last)):
        if not is_finite(value):
            raise ValueError(f"{key}.{name}={shown(value)}: must be a finite number")
    if not is_whole(count) or not 1 <= count <= MOST:
        raise ValueError(f"{key}.count={shown(count)}: must be an integer from 1 to {MOST}")
    gaps = max(count - 1, 1)
    if is_whole(first) and is_whole(last) and last > first and (last - first) % gaps == 0 and count > 1:
        return range(first, last + 1, (last - first) // gaps)
    return [float(value) for value in np.linspace(first, last, count)]


def spelled_out(key: str, value: Any) -> Any:
    """Return a value with equally spaced numbers in place of the tables that describe them."""
    if isinstance(value, Mapping):
        return spaced(key, value)
    return [spelled_out(key, item) for item in value] if isinstance(value, list) else value
