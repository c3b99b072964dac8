"""Groups that are expanded anew."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.groups.coefficients import least_norm, misfit
from sdeframe.groups.event import Acted, Members, Report
from sdeframe.groups.expanding import Expanding, is_vector, report
from sdeframe.groups.positions import spread

Complexes = NDArray[np.complex128]

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
            w = np.exp(kets.log_weight + old_norms) / len(group)
            V = np.einsum("k,kd->d", w, old)
        if not is_vector(V):
            return Acted(group.values, group.log_weight, Report(np.nan, np.nan, 0.0))
        kets = attrs.evolve(kets, values=group.states.on_shell(kets.values))
        there = spread(kets, V, self.sweeps, self.power(kets))
        for moved, place in ((1.0, there), (0.5, kets.values)):
            elements, log_norms = group.states.elements(place)
            new = least_norm(elements, V, self.ridge)
            if new is not None and _sum(new) < _sum(w) and (lost := misfit(elements, new, V)) < LOST:
                return Acted(*group.written(live, place, len(group) * new, log_norms), report(V, new, lost, moved))
        elements, log_norms = group.states.elements(kets.values)
        phases = np.sum(elements.conj() * old, axis=1)
        return Acted(*group.written(live, kets.values, len(group) * phases * w, log_norms), report(V, w, 0.0, 0.0))


def _sum(w: Complexes) -> float:
    return float(np.sum(np.abs(w) ** 2))
