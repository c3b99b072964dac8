"""Values into bins, in one compiled pass."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.observers.distributions.edges import OUTSIDE, Edges

CELLS: Final = 4
"""Cells of equal width a bin, by which the bin of a value is guessed."""

AXIS: Final = "float64[::1], uint64[::1], float64"

PLACE: Final = """
                value, k = values{a}[i], last{a} + TWO
                if low{a} <= value <= high{a}:
                    k = guesses{a}[np.uint64(min((value - low{a}) * scale{a}, cells{a}))]
                    while value < edges{a}[k]:
                        k -= ONE
                    while k + ONE < last{a} and value >= edges{a}[k + ONE]:
                        k += ONE
                    k += ONE
                elif value < low{a}:
                    k = ZERO
                elif value > high{a}:
                    k = last{a} + ONE"""
"""Written into the loops: as a function it takes ten times as long."""

LIMITS: Final = """
    last{a}, cells{a} = np.uint64(edges{a}.size - 1), guesses{a}.size - 1.0
    low{a}, high{a} = edges{a}[0], edges{a}[-1]"""

SOURCE: Final = f"""
import numpy as np
from sdeframe.compiled.jit import outer

ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)


@outer("void(float64[:,:,::1], int64, int64, {AXIS}, uint32[:,::1])")
def one(rows, alive, x, edges_x, guesses_x, scale_x, counts):
    {LIMITS.format(a="_x").strip()}
    for t in range(rows.shape[0]):
        lives, values_x, own = rows[t, alive], rows[t, x], counts[t]
        for i in range(np.uint64(lives.size)):
            if lives[i] > 0.0:
                {PLACE.format(a="_x").strip()}
                own[k] += 1


@outer("void(float64[:,:,::1], int64, int64, int64, {AXIS}, {AXIS}, uint32[:,::1])")
def two(rows, alive, x, y, edges_x, guesses_x, scale_x, edges_y, guesses_y, scale_y, counts):
    {LIMITS.format(a="_x").strip()}
    {LIMITS.format(a="_y").strip()}
    many = last_y + np.uint64({len(OUTSIDE)})
    for t in range(rows.shape[0]):
        lives, values_x, values_y, own = rows[t, alive], rows[t, x], rows[t, y], counts[t]
        for i in range(np.uint64(lives.size)):
            if lives[i] > 0.0:
                {PLACE.format(a="_x").strip()}
                row = k * many
                {PLACE.format(a="_y").strip()}
                own[row + k] += 1
"""


@cached(None)
def _compiled(name: str) -> Any:
    from sdeframe.compiled.cache import compile_source

    return compile_source(SOURCE)[name]


@attrs.frozen(eq=False)
class Axis:
    """The bins of an expression: below the first edge, then those between edges, above the last one, no number.

    A bin holds its lower edge, the last one its upper edge too, as in `numpy.histogram`.
    """

    edges: NDArray[np.float64]
    guesses: NDArray[np.uint64]
    scale: float

    @classmethod
    def of(cls, edges: Edges) -> Axis:
        """Return the bins between some edges."""
        known = np.array(edges)
        cells = CELLS * (known.size - 1)
        starts = known[0] + (known[-1] - known[0]) / cells * np.arange(cells)
        guesses = np.clip(np.searchsorted(known, starts, side="right") - 1, 0, known.size - 2)
        return cls(known, guesses.astype(np.uint64), float(cells / (known[-1] - known[0])))

    @property
    def places(self) -> int:
        """Number of bins, those outside counted."""
        return places(self.edges)


def places(edges: Any) -> int:
    """Return into how many bins edges put a value, those outside counted."""
    return len(edges) - 1 + len(OUTSIDE)


@cached(64)
def axis(edges: Edges) -> Axis:
    """Return the bins between some edges."""
    return Axis.of(edges)


def count(
    rows: NDArray[np.float64], alive: int, chosen: NDArray[np.int64], edges: tuple[Edges, ...], out: NDArray[np.uint32]
) -> None:
    """Add how many values of the living are in each bin.

    Parameters
    ----------
    rows
        Values at some output times, shape (times, rows, trajectories).
    alive
        The row that is positive of the living.
    chosen
        The rows of one or two expressions.
    edges
        Theirs.
    out
        Counts, shape (times, bins), the bins of the second expression running fastest.
    """
    bins = [part for each in map(axis, edges) for part in (each.edges, each.guesses, each.scale)]
    _compiled("one" if len(edges) == 1 else "two")(rows, alive, *map(int, chosen), *bins, out)
