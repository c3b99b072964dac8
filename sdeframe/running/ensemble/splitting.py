"""How an ensemble is cut into units of work."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.groups.groups import Groups
from sdeframe.sampling.plan import Independent, Sampling
from sdeframe.validators import positive_count, shown

__all__ = ["default_block", "whole_groups", "work_unit"]

LARGEST_BLOCK: Final = 2048
SMALLEST_BLOCK: Final = 256
"""Trajectories per unit of work; no bit depends on it."""
BLOCKS: Final = 16
"""Into how many units a small ensemble is cut."""


def default_block(trajectories: int) -> int:
    """Return a unit of work that is large enough to be quick and small enough to keep some threads busy."""
    power_of_two = 1 << max(trajectories // BLOCKS, 1).bit_length() - 1
    return max(SMALLEST_BLOCK, min(LARGEST_BLOCK, power_of_two))


def whole_groups(numbers: range, groups: Any, sampling: Sampling) -> range:
    """Return the numbers of trajectories, checked to be whole groups of independent ones, where there are groups.

    Raises
    ------
    TypeError, ValueError
        If they are not, or groups are something else.
    """
    if groups is None:
        return numbers
    if not isinstance(groups, Groups):
        raise TypeError(f"groups={shown(groups)}: must be an object of class Groups, such as Groups(size=1000)")
    if numbers.start % groups.size or numbers.stop % groups.size:
        raise ValueError(
            f"trajectories={numbers} with groups of {groups.size}: must begin and end with a group, at multiples of "
            f"{groups.size}"
        )
    if not isinstance(sampling, Independent):
        raise ValueError(f"sampling={sampling} with groups={groups}: groups are of independent trajectories only")
    return numbers


def work_unit(trajectories: int, groups: Groups | None, block: Any) -> int:
    """Return the trajectories of a unit of work, whole groups; as many as are given, if any are.

    Raises
    ------
    ValueError
        If what is given splits groups.
    """
    size = 1 if groups is None else groups.size
    if block is None:
        return max(size, default_block(trajectories) // size * size)
    given = positive_count("block", block)
    if given % size:
        raise ValueError(f"block={given} splits groups of {size} trajectories: give a multiple of {size}")
    return given
