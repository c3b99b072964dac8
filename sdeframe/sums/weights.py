"""Weighted sums on the tree of trajectory numbers, merged by one compiled function.

A block is merged level by level, the nodes of one beside each other. Folded blocks come with three levels less, see
`sdeframe.sums.weight_fold`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.scratch import borrowed, scratch
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.fold_programs import FOLD, LEVELS
from sdeframe.sums.log_weights import Weighed, complex_product, step_parts
from sdeframe.sums.moments import moment_leaves
from sdeframe.sums.over_time import OverTime
from sdeframe.sums.tree import HIGHEST, NodeKey
from sdeframe.sums.weight_fold import WIDTH, weight_fold
from sdeframe.sums.weight_programs import ROWS

Array = NDArray[np.float64]

MOST_NODES: Final = 128
"""Two a level, of at most 64, beside those of the top level."""

LARGEST, TOTAL, SQUARES, MEAN, PRODUCT = range(5)
"""What a row of a node holds: a largest value, the first one the exponent; sums of what is divided by 2^exponent and
of what is divided by its square; a mean, divided by 2^exponent; products of deviations from two means."""

MERGE_TYPES: Final = "void(float64[:,::1], int64, int64, int64[:,::1], float64[:,::1], float64[:,::1])"
REDUCE_TYPES: Final = (
    "int64(int64, int64, int64, float64[:,::1], int64[:,::1], float64[:,::1], float64[:,::1], float64[:,::1], "
    "int64[:,::1])"
)
SOURCE: Final = f"""
import numpy as np
from sdeframe.compiled.functions.exponential import whole_power_of_two
from sdeframe.compiled.jit import inner, outer

TWO = np.uint64(2)


@inner
def merge(nodes, start, size, rules, out, scratch):
    f, g, share, both = scratch[0], scratch[1], scratch[2], scratch[3]
    first, second, size = np.uint64(start), np.uint64(start + 1), np.uint64(size)
    for i in range(size):
        a, b = first + TWO * i, second + TWO * i
        top = max(nodes[0, a], nodes[0, b])
        f[i], g[i] = whole_power_of_two(nodes[0, a] - top), whole_power_of_two(nodes[0, b] - top)
        out[0, i], out[1, i] = top, nodes[1, a] + nodes[1, b]
        share[i] = nodes[1, b] / max(out[1, i], 1.0)
        both[i] = nodes[1, a] * share[i]
    for row in range(2, nodes.shape[0]):
        here, new, rule, delta = nodes[row], out[row], rules[row, 0], scratch[4 + row]
        if rule == {LARGEST}:
            for i in range(size):
                new[i] = np.maximum(here[first + TWO * i], here[second + TWO * i])
        elif rule == {TOTAL}:
            for i in range(size):
                new[i] = here[first + TWO * i] * f[i] + here[second + TWO * i] * g[i]
        elif rule == {MEAN}:
            for i in range(size):
                delta[i] = here[second + TWO * i] * g[i] - here[first + TWO * i] * f[i]
            for i in range(size):
                new[i] = here[first + TWO * i] * f[i] + delta[i] * share[i]
        else:
            for i in range(size):
                new[i] = here[first + TWO * i] * f[i] * f[i] + here[second + TWO * i] * g[i] * g[i]
        if rule == {PRODUCT}:
            left, right = scratch[4 + rules[row, 1]], scratch[4 + rules[row, 2]]
            for i in range(size):
                new[i] += left[i] * right[i] * both[i]


@outer({MERGE_TYPES!r})
def merge_neighbours(nodes, start, size, rules, out, scratch):
    merge(nodes, start, size, rules, out, scratch)


@outer({REDUCE_TYPES!r})
def reduce(first, level, top, sums, rules, other, scratch, nodes, keys):
    found, start, size = 0, 0, sums.shape[1]
    while size > 0 and level < top:
        for side in range(2):
            if (first if side == 0 else size) % 2:
                at = start if side == 0 else start + size - 1
                keys[found, 0], keys[found, 1] = level, first + at - start
                nodes[found] = sums[:, at]
                found, size = found + 1, size - 1
                if side == 0:
                    first, start = first + 1, start + 1
        size //= 2
        merge(sums, start, size, rules, other, scratch)
        sums, other = other, sums
        first, level, start = first // 2, level + 1, 0
    for at in range(size):
        keys[found, 0], keys[found, 1] = level, first + at
        nodes[found] = sums[:, at]
        found += 1
    return found
