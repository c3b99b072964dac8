"""The tables of sampled drives as what stands behind the parameters of a kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sdeframe.symbolic.drives.table import Table

__all__ = ["arguments"]


def arguments(numbers: Sequence[float], tables: Sequence[Table]) -> NDArray[np.float64]:
    """Return the arguments of a kernel: numbers, tables, then where these begin, the place of the first one last."""
    blocks = [np.array(table.data) for table in tables]
    begins = len(numbers) + np.cumsum([0, *map(len, blocks)])[:-1]
    return np.concatenate([np.array(numbers, dtype=float), *blocks, begins[::-1]])
