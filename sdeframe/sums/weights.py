"""Weighted sums on the tree of trajectory numbers, merged by one compiled function.

A block's trajectories are merged one by one, each with its left neighbours as soon as they make a whole node; what is
in work fits into a first-level cache, and other threads run meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.log_weights import Weighed, complex_product
from sdeframe.sums.over_time import OverTime
from sdeframe.sums.tree import HIGHEST, NodeKey

Array = NDArray[np.float64]

MOST_NODES: Final = 129
"""Two a level, of at most 64, and the trajectory that comes next, beside those of the top level."""

MERGE_TYPES: Final = "void(float64[:,::1], int64[:,::1])"
REDUCE_TYPES: Final = "int64(int64, int64, float64[:,::1], int64[:,::1], float64[:,::1], int64[:,::1])"
SOURCE: Final = f"""
import math
import numpy as np
from sdeframe.compiled.jit import inner, outer


@inner
def power_of_two(exponent):
    return math.ldexp(1.0, np.int32(max(exponent, -1100.0)))


@inner
def merge(nodes, k, pairs):
    a, b, products = nodes[k], nodes[k + 1], pairs.shape[1]
    quadratic = a.size - products - 1
    half = (quadratic + 1) // 6
    count = 4 * half - 3
    left, right = a[0], b[0]
    for row in range(count):
        a[row] = np.maximum(a[row], b[row])
    f, g = power_of_two(left - a[0]), power_of_two(right - a[0])
    left, right = a[count], b[count]
    a[count] = left + right
    share = right / max(a[count], 1.0)
    both = left * share
    a[count + 1] = a[count + 1] * f + b[count + 1] * g
    delta = b[count + 2 : quadratic]
    for q in range(2 * half):
        row = count + 2 + q
        left = a[row] * f
        delta[q] = b[row] * g - left
        a[row] = left + delta[q] * share
    for row in range(quadratic, a.size):
        a[row] = a[row] * f * f + b[row] * g * g
    for p in range(products):
        a[quadratic + 1 + p] += delta[pairs[0, p]] * delta[pairs[1, p]] * both


@outer({MERGE_TYPES!r})
def merge_neighbours(nodes, pairs):
    for k in range(0, nodes.shape[0], 2):
        merge(nodes, k, pairs)


@outer({REDUCE_TYPES!r})
def reduce(first, top, leaves, pairs, nodes, keys):
    found = 0
    for i in range(leaves.shape[0]):
        for row in range(nodes.shape[1]):
            nodes[found, row] = leaves[i, row] if row < leaves.shape[1] else 0.0
        keys[found, 0], keys[found, 1] = 0, first + i
        while found > 0 and keys[found - 1, 0] == keys[found, 0] < top and keys[found, 1] % 2 == 1:
            found -= 1
            merge(nodes, found, pairs)
            keys[found, 0], keys[found, 1] = keys[found, 0] + 1, keys[found, 1] // 2
        found += 1
    return found
"""


@cached(None)
def _compiled(name: str) -> Any:
    from sdeframe.compiled.cache import compile_source

    return compile_source(SOURCE)[name]


@attrs.frozen
class WeightRows:
    """Where the statistics of some names stand in a node.

    First come maxima: the exponent, and of each name the largest Re O, Im O, −Re O and −Im O. Then the count; what is
    divided by 2^exponent: Σ|Ω| and the means of Re Ω, Re OΩ, Im Ω, Im OΩ; what is divided by its square: Σ|Ω|² and
    the sums of products of deviations from these means, those of `pairs`.
    """

    names: int

    @property
    def count(self) -> int:
        """Row of the count."""
        return 1 + 4 * self.names

    @property
    def linear(self) -> slice:
        """Rows of Σ|Ω| and the means."""
        return slice(self.count + 1, self.count + 4 + 2 * self.names)

    @property
    def quadratic(self) -> slice:
        """Rows of Σ|Ω|² and the products."""
        return slice(self.linear.stop, self.linear.stop + 4 + 7 * self.names)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.quadratic.stop

    @classmethod
    def of(cls, node: Array) -> WeightRows:
        """Return the rows of a node."""
        return cls((len(node) - 9) // 13)

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Which of the means' quantities are multiplied, shape (2, products): all squares, then what ratios need."""
        return _pairs(self.names)


@cached(64)
def _pairs(names: int) -> NDArray[np.int64]:
    half = 1 + names
    squares = [(i, i) for i in range(2 * half)]
    ratios = [
        pair for i in range(1, half) for pair in ((i, 0), (i, half), (half + i, 0), (half + i, half), (i, half + i))
    ]
    return np.ascontiguousarray(np.array([*squares, (0, half), *ratios]).T)


