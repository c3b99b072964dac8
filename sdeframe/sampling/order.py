"""An order in which neighbouring sets of code vectors are linearly independent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sdeframe.compiled.random_numbers import key

TRIES: Final = 40
"""Sets that are tried for a place; the first one is taken where none fits."""


def independent_order(sets: Sequence[Sequence[int]], neighbours: int) -> list[int]:
    """Return an order of sets of vectors, bit k of a number for component k.

    Sets are taken in a pseudo-random order, each at the first place at which its vectors and those of the sets before
    it, as many `neighbours` in all, are linearly independent over GF(2).
    """
    waiting = sorted(range(len(sets)), key=key)
    found: list[int] = []
    while waiting:
        basis: list[int] = []
        for k in found[-(neighbours - 1) :] if neighbours > 1 else ():
            _extended(basis, sets[k])
        fitting = (place for place, k in enumerate(waiting[:TRIES]) if _extended(list(basis), sets[k]))
        found.append(waiting.pop(next(fitting, 0)))
    return found


def _extended(basis: list[int], vectors: Sequence[int]) -> bool:
    """Add vectors to a basis whose leading bits differ, and tell whether all of them were independent."""
    independent = True
    for vector in vectors:
        rest = vector
        for known in basis:
            rest = min(rest, rest ^ known)
        if rest:
            basis.append(rest)
            basis.sort(reverse=True)
        independent = independent and rest != 0
    return independent
