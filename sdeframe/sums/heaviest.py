"""How much of a sum of weights its heaviest trajectories carry."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.sums.log_weights import NOTHING, power_of_two, split

Array = NDArray[np.float64]

ONE_IN: Final = 1000
"""One in so many trajectories, at least one, is among the heaviest."""


@attrs.define
class Heaviest:
    """The largest Re C0 at every output time, which no grouping changes."""

    log_moduli: Array
    """In no order, shape (times, as many as the share of all trajectories can need)."""

    @classmethod
    def of_none(cls, trajectories: int, count: int) -> Heaviest:
        """Return the largest of none yet, for a run with so many trajectories and output times."""
        return cls(np.full((count, -(-trajectories // ONE_IN)), NOTHING))

    def __add__(self, other: Heaviest) -> Heaviest:
        """Return the largest of both."""
        return Heaviest(_largest(self.log_moduli, other.log_moduli))

    def add(self, index: int, log_moduli: Array) -> None:
        """Take in the trajectories of a block at an output time, shape (trajectories,)."""
        self.log_moduli[index] = _largest(self.log_moduli[index], log_moduli)

    def total(self, trajectories: Array, exponent: Array) -> Array:
        """Return Σ|Ω|/2^exponent over the heaviest of so many trajectories; all have the shape (times,)."""
        own, modulus = split(-np.sort(-self.log_moduli, axis=-1))
        scaled = modulus * power_of_two(own - exponent[:, None])
        chosen = np.arange(self.log_moduli.shape[-1]) < np.ceil(trajectories / ONE_IN)[:, None]
        total: Array = np.where(chosen, scaled, 0.0).sum(axis=-1)
        return total


def _largest(kept: Array, more: Array) -> Array:
    """Return as many of the largest numbers of both as are kept, along the last axis."""
    size = kept.shape[-1]
    both = np.concatenate([kept, more], axis=-1)
    both.partition(-size, axis=-1)
    return both[..., -size:]
