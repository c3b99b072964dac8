"""Where in a table of polynomials an argument is; the table stands behind the parameters of a kernel.

It is `sdeframe.symbolic.drives.table.Table.data`: how many knots, the width of a row, the knots, the rows.
"""

from __future__ import annotations

from typing import Any

from sdeframe.compiled.jit import inner

__all__ = ["row_of"]


@inner
def row_of(p: Any, table: float, x: float) -> float:
    """Return the place in p of the row that holds at x, of the table that begins at a place.

    As many knots as are not above x are passed, by powers of two: without a branch on x, which no processor foresees.
    """
    base = int(table)
    knots, first = int(p[base]), base + 2
    step = 1
    while 2 * step <= knots:
        step *= 2
    passed = 0
    while step > 0:
        there = passed + step
        passed += step * ((there <= knots) & (x >= p[first + min(there, knots) - 1]))
        step //= 2
    return float(first + knots + passed * int(p[base + 1]))
