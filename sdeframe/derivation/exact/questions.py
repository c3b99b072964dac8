"""What was asked before, so that it is not solved again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import attrs
import numpy as np

__all__ = ["Question", "hashable"]


@attrs.frozen
class Question:
    """What is to be solved: two of one key have the same answer."""

    key: Hashable
    solve: Callable[[], Any] = attrs.field(eq=False, repr=False)


def hashable(value: Any) -> Hashable:
    """Return a value as a key, mappings and arrays by what they hold; what is no key is equal to nothing else."""
    if isinstance(value, Mapping):
        return tuple((hashable(key), hashable(held)) for key, held in value.items())
    if isinstance(value, (tuple, list)):
        return (type(value), *map(hashable, value))
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return (value.shape, value.dtype.str, value.tobytes())
    try:
        hash(value)
    except TypeError:
        return object()
    return (type(value), value)
