"""Sums with complex weights Ω = exp(C0) that no float may hold: every node divides them by a power of two of its own.

The power is that of the node's heaviest trajectory, so nothing overflows, and what underflows is nothing beside it.
Dividing by it rounds nothing. A complex number stands as its two parts along an array's first axis.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.observers.moments import real_leaves
from sdeframe.tree import merge_moments

Array = NDArray[np.float64]

LN2 = math.log(2.0)
NOTHING = -(2.0**1000)
"""Re C0 of a trajectory without weight: below any other, and a finite number."""


def split(log_modulus: Array) -> tuple[Array, Array]:
    """Return n and m with exp(log_modulus) = m 2^n and m within a factor √2 of 1."""
    exponent = np.rint(log_modulus / LN2)
    exponent = np.where(np.isfinite(exponent), exponent, 0.0)
    rest = log_modulus - exponent * LN2
    # beyond 2^52 a float has no digits left that could decide m
    return exponent, np.exp(np.where(np.abs(exponent) < 2.0**52, rest, 0.0))


def power_of_two(exponent: Array) -> Array:
    """Return 2^exponent for exponents of at most 0."""
    return np.ldexp(1.0, np.maximum(exponent, -1100).astype(np.int32))


def times_power_of_two(z: NDArray[Any], exponent: Array) -> NDArray[np.complex128]:
    """Return z 2^exponent, infinite or 0 where no float holds it."""
    whole = np.clip(exponent, -5000, 5000).astype(np.int32)
    out = np.empty_like(z)
    with np.errstate(over="ignore"):
        out.real, out.imag = np.ldexp(z.real, whole), np.ldexp(z.imag, whole)
    return out


def times(a: Array, b: Array) -> Array:
    """Return a complex product; written out, as numpy's own may round by the place in memory."""
    return np.stack([a[0] * b[0] - a[1] * b[1], a[1] * b[0] + a[0] * b[1]])


def scaled_moments(node: Array, factor: Array) -> Array:
    """Return a node of `merge_moments` with its values multiplied by a factor."""
    m = (len(node) - 1) // 2
    return np.concatenate([node[:1], node[1 : m + 1] * factor, node[m + 1 :] * factor * factor])


def merge_scaled(a: Array, b: Array) -> Array:
    """Merge nodes of `merge_moments` below a first row, the exponent of the power of two that divides their values."""
    exponent = np.maximum(a[:1], b[:1])
    a, b = (scaled_moments(node[1:], power_of_two(node[:1] - exponent)) for node in (a, b))
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate([exponent, merge_moments(a, b)])


@attrs.frozen(eq=False)
class Weighed:
    """Values O of n trajectories with their weights Ω = m 2^exponent e^(iφ)."""

    exponent: Array
    """Shape (n,)."""
    modulus: Array
    """m, shape (n,); 0 for a trajectory without weight."""
    weight: Array
    """m e^(iφ), shape (2, 1, n)."""
    values: Array
    """O, shape (2, names, n); 0 without weight."""
    counted: NDArray[np.bool_]
    """Who is one of the trajectories that means are divided by."""

    @classmethod
    def of(
        cls, log_modulus: Array, phase: Array, values: Array, counted: NDArray[np.bool_], carries: NDArray[np.bool_]
    ) -> Weighed:
        """Return weighed values from Re C0, e^(i Im C0) and O, where only some trajectories carry a weight."""
        exponent, modulus = split(np.where(carries, log_modulus, NOTHING))
        modulus = np.where(carries, modulus, 0.0)
        weight = np.where(carries, phase, 0.0)[:, None] * modulus
        return cls(exponent, modulus, weight, np.where(carries, values, 0.0), counted)

    def product(self) -> Array:
        """Return OΩ/2^exponent, shape (2, names, n)."""
        return times(self.weight, self.values)


def difference_leaves(coarse: Weighed, fine: Weighed) -> Array:
    """Return what `merge_scaled` merges: the differences of OΩ of single trajectories."""
    exponent = np.maximum(coarse.exponent, fine.exponent)
    above, below = (run.product() * power_of_two(run.exponent - exponent) for run in (coarse, fine))
    parts = np.concatenate(list(above - below))
    return np.concatenate([exponent[None], real_leaves(parts, coarse.counted & fine.counted)])


