"""How many blocks a task holds, by the time that they are seen to take."""

from __future__ import annotations

from typing import Final

import attrs

NEWEST: Final = 0.3
"""Weight of what was measured last."""
COST: Final = 2e-3
"""Seconds that a scheduler takes for a task, about: with many workers tasks must be longer, or it cannot feed them."""
LONGEST: Final = 5.0
"""Seconds that no task is to take longer than, so that a run can be left soon."""
SHORTEST: Final = 0.05
"""Seconds that a task takes even near the end: a shorter one costs a scheduler and a worker a fifth of it or more."""
GROWTH: Final = 8
"""Tasks grow by this factor at most between two measurements: the first ones may not be typical."""


@attrs.define
class TaskSize:
    """The size of tasks that take a wanted time, or of one block each where none is wanted."""

    wanted: float
    block_seconds: float | None = None
    largest: int = 1

    def measure(self, blocks: float, seconds: float) -> None:
        """Learn how long some blocks took."""
        now = seconds / blocks
        self.block_seconds = now if self.block_seconds is None else self.block_seconds + NEWEST * (
            now - self.block_seconds
        )  # fmt: skip
        self.largest = max(self.largest, int(GROWTH * blocks))

    def blocks(self, left: float, slots: int) -> int:
        """Return the size of the next task, where some blocks are left: near the end all slots get some."""
        if not self.wanted or self.block_seconds is None:
            return 1
        seconds = min(LONGEST, max(self.wanted, COST * slots))
        fitting = seconds / max(self.block_seconds, 1e-9)
        share = max(left / slots, SHORTEST / max(self.block_seconds, 1e-9))
        return max(1, int(min(fitting, self.largest, share)))
