"""Groups whose kets branch into children with balanced noise."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.groups.event import Acted, Members, Report
from sdeframe.groups.expanding import Expanding, is_vector, told
from sdeframe.validators import is_whole, shown

CHANNEL = 2**16 - 1
"""Of the random number that picks a child, behind those of moves."""


def _power_of_two(instance: Any, attribute: Any, children: Any) -> None:
    if not is_whole(children) or children < 2 or children & (children - 1):
        raise ValueError(f"children={shown(children)} in Branch: must be a power of 2, such as 256")


@attrs.frozen(kw_only=True)
class Branch(Expanding):
    """Lets every ket of a group go on as children whose noise cancels, and expands their sum in as many kets again.

    A group of size m has m/children parents. From one event to the next the children of a parent, which begin alike,
    have increments tied as those of `Balanced` are: all terms up to third order in them have no sampling error. At an
    event the sum of all children is expanded in one ket a parent, at places as those of `Reexpand`, of which each
    begins with the place of one of its children. It takes 1.5 to 3 parents for every number state.

    `PairMoments` writes what every event did to every group.

    Parameters
    ----------
    children
        How many each parent has, a power of 2: the more, the more steps there may be from one event to the next.
    every
        The time from one event to the next.
    times
        In its place, the times of the events.
    ridge, sweeps, density
        See `Expanding`: μ, how often kets try to move, and p.
    """

    children: int = attrs.field(default=256, validator=_power_of_two)

    @property
    def family(self) -> int:
        """As many children as each parent has."""
        return self.children

    def check(self, size: int) -> None:
        """Raise ValueError where a group is not of whole families."""
        if size % self.children:
            raise ValueError(
                f"groups of {size} with {self}: must be of whole families, such as size={2 * self.children}"
            )

    def act(self, group: Members) -> Acted:
        """Return the group after it."""
        live = group.alive & np.isfinite(group.log_weight.real)
        families = live.reshape(-1, self.children)
        V = group.states.summed(group.values[live], group.log_weight[live]) / len(group)
        if not is_vector(V):
            return Acted(group.values, group.log_weight, Report(np.nan, np.nan, 0.0))
        parents = group.of(self._picked(group, families))
        begin = attrs.evolve(parents, values=group.states.on_shell(parents.values))
        found = self.moved(begin, V)
        if found is None:
            return Acted(group.values, group.log_weight, Report(np.nan, np.nan, 0.0))
        heirs = families.sum(axis=1)[families.any(axis=1)]
        whole = found.place, len(group) * found.w / heirs, found.log_norms
        return Acted(*group.written(live, *(np.repeat(x, heirs, axis=0) for x in whole)), told(found, 1.0))

    def _picked(self, group: Members, families: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return a random living child of every family that has one."""
        first = group.of(np.arange(0, len(group), self.children))
        wanted = (first.uniforms(CHANNEL) * families.sum(axis=1)).astype(int)
        place = np.argmax(np.cumsum(families, axis=1) > wanted[:, np.newaxis], axis=1)
        picked: NDArray[np.int64] = np.arange(0, len(group), self.children) + place
        return picked[families.any(axis=1)]
