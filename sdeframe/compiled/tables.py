"""Where in a table of polynomials an argument is; the table stands behind the parameters of a kernel.

It is `sdeframe.symbolic.drives.table.Table.data`: how many knots, the width of a row, the knots, the rows.
"""

from __future__ import annotations

from typing import Any

from sdeframe.compiled.jit import inner

__all__ = ["row_of"]


@inner
def row_of(p: Any, table: float, x: float) -> float:
    """Return the place in p of the row that holds at x, of the table that begins at a place."""
    base = int(table)
    first = base + 2
    low, high = 0, int(p[base])
    while low < high:
        middle = (low + high) // 2
        if x < p[first + middle]:
            high = middle
        else:
            low = middle + 1
    return float(first + int(p[base]) + low * int(p[base + 1]))
