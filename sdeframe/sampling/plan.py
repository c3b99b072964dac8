"""What a sampling is asked, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar

import attrs

from sdeframe.sampling.slots import Integers, codes

MOST_GROUPS = 512
"""Groups of trajectories whose sums are kept; with more replicates, neighbours are taken together."""


@attrs.frozen
class Draws:
    """The random numbers of a run."""

    trajectories: int
    steps: int
    factors: int
    """Increments of a step that are made of bits: one for a real noise, one or two for a complex one."""
    dimension: int
    """Bits of the largest of them; 0 for normal increments."""
    signs: int
    """Signs of a step."""
    signs_multiply_path: bool
    """Whether signs stand beside increments of their own step only; see `Integrator`."""
    numbers: int
    """Random numbers of the initial state."""
    normals: int
    """How many of them are normal."""

    @property
    def slots_of_step(self) -> int:
        """Slots of a step: four signs that stand alone share one."""
        return self.factors + (0 if self.signs_multiply_path else -(-self.signs // 4))

    @property
    def mirrors(self) -> int:
        """Bits of a trajectory's index without codes: bit 1, where it decides the signs of initial normal numbers."""
        return int(self.factors > 0 and self.normals > 0)


@attrs.frozen(slots=False)
class Plan:
    """Trajectories in replicates of 2^exponent, whose random numbers are tied; replicates are independent."""

    exponent: int
    draws: Draws

    @property
    def replicates(self) -> int:
        """Number of independent groups."""
        return self.draws.trajectories >> self.exponent

    @cached_property
    def kept_level(self) -> int:
        """Level of the tree of trajectory numbers whose nodes tell errors: that of replicates, or of groups of them."""
        return self.exponent + max(0, (-(-self.replicates // MOST_GROUPS) - 1).bit_length())

    @property
    def degree(self) -> int:
        """Degree of the field."""
        return self.exponent - self.draws.dimension - self.draws.mirrors

    @cached_property
    def codes(self) -> Integers:
        """Code vectors of the slots, shape (slots, dimension)."""
        own = codes(self.degree, self.draws.dimension)
        return own & 1 | own >> 1 << 1 + self.draws.mirrors

    @property
    def slots(self) -> int:
        """How many slots there are; increments take them in turn, over and over again."""
        return 1 << self.degree

    @property
    def sign_offset(self) -> int:
        """How many slots behind the first one of their step those of signs are that stand beside increments."""
        return self.slots // 2 + 7 * self.draws.factors

    @property
    def fits(self) -> bool:
        """Whether there are slots for the increments of a step, and for its signs outside of it and of the next one."""
        draws = self.draws
        signs = draws.signs if draws.signs_multiply_path else 0
        return draws.slots_of_step <= self.slots and (not signs or self.sign_offset + signs <= self.slots)

    @property
    def shared_from(self) -> int | None:
        """The step from which on increments share slots with earlier ones; None if none do."""
        first = self.slots // max(self.draws.slots_of_step, 1)
        return first if self.draws.slots_of_step and first < self.draws.steps else None


class Sampling(ABC):
    """How the random numbers of different trajectories hang together; each trajectory alone always has its own law."""

    needs_bits: ClassVar[bool] = True
    """Whether increments must be made of bits."""

    @abstractmethod
    def plan(self, draws: Draws) -> Plan | None:
        """Return how trajectories are tied, or None if they are independent.

        Raises
        ------
        ValueError
            If the random numbers of a run cannot be tied.
        """

    def advice(self, plan: Plan) -> str:
        """Return what would do much better than a plan of this sampling; nothing if it is good."""
        return ""


@attrs.frozen
class Independent(Sampling):
    """Trajectories are independent of each other."""

    needs_bits: ClassVar[bool] = False

    def plan(self, draws: Draws) -> None:
        """Return None."""
