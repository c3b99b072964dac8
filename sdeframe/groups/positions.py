"""Where kets are put before a sum of kets is expanded in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.groups.event import Members
from sdeframe.groups.number_states import NumberStates

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]

PROJECTED: Final = (0.5, 1.5, 5.0)
PLAIN: Final = (0.3, 1.0, 2.0)
"""Steps in the variable of a field, and in a spinor of length 1 of one emitter, of kets that are projected or not."""
TINY: Final = 1e-300
"""In place of no overlap, of which there is no logarithm."""


def positions(group: Members, V: Complexes, sweeps: int, power: float) -> Iterator[Complexes]:
    """Give the places of kets after every sweep of a Metropolis chain of each, with the density |(z|V)|^p.

    Parameters
    ----------
    group
        The kets at the start of the chains, on shell.
    V
        What is expanded, in number states.
    sweeps
        How often each of three steps is tried.
    power
        p.
    """
    states, here = group.states, group.values
    scale, size = _scales(states), _log_overlaps(states, here, V)
    steps = PROJECTED if states.projected else PLAIN
    for number, step in enumerate(steps * sweeps, 1):
        channel = number * (states.variables + 1)
        away = step * scale * group.normals(channel, states.variables)
        there, possible = states.near_shell(here + away)
        there = np.where(possible[:, np.newaxis], there, here)
        found, chance = _log_overlaps(states, there, V), group.uniforms(channel + states.variables)
        taken = power * (found - size) > np.log(np.maximum(chance, TINY))
        here, size = np.where(taken[:, np.newaxis], there, here), np.where(taken, found, size)
        if number % len(steps) == 0:
            yield here


def _scales(states: NumberStates) -> Reals:
    """Return the unit of steps of every variable."""
    return 1 / np.sqrt(np.maximum(states.sizes, 1))[states.factor]


def _log_overlaps(states: NumberStates, values: Complexes, V: Complexes) -> Reals:
    overlaps = np.einsum("kd,d->k", states.elements(values)[0].conj(), V)
    return np.log(np.maximum(np.abs(overlaps), TINY))