@attrs.frozen
class Rows:
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

    @classmethod
    def of(cls, node: Array) -> Rows:
        """Return the rows of a node."""
        return cls((len(node) - 9) // 13)

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Which of the means' quantities are multiplied, shape (2, products): all squares, then what ratios need."""
        return _pairs(self.names)

    def merge(self, a: Array, b: Array) -> Array:
        """Return the node of the trajectories of two, with covariances as in Chan, Golub and LeVeque (1979)."""
        n, linear, quadratic = self.count, self.linear, self.quadratic
        out = np.empty(np.broadcast_shapes(a.shape, b.shape))
        np.maximum(a[:n], b[:n], out=out[:n])
        f, g = power_of_two(a[0] - out[0]), power_of_two(b[0] - out[0])
        out[n] = a[n] + b[n]
        share = b[n] / np.maximum(out[n], 1.0)
        left, right = a[linear] * f, b[linear] * g
        delta = right[1:] - left[1:]
        right[1:] = delta * share
        out[linear] = left + right
        out[quadratic] = a[quadratic] * f * f + b[quadratic] * g * g
        first, second = self.pairs
        out[quadratic.start + 1 :] += delta[first] * delta[second] * (a[n] * share)
        return out


@lru_cache(maxsize=64)
def _pairs(names: int) -> NDArray[np.int64]:
    half = 1 + names
    squares = [(i, i) for i in range(2 * half)]
    ratios = [
        pair for i in range(1, half) for pair in ((i, 0), (i, half), (half + i, 0), (half + i, half), (i, half + i))
    ]
    return np.array([*squares, (0, half), *ratios]).T


def merge_weights(a: Any, b: Any) -> Any:
    """Merge nodes of the statistics that `Rows` describes."""
    with np.errstate(over="ignore", invalid="ignore"):
        return Rows.of(a).merge(a, b)


def weight_leaves(run: Weighed) -> Array:
    """Return single trajectories as nodes, shape (rows, trajectories)."""
    extremes = np.concatenate([*run.values, *-run.values])
    extremes[:, run.modulus == 0] = -np.inf
    quantities = np.concatenate(list(np.concatenate([run.weight, run.product()], axis=1)))
    modulus = run.modulus[None]
    products = np.zeros((3 + 7 * run.values.shape[1], modulus.size))
    return np.concatenate([run.exponent[None], extremes, run.counted[None], modulus, quantities, modulus**2, products])


def plain_moments(node: Array) -> Array:
    """Return the part of a node that is one of `merge_moments`, of the real parts of Ω and OΩ, then the imaginary."""
    rows = Rows.of(node)
    start, size = rows.quadratic.start + 1, 2 + 2 * rows.names
    return np.concatenate([node[rows.count][None], node[rows.linear][1:], node[start : start + size]])


def ratio(node: Array) -> tuple[Array, Array]:
    """Return `<OΩ>/<Ω>` and the standard errors of its parts, by the delta method, each of shape (2, names, times)."""
    rows = Rows.of(node)
    n, m = node[rows.count], rows.names
    means = node[rows.linear][1:].reshape(2, 1 + m, -1)
    w, y = means[:, :1], means[:, 1:]
    ww, yw, yy = _products(node[rows.quadratic][1:], m)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        inverse = np.stack([w[0], -w[1]]) / (w[0] ** 2 + w[1] ** 2)
        mean = times(inverse, y)
        # deviations of OΩ become those of (O - mean) Ω, whose products over <Ω>² are the variance
        yw_less = yw - times(mean, ww)
        zz = yy - times(mean, yw.swapaxes(0, 1)) - times(mean, yw_less.swapaxes(0, 1)).swapaxes(0, 1)
        squares = times(inverse, times(inverse, zz).swapaxes(0, 1))
        variance = np.stack([squares[0, 0], squares[1, 1]]) / np.where(n > 1, n * (n - 1), np.nan)
    largest, smallest = node[1 : rows.count].reshape(2, 2, m, -1) * np.array([1, -1])[:, None, None, None]
    same = (largest == smallest).all(axis=0)
    variance = np.where(same & (n > 1), 0.0, variance)
    return np.where(same, largest, mean), np.sqrt(np.maximum(variance, 0.0))


def _products(products: Array, m: int) -> tuple[Array, Array, Array]:
    """Return the products of ΩΩ, OΩ Ω and OΩ OΩ, part by part: shapes (2, 2, 1, times) and twice (2, 2, m, times)."""
    half = 1 + m
    squares, mixed = products[: 2 * half], products[2 * half :]
    ww = np.array([[squares[:1], mixed[:1]], [mixed[:1], squares[half : half + 1]]])
    rows = mixed[1:].reshape(m, 5, -1).swapaxes(0, 1)
    yw = rows[:4].reshape(2, 2, m, -1)
    yy = np.array([[squares[1:half], rows[4]], [rows[4], squares[half + 1 :]]])
    return ww, yw, yy
