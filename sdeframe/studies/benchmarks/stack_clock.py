"""A clock that looks at what runs, in all threads, and gives the time since its last look to the part it sees."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from time import perf_counter
from types import FrameType, TracebackType
from typing import Final, Self

EVERY: Final = 0.004
"""Seconds between two looks."""


class StackClock:
    """Seconds of parts of what runs while the clock does, one part at a time.

    Parameters
    ----------
    parts
        Places that tell a part, each a piece of a file's name, or the end of file:function. The first part counts of
        which a place is found in the stack of any thread; where none is, the time is the "rest".
    """

    def __init__(self, parts: Mapping[str, Sequence[str]]) -> None:
        self.parts = parts
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._last = perf_counter()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        own = threading.get_ident()
        while not self._done.wait(EVERY):
            seen = {place for thread, frame in sys._current_frames().items() if thread != own for place in stack(frame)}
            part = self._part(seen)
            now = perf_counter()
            self.seconds[part] += now - self._last
            self._last = now

    def _part(self, seen: Collection[str]) -> str:
        for part, doors in self.parts.items():
            if any(place.endswith(door) if ".py:" in door else door in place for door in doors for place in seen):
                return part
        return "rest"


def stack(frame: FrameType | None) -> Iterator[str]:
    """Yield the functions of a stack as file:function, the innermost first."""
    while frame is not None:
        yield f"{frame.f_code.co_filename}:{frame.f_code.co_name}"
        frame = frame.f_back
