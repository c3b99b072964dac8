"""What happens to a lane that passes a bound: the rare, scalar part of the bound test."""

from __future__ import annotations

from typing import Any

import numpy as np

from sdeframe.compiled.jit import inlined, inner

NEVER = np.iinfo(np.int64).max
"""The step at which a trajectory that passes no bound does so."""

PASSED_BOUND, NOT_FINITE = 1, 2
"""Reasons of a loss."""


@inlined
def passed(z: Any, lanes: int, value: int, threshold: int, alive: int) -> bool:
    """Return whether any live lane's value is above its threshold, or not a number."""
    hits = 0
    for lane in range(np.uint64(lanes)):
        live = z[np.uint64(alive * lanes) + lane] > 0.0
        within = z[np.uint64(value * lanes) + lane] <= z[np.uint64(threshold * lanes) + lane]
        hits += 1 if live & (not within) else 0
    return hits > 0


@inner
def cross(
    z: Any, lanes: int, magnitude: int, threshold: int, peak: int, alive: int,
    crossed: Any, reason: Any, levels: Any, step: int,
) -> None:  # fmt: skip
    """Note which lanes passed which of the squared bounds `levels` (ascending) at a step; the last one is final.

    A magnitude that is not a number means a state that is not finite, which passes every bound.
    """
    last = levels.shape[0] - 1
    for lane in range(lanes):
        if z[alive * lanes + lane] == 0.0:
            continue
        m = z[magnitude * lanes + lane]
        lost = m != m
        if lost:
            z[peak * lanes + lane] = np.inf
        z[threshold * lanes + lane] = np.inf
        for q in range(last, -1, -1):
            if crossed[q, lane] == NEVER:
                if lost or m > levels[q]:
                    crossed[q, lane] = step
                else:
                    z[threshold * lanes + lane] = levels[q]
        if crossed[last, lane] != NEVER:
            z[alive * lanes + lane] = 0.0
            reason[lane] = NOT_FINITE if lost else PASSED_BOUND


@inner
def outweigh(z: Any, lanes: int, weight: int, threshold: int, alive: int, crossed: Any, step: int) -> None:
    """Note which live lanes passed the bound on Re C0 at a step, which freezes none of them."""
    for lane in range(lanes):
        if z[alive * lanes + lane] != 0.0 and z[weight * lanes + lane] > z[threshold * lanes + lane]:
            crossed[lane] = step
            z[threshold * lanes + lane] = np.inf
