"""Sums with complex weights Ω = exp(C0) that no float may hold: every node divides them by a power of two of its own.

The power is that of the node's heaviest trajectory, so nothing overflows, and what underflows is nothing beside it.
Dividing by it rounds nothing. A complex number stands as its two parts along an array's first axis.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.sums.tree import merge_moments

Array = NDArray[np.float64]

LN2 = math.log(2.0)
NOTHING = -(2.0**1000)
"""Re C0 of a trajectory without weight: below any other, and a finite number."""


def split(log_modulus: Array) -> tuple[Array, Array]:
    """Return n and m with exp(log_modulus) = m 2^n and m within a factor √2 of 1."""
    exponent = np.rint(log_modulus / LN2)
    if exponent.size and np.abs(exponent).max() < 2.0**52:
        return exponent, np.exp(log_modulus - exponent * LN2)
    exponent = np.where(np.isfinite(exponent), exponent, 0.0)
    rest = log_modulus - exponent * LN2
    # beyond 2^52 a float has no digits left that could decide m
    return exponent, np.exp(np.where(np.abs(exponent) < 2.0**52, rest, 0.0))


WITHOUT = float(split(np.array(NOTHING))[0])
"""The exponent of a trajectory without weight."""


@usual_arithmetic
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


def complex_product(a: Array, b: Array) -> Array:
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


@attrs.frozen(eq=False, slots=False)
class Weighed:
    """Values O of n trajectories with their weights Ω = m 2^exponent e^(iφ), of which only some carry one."""

    log_modulus: Array
    """Re C0 of everybody, shape (n,)."""
    scale: tuple[Array, Array]
    """The exponent and m of everybody."""
    phase: Array
    """e^(iφ) of everybody, shape (2, n)."""
    outcomes: Array
    """O of everybody, shape (2, names, n)."""
    counted: NDArray[np.bool_]
    """Who is one of the trajectories that means are divided by."""
    carries: NDArray[np.bool_]
    """Who carries a weight."""
    lanes: int | None = None
    """Trajectories a buffer, where these are in the order of folded buffers; see `sdeframe.sums.fold`."""

    @classmethod
    def of(
        cls, log_modulus: Array, phase: Array, values: Array, counted: NDArray[np.bool_], carries: NDArray[np.bool_],
        lanes: int | None = None,
    ) -> Weighed:  # fmt: skip
        """Return weighed values from Re C0, e^(i Im C0) and O, where only some trajectories carry a weight."""
        with np.errstate(over="ignore"):  # of those that carry none
            scale = split(log_modulus)
        return cls(log_modulus, scale, phase, values, counted, carries, lanes)

    def only(self, chosen: NDArray[np.bool_]) -> Weighed:
        """Return what remains when only the chosen count and carry a weight."""
        return attrs.evolve(self, counted=self.counted & chosen, carries=self.carries & chosen)

    def raw(self) -> tuple[Any, ...]:
        """Return what compiled functions take: exponents, m, e^(iφ) and O of everybody, and who carries a weight."""
        return *self.scale, self.phase, self.outcomes, self.carries

    @cached_property
    def exponent(self) -> Array:
        """Shape (n,); `WITHOUT` weight below any other."""
        return np.where(self.carries, self.scale[0], WITHOUT)

    @cached_property
    def modulus(self) -> Array:
        """Moduli m, shape (n,); 0 for a trajectory without weight."""
        return np.where(self.carries, self.scale[1], 0.0)

    @cached_property
    def weight(self) -> Array:
        """Weights m e^(iφ), shape (2, 1, n)."""
        return np.where(self.carries, self.phase, 0.0)[:, None] * self.modulus

    @cached_property
    def values(self) -> Array:
        """O, shape (2, names, n); 0 without weight."""
        return np.where(self.carries, self.outcomes, 0.0)

    def product(self) -> Array:
        """Return OΩ/2^exponent, shape (2, names, n)."""
        return complex_product(self.weight, self.values)


def step_parts(coarse: Weighed, fine: Weighed, divisor: float) -> tuple[Array, Array]:
    """Return exponents, shape (n,), and what the step makes of values OΩ/2^exponent, shape (4 names, n).

    These are of all names coarse less fine values, then fine ones less this by the divisor; of all real parts, then of
    all imaginary ones.
    """
    exponent = np.maximum(coarse.exponent, fine.exponent)
    above, below = (run.product() * power_of_two(run.exponent - exponent) for run in (coarse, fine))
    difference = above - below
    parts = np.concatenate([difference, below - difference / divisor], axis=1)
    return exponent, parts.reshape(-1, exponent.size)
