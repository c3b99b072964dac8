"""The first levels of the tree of trajectory numbers, merged in whole vectors.

Where a block is folded, its buffers come in groups of `FOLD`, and neighbours stand in the same lane of a group: lane l
of its buffer g holds number FOLD·l + g of its trajectories. The pass gives the bits of `sdeframe.sums.tree`'s own rule,
at a third of the cost of one that merges neighbouring lanes.
"""

from __future__ import annotations

from typing import Any, Final

from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.sums.fold_programs import COUNT, FOLD, VALUES, merge_program, shares_program

TYPES: Final = (
    "void(float64[:,:,:,::1], int64, int64, int64[::1], float64[::1], int64[::1], float64, float64[::1], "
    "float64[:,:,:,::1])"
)
SOURCE: Final = """
import numpy as np
from sdeframe.compiled.jit import inlined, outer


@inlined
def survivors(table, row, alive, peak, start, level):
    row, start = np.uint64(row * {lanes}), np.uint64(start)
    for lane in range(np.uint64({lanes})):
        table[row + lane] = 1.0 if (alive[start + lane] > 0.0) & (peak[start + lane] <= level) else 0.0


@inlined
def both(table, row, other):
    row, other = np.uint64(row * {lanes}), np.uint64(other * {lanes})
    for lane in range(np.uint64({lanes})):
        table[row + lane] *= table[other + lane]


@inlined
def counted(table, target, at):
    at = np.uint64(at)
    for lane in range(np.uint64({lanes})):
        count = table[lane]
        for g in range(1, {fold}):
            count += table[np.uint64(g * {lanes}) + lane]
        target[at + lane] = count


@inlined
def copy(source, start, target, at, size):
    start, at = np.uint64(start), np.uint64(at)
    for place in range(np.uint64(size)):
        target[at + place] = source[start + place]


@inlined
def differences(fine, coarse, start, target, at, size):
    start, at = np.uint64(start), np.uint64(at)
    for place in range(np.uint64(size)):
        target[at + place] = coarse[start + place] - fine[start + place]


@inlined
def extrapolated(fine, coarse, start, target, at, size, share):
    start, at = np.uint64(start), np.uint64(at)
    for place in range(np.uint64(size)):
        plain = fine[start + place]
        target[at + place] = plain - (coarse[start + place] - plain) * share


@outer({types!r})
def fold(runs, alive, peak, rows, levels, kinds, share, table, out):
    n, flat, at, size = out.shape[3], out.reshape(-1), {values} * {lanes}, {fold} * {lanes}
    for o in range(out.shape[1]):
        fine, coarse = runs[0, o], runs[-1, o]
        for s in range(n // {lanes}):
            first = size * s
            for k in range(kinds.size):
                kind = kinds[k]
                if kind < 2:
                    for g in range({fold}):
                        survivors(table, g, fine[alive], fine[peak], first + {lanes} * g, levels[k])
                        if kind > 0:
                            survivors(table, {values}, coarse[alive], coarse[peak], first + {lanes} * g, levels[k])
                            both(table, g, {values})
                start = (k * out.shape[1] + o) * out.shape[2] * n + {lanes} * s
                if rows.size == 0:
                    counted(table, flat, start)
                    continue
                if kind < 2:
                    shares(table, levels, 0.0, table, {lanes}, 0)
                copy(table, {count} * {lanes}, flat, start, {lanes})
                for q in range(rows.size):
                    row = rows[q]
                    if kind == 0:
                        copy(fine[row], first, table, at, size)
                    elif kind == 1:
                        differences(fine[row], coarse[row], first, table, at, size)
                    else:
                        extrapolated(fine[row], coarse[row], first, table, at, size, share)
                    merge(table, levels, 0.0, flat, rows.size * n, start + (1 + q) * n)
"""


def foldable(first: int, count: int, lanes: int) -> bool:
    """Tell whether trajectories from a first one on fill groups of buffers, with merges inside of them only."""
    return first % FOLD == 0 and count % (FOLD * lanes) == 0


def folded(values: NDArray[Any], lanes: int) -> NDArray[Any]:
    """Return values of a block's trajectories, shape (..., trajectories), as buffers do: (..., buffers, lanes)."""
    before = values.shape[:-1]
    return values.reshape(*before, -1, lanes, FOLD).swapaxes(-1, -2).reshape(*before, -1, lanes)


def unfolded(values: NDArray[Any]) -> NDArray[Any]:
    """Return what buffers hold, shape (..., buffers, lanes), by trajectory: (..., trajectories)."""
    *before, buffers, lanes = values.shape
    return values.reshape(*before, buffers // FOLD, FOLD, lanes).swapaxes(-1, -2).reshape(*before, buffers * lanes)


@cached(16)
def fold_function(lanes: int, tied: bool) -> Any:
    """Return the compiled function `fold`.

    ``fold(runs, alive, peak, rows, levels, kinds, share, table, out)`` sums up some rows of a block's trajectories at
    some output times, those of the fine run and those of a coarse one where there is one, shape (runs, times, rows,
    trajectories). Sum k is over those that live and have a peak within levels[k] in the run, which two rows tell. One
    of kind 1 is of what the coarse values exceed the fine ones by, over those within in both runs, and one of kind 2,
    which comes next, of fine values less a share of this, over the same ones. To out, of shape (sums, times, rows,
    trajectories / FOLD), it writes the count, means and squares of nodes, of tied trajectories smallest and largest
    values too; the table has `ROWS` rows.
    """
    from sdeframe.compiled.cache import compile_source
    from sdeframe.compiled.instructions import listing, straight_line
    from sdeframe.compiled.vectors import vector_width

    programs, width = {"shares": shares_program(), "merge": merge_program(tied)}, vector_width()
    source = SOURCE.format(types=TYPES, lanes=lanes, fold=FOLD, count=COUNT, values=VALUES)
    lines = [f"# {line}" for outputs in programs.values() for line in listing(outputs)]
    compiled = {name: straight_line(outputs, lanes, width) for name, outputs in programs.items()}
    return compile_source("\n".join([source, f"# vectors of {width} bits", *lines, ""]), compiled)["fold"]