def merge_weights(a: Array, b: Array) -> Array:
    """Merge nodes of the statistics that `WeightRows` describes, shape (rows, times).

    Covariances are merged as in Chan, Golub and LeVeque (1979).
    """
    nodes = np.ascontiguousarray(np.stack([a, b], axis=-1).reshape(len(a), -1).T)
    _compiled("merge_neighbours")(nodes, WeightRows.of(a).pairs)
    return np.ascontiguousarray(nodes[::2].T)


def weights_over_time(names: int, count: int, top: int = HIGHEST) -> OverTime:
    """Return empty sums for the weighted values of some names at some output times."""
    return OverTime(merge_weights, WeightRows(names).size, count, top)


def weight_leaves(run: Weighed) -> Array:
    """Return single trajectories as nodes, shape (trajectories, rows), without the products, all of which are zeros."""
    m, size = run.values.shape[1:]
    rows, parts = WeightRows(m), run.values.reshape(2 * m, size)
    leaves = np.empty((rows.quadratic.start + 1, size))
    leaves[0] = run.exponent
    extremes = leaves[1 : rows.count]
    extremes[: 2 * m], extremes[2 * m :] = parts, -parts
    extremes[:, run.modulus == 0] = -np.inf
    leaves[rows.count], leaves[rows.count + 1] = run.counted, run.modulus
    quantities = leaves[rows.linear][1:].reshape(2, 1 + m, size)
    quantities[:, :1], quantities[:, 1:] = run.weight, complex_product(run.weight, run.values)
    leaves[rows.quadratic.start] = run.modulus**2
    return np.ascontiguousarray(leaves.T)


def reduce_weights(first: int, run: Weighed, top: int = HIGHEST) -> Iterator[tuple[NodeKey, Array]]:
    """Yield the nodes of neighbouring trajectories, as few as there can be up to a level, as `merge_weights` does.

    Parameters
    ----------
    first
        Number of the first trajectory.
    run
        What the trajectories weigh.
    top
        The level.
    """
    rows, leaves = WeightRows(run.values.shape[1]), weight_leaves(run)
    most = MOST_NODES + (len(leaves) >> top)
    nodes, keys = np.empty((most, rows.size)), np.empty((most, 2), dtype=np.int64)
    found = _compiled("reduce")(first, top, leaves, rows.pairs, nodes, keys)
    for node, (level, number) in zip(nodes[:found], keys[:found].tolist(), strict=True):
        yield (level, number), node


def plain_moments(node: Array) -> Array:
    """Return the part of a node that is one of `merge_moments`, of the real parts of Ω and OΩ, then the imaginary."""
    rows = WeightRows.of(node)
    start, size = rows.quadratic.start + 1, 2 + 2 * rows.names
    return np.concatenate([node[rows.count][None], node[rows.linear][1:], node[start : start + size]])


def ratios(node: Array) -> Estimates:
    """Return `<OΩ>/<Ω>` of all names, with standard errors by the delta method."""
    rows = WeightRows.of(node)
    n, m = node[rows.count], rows.names
    means = node[rows.linear][1:].reshape(2, 1 + m, -1)
    w, y = means[:, :1], means[:, 1:]
    ww, yw, yy = _products(node[rows.quadratic][1:], m)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        inverse = np.stack([w[0], -w[1]]) / (w[0] ** 2 + w[1] ** 2)
        mean = complex_product(inverse, y)
        # deviations of OΩ become those of z = (O - mean) Ω, whose products over <Ω>² are the variance
        zw = yw - complex_product(mean, ww)
        zz = yy - complex_product(mean, yw.swapaxes(0, 1)) - complex_product(mean, zw.swapaxes(0, 1)).swapaxes(0, 1)
        squares = complex_product(inverse, complex_product(inverse, zz).swapaxes(0, 1))
        variance = np.stack([squares[0, 0], squares[1, 1]]) / np.where(n > 1, n * (n - 1), np.nan)
    largest, smallest = node[1 : rows.count].reshape(2, 2, m, -1) * np.array([1, -1])[:, None, None, None]
    same = (largest == smallest).all(axis=0)
    variance = np.where(same & (n > 1), 0.0, variance)
    mean, error = np.where(same, largest, mean), np.sqrt(np.maximum(variance, 0.0))
    return Estimates.of_parts(mean, error)


def _products(products: Array, m: int) -> tuple[Array, Array, Array]:
    """Return the products of ΩΩ, OΩ Ω and OΩ OΩ, part by part: shapes (2, 2, 1, times) and twice (2, 2, m, times)."""
    half = 1 + m
    squares, mixed = products[: 2 * half], products[2 * half :]
    ww = np.array([[squares[:1], mixed[:1]], [mixed[:1], squares[half : half + 1]]])
    rows = mixed[1:].reshape(m, 5, -1).swapaxes(0, 1)
    yw = rows[:4].reshape(2, 2, m, -1)
    yy = np.array([[squares[1:half], rows[4]], [rows[4], squares[half + 1 :]]])
    return ww, yw, yy
