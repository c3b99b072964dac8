"""Candidates of jumps: the times of a Poisson process at the bound of a rate, of which thinning takes some.

Candidate number j of a trajectory has the address (trajectory, j, channel, `JUMP`) of `random_numbers`, whatever the
step: of channel 0 the second uniform decides which noise it is of and whether it is taken, and minus the logarithm of
the first one, over the bound, is how long after it the next one comes; further channels have the random symbols of its
jump. Candidate 0 stands at time 0 and is never taken.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sdeframe.compiled.jit import inlined
from sdeframe.compiled.normals import radius
from sdeframe.compiled.random_numbers import JUMP, Word, call


@inlined
def due(z: Any, lanes: int, alive: int, following: int, until: float) -> bool:
    """Return whether a candidate of any live lane comes before a time."""
    hits = 0
    for lane in range(np.uint64(lanes)):
        live = z[np.uint64(alive * lanes) + lane] > 0.0
        hits += 1 if live & (z[np.uint64(following * lanes) + lane] < until) else 0
    return hits > 0


@inlined
def candidate(
    z: Any, lanes: int, lane: int, following: int, number: int, total: float, trajectory: Word, k0: Word, k1: Word
) -> tuple[float, int, float]:
    """Return time, number and mark of the next candidate of a lane, and note when the one after it comes.

    The mark is uniform between 0 and the bound of all rates together; that of candidate 0 is infinite.
    """
    time, j = z[following * lanes + lane], int(z[number * lanes + lane])
    x, y = call(trajectory, j, 0, JUMP, 0, k0, k1)
    r = radius(x)
    z[following * lanes + lane] = time + 0.5 * r * r / total
    z[number * lanes + lane] = j + 1
    return time, j, total * (float(y >> np.uint64(11)) * 2.0**-53) if j > 0 else math.inf


@inlined
def take(z: Any, lanes: int, lane: int, first: int, rows: int, one: Any, place: int) -> None:
    """Copy some rows of a lane, from a first one on, to a buffer of one lane."""
    for r in range(rows):
        one[place + r] = z[(first + r) * lanes + lane]


@inlined
def bring(z: Any, lanes: int, lane: int, first: int, rows: int, one: Any, place: int) -> None:
    """Copy rows of a buffer of one lane back."""
    for r in range(rows):
        z[(first + r) * lanes + lane] = one[place + r]