"""


@cached(None)
def _compiled(name: str) -> Any:
    from sdeframe.compiled.cache import compile_source

    return compile_source(SOURCE)[name]


EXPONENT, COUNT, SIZES, SQUARED_SIZES, MEAN_WEIGHT = range(5)
"""Rows of a node: Σ|Ω| and Σ|Ω|² below the count, then the means of Re Ω and Im Ω, and the products of these."""
HEAD: Final = 9
KINDS: Final = 13
"""Rows of every name that follow: the largest Re O, Im O, −Re O and −Im O, the means of Re OΩ and Im OΩ, and products
of their deviations: both squares, the real one with Re Ω and Im Ω, the imaginary one likewise, one with the other."""


@cached(64)
def weight_rules(names: int) -> NDArray[np.int64]:
    """Return what the rows of a node hold, shape (rows, 3): for products also of what, see `HEAD` and `KINDS`."""
    re, im = MEAN_WEIGHT, MEAN_WEIGHT + 1
    rules = [(LARGEST, 0, 0), (TOTAL, 0, 0), (TOTAL, 0, 0), (SQUARES, 0, 0), (MEAN, 0, 0), (MEAN, 0, 0)]
    rules += [(PRODUCT, re, re), (PRODUCT, im, im), (PRODUCT, re, im)]
    rules += [(LARGEST, 0, 0)] * 4 * names + [(MEAN, 0, 0)] * 2 * names
    x, y = ([HEAD + kind * names + i for i in range(names)] for kind in (4, 5))
    weights = [re] * names, [im] * names
    for a, b in ((x, x), (y, y), *((part, weight) for part in (x, y) for weight in weights), (x, y)):
        rules += [(PRODUCT, i, j) for i, j in zip(a, b, strict=True)]
    return np.array(rules)


@cached(64)
def scaled_rules(names: int) -> NDArray[np.int64]:
    """Return what the rows of a node of `sdeframe.sums.log_weights.merge_scaled` hold, likewise."""
    rules = [(LARGEST, 0, 0), (TOTAL, 0, 0), *[(MEAN, 0, 0)] * 2 * names]
    return np.array([*rules, *((PRODUCT, 2 + i, 2 + i) for i in range(2 * names))])


def of_names(node: Array) -> Array:
    """Return the rows of every name, shape (KINDS, names, times)."""
    return node[HEAD:].reshape(KINDS, (len(node) - HEAD) // KINDS, *node.shape[1:])


def mean_parts(node: Array) -> Array:
    """Return the means of Re Ω, Re OΩ, Im Ω, Im OΩ, divided by 2^exponent, shape (2, 1 + names, times)."""
    return np.concatenate([node[MEAN_WEIGHT : MEAN_WEIGHT + 2, None], of_names(node)[4:6]], axis=1)


def merge_weights(a: Array, b: Array) -> Array:
    """Merge nodes of the statistics that `weight_rules` describes, shape (rows, times).

    Covariances are merged as in Chan, Golub and LeVeque (1979).
    """
    rows, times = a.shape
    nodes, out = np.stack([a, b], axis=-1).reshape(rows, 2 * times), np.empty((rows, times))
    rules = weight_rules((rows - HEAD) // KINDS)
    _compiled("merge_neighbours")(nodes, 0, times, rules, out, np.empty((4 + rows, times)))
    return out


def weights_over_time(names: int, count: int, top: int = HIGHEST) -> OverTime:
    """Return empty sums for the weighted values of some names at some output times."""
    return OverTime(merge_weights, HEAD + KINDS * names, count, top)


def weight_leaves(run: Weighed) -> Array:
    """Return single trajectories as nodes, shape (rows, trajectories)."""
    names, size = run.values.shape[1:]
    leaves = np.zeros((HEAD + KINDS * names, size))
    leaves[EXPONENT], leaves[COUNT] = run.exponent, run.counted
    leaves[SIZES], leaves[SQUARED_SIZES] = run.modulus, run.modulus**2
    leaves[MEAN_WEIGHT : MEAN_WEIGHT + 2] = run.weight[:, 0]
    kinds = of_names(leaves)
    kinds[:2], kinds[2:4] = run.values, -run.values
    kinds[:4, :, run.modulus == 0] = -np.inf
    kinds[4:6] = run.product()
    return leaves


def reduce_rows(
    first: int, level: int, sums: Array, rules: NDArray[np.int64], top: int
) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes above neighbouring ones of a level, shape (rows, nodes), all of which are lost."""
    rows, size = sums.shape
    most = MOST_NODES + (size >> max(top - level, 0))
    nodes, keys = borrowed((most, rows)), np.empty((most, 2), dtype=np.int64)
    other, between = borrowed((rows, size // 2 + 1)), borrowed((4 + rows, size // 2 + 1))
    found = _compiled("reduce")(first, level, top, sums, rules, other, between, nodes, keys)
    for node, (at, number) in zip(nodes[:found], keys[:found].tolist(), strict=True):
        yield (at, number), node


def reduce_weights(first: int, run: Weighed, top: int = HIGHEST) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes of neighbouring trajectories, as few as there can be up to a level, as `merge_weights` does.

    Parameters
    ----------
    first
        Number of the first trajectory.
    run
        What the trajectories weigh.
    top
        The level, at least `LEVELS` where trajectories are folded.
    """
    rules = weight_rules(run.outcomes.shape[1])
    if run.lanes is None:
        return reduce_rows(first, 0, weight_leaves(run), rules, top)
    out = borrowed((len(rules), run.counted.size // FOLD))
    weight_fold("fold_weights")(run.lanes, *run.raw(), run.counted, scratch("fold", (ROWS * WIDTH,)), out)
    return reduce_rows(first >> LEVELS, LEVELS, out, rules, top)


def reduce_pairs(
    first: int, coarse: Weighed, fine: Weighed, divisor: float, top: int = HIGHEST
) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes of what `sdeframe.sums.log_weights.step_parts` returns, of those that count in both runs."""
    rules, counted = scaled_rules(2 * fine.outcomes.shape[1]), coarse.counted & fine.counted
    if fine.lanes is None:
        exponent, parts = step_parts(coarse, fine, divisor)
        leaves = np.concatenate([exponent[None], moment_leaves(parts, counted)])
        return reduce_rows(first, 0, leaves, rules, top)
    out = borrowed((len(rules), counted.size // FOLD))
    weight_fold("fold_pairs")(
        fine.lanes, *fine.raw(), *coarse.raw(), counted, divisor, scratch("fold", (ROWS * WIDTH,)), out
    )
    return reduce_rows(first >> LEVELS, LEVELS, out, rules, top)


def plain_moments(node: Array) -> Array:
    """Return the part of a node that is one of `merge_moments`, of the real parts of Ω and OΩ, then the imaginary."""
    kinds = of_names(node)
    squares = np.concatenate([node[MEAN_WEIGHT + 2 : MEAN_WEIGHT + 4, None], kinds[6:8]], axis=1)
    return np.concatenate([node[COUNT][None], *mean_parts(node), *squares])


def ratios(node: Array) -> Estimates:
    """Return `<OΩ>/<Ω>` of all names, with standard errors by the delta method."""
    n, kinds = node[COUNT], of_names(node)
    w, y = np.split(mean_parts(node), [1], axis=1)
    ww, yw, yy = _products(node, kinds)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        inverse = np.stack([w[0], -w[1]]) / (w[0] ** 2 + w[1] ** 2)
        mean = complex_product(inverse, y)
        # deviations of OΩ become those of z = (O - mean) Ω, whose products over <Ω>² are the variance
        zw = yw - complex_product(mean, ww)
        zz = yy - complex_product(mean, yw.swapaxes(0, 1)) - complex_product(mean, zw.swapaxes(0, 1)).swapaxes(0, 1)
        squares = complex_product(inverse, complex_product(inverse, zz).swapaxes(0, 1))
        variance = np.stack([squares[0, 0], squares[1, 1]]) / np.where(n > 1, n * (n - 1), np.nan)
    largest, smallest = kinds[:2], -kinds[2:4]
    same = (largest == smallest).all(axis=0)
    variance = np.where(same & (n > 1), 0.0, variance)
    mean, error = np.where(same, largest, mean), np.sqrt(np.maximum(variance, 0.0))
    return Estimates.of_parts(mean, error)


def _products(node: Array, kinds: Array) -> tuple[Array, Array, Array]:
    """Return the products of ΩΩ, OΩ Ω and OΩ OΩ, part by part: shapes (2, 2, 1, times) and twice (2, 2, m, times)."""
    rr, ii, ri = node[MEAN_WEIGHT + 2 : HEAD, None]
    ww = np.array([[rr, ri], [ri, ii]])
    yw = kinds[8:12].reshape(2, 2, *kinds.shape[1:])
    yy = np.array([[kinds[6], kinds[12]], [kinds[12], kinds[7]]])
    return ww, yw, yy
