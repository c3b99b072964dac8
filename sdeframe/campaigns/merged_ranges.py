"""Which trajectories of which seeds a result is of, as its attributes say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Self

import attrs

FIRST: Final = "first_trajectory"
"""The attribute of one run that says where its trajectories begin; results of older versions begin with 0."""
RANGES: Final = "trajectory_ranges"
"""The attribute of a merged result that says what it is of."""
RANGE: Final = re.compile(r"(\d{1,19}) to (\d{1,19}) of seed (\d{1,19})", re.ASCII)

SeedRange = tuple[int, int, int]
"""A seed, the first trajectory, and the one behind the last."""


@attrs.frozen
class Ranges:
    """Ranges of trajectories, by seed and number."""

    ranges: Sequence[SeedRange]

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Self:
        """Return what a dataset with these attributes is of.

        Raises
        ------
        ValueError
            If it was merged of several and does not say of which.
        """
        if RANGES in attributes:
            found = [RANGE.fullmatch(text) for text in str(attributes[RANGES]).split(", ")]
            numbers = [tuple(map(int, match.groups())) for match in found if match]
            ranges = [(seed, first, last + 1) for first, last, seed in numbers if first <= last]
            if len(ranges) == len(found):
                return cls(ranges)
        elif str(attributes["seed"]).isdecimal():
            first = int(attributes.get(FIRST, 0))
            return cls([(int(attributes["seed"]), first, first + int(attributes["trajectories"]))])
        raise ValueError(
            "merge: a result was merged by another version, and does not say which trajectories of which seed it is "
            "of: merge those that it was made of"
        )

    @classmethod
    def joined(cls, several: Iterable[Ranges]) -> Self:
        """Return all of some ranges, in order, neighbours as one."""
        found: list[SeedRange] = []
        for seed, first, end in sorted(part for ranges in several for part in ranges.ranges):
            if found and found[-1][0] == seed and found[-1][2] == first:
                first = found.pop()[1]
            found.append((seed, first, end))
        return cls(found)

    @property
    def first_overlap(self) -> str:
        """The first trajectories that are there twice, in words; none if all are there once."""
        for one, other in pairwise(self.ranges):
            if one[0] == other[0] and other[1] < one[2]:
                return f"trajectories {_told(one[0], other[1], min(one[2], other[2]))}"
        return ""

    @property
    def seeds(self) -> str:
        """All seeds, for an attribute."""
        return ", ".join(dict.fromkeys(str(seed) for seed, _, _ in self.ranges))

    @property
    def text(self) -> str:
        """All ranges, for an attribute."""
        return ", ".join(_told(*part) for part in self.ranges)


def _told(seed: int, first: int, end: int) -> str:
    return f"{first} to {end - 1} of seed {seed}"
