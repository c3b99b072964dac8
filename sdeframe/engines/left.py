"""Trajectories that are left to do, in order: two numbers a gap, however many blocks there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import attrs

Span = tuple[int, int]
"""The first trajectory, and the one behind the last."""


@attrs.define
class Left:
    """Gaps to be filled, from the first trajectory on, by tasks of whole blocks."""

    gaps: deque[Span]
    block: int
    """Trajectories of a block; it ends at a multiple of this number."""
    trajectories: int = attrs.field(init=False)
    """How many are left."""

    def __attrs_post_init__(self) -> None:
        self.trajectories = sum(last - first for first, last in self.gaps)

    def take(self, blocks: int) -> Span | None:
        """Return the next trajectories, up to so many blocks of them; None if nothing is left."""
        if not self.gaps:
            return None
        first, end = self.gaps.popleft()
        last = min(end, (first // self.block + blocks) * self.block)
        if last < end:
            self.gaps.appendleft((last, end))
        self.trajectories -= last - first
        return first, last


def gaps(done: Iterable[Span], begin: int, until: int) -> list[Span]:
    """Return what is missing from one trajectory to the one before another, given what is done, in order."""
    found = []
    for first, last in done:
        if begin < min(first, until):
            found.append((begin, min(first, until)))
        begin = max(begin, last)
    return [*found, (begin, until)] if begin < until else found
