"""Groups that are expanded anew."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np

from sdeframe.groups.event import Acted, Members, Report
from sdeframe.groups.expanding import Expanding, is_vector, told
from sdeframe.groups.expansion import expansion, squared

LOST: Final = 1e-3
"""|V − V'|/|V| beyond which a new expansion is none."""


@attrs.frozen(kw_only=True)
class Reexpand(Expanding):
    """Expands the sum of the kets of every group anew, in as many kets, with smaller coefficients.

    Weights of kets grow without end, though their sum does not: kets that hold it as well with less weight have less
    noise from then on. New places come from a Metropolis chain of every ket, see `density`, coefficients are those of
    least norm. That is done where Σ|w|² falls, and else the same at the places where kets are; where it does not fall
    there either, nothing is.

    `PairMoments` writes what every event did to every group.

    Parameters
    ----------
    every
        The time from one event to the next.
    times
        In its place, the times of the events.
    ridge, sweeps, density
        See `Expanding`: μ, how often kets try to move, and p.
    """

    def check(self, size: int) -> None:
        """Do nothing: groups of any size can be expanded."""

    def act(self, group: Members) -> Acted:
        """Return the group after it."""
        live = group.alive & np.isfinite(group.log_weight.real)
        kets, (old, old_norms) = group.of(live), group.states.elements(group.values[live])
        with np.errstate(over="ignore", invalid="ignore"):
            w: Any = np.exp(kets.log_weight + old_norms) / len(group)
            V = np.einsum("k,kd->d", w, old)
        if not is_vector(V):
            return Acted(group.values, group.log_weight, Report(np.nan, np.nan, 0.0))
        kets = attrs.evolve(kets, values=group.states.on_shell(kets.values))
        for moved, new in ((1.0, self.moved(kets, V)), (0.5, expansion(group.states, kets.values, V, self.ridge))):
            if new is not None and new.cost * squared(V) < squared(w) and new.misfit < LOST:
                written = group.written(live, new.place, len(group) * new.w, new.log_norms)
                return Acted(*written, told(new, moved))
        written = group.written(live, kets.values, len(group) * w, group.states.elements(kets.values)[1])
        return Acted(*written, Report(0.0, len(w) * squared(w) / squared(V), 0.0))
