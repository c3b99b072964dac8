"""How far a run or a search is: a bar in a terminal or notebook, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

FIRST: Final = 10.0
"""Seconds after which a line is written where no bar can be drawn; what takes less says nothing."""
EVERY: Final = 60.0
"""Seconds between such lines."""
TRAJECTORIES: Final = " trajectories"
DELAY: Final = 2.0
"""Seconds after which a bar is drawn of work that mostly takes less."""


class Progress(Protocol):
    """What counts what is done."""

    def __call__(self, done: int) -> object:
        """Count what was done since the last call."""

    def busy(self, what: str) -> AbstractContextManager[object]:
        """Say what is done meanwhile that cannot be counted, such as a compilation."""


class _Silent:
    """What counts for nobody."""

    def __call__(self, done: int) -> None:
        """Do nothing."""

    def busy(self, what: str) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()


class _Bar:
    """A bar of tqdm, whose rate leaves out what was not counted."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __call__(self, done: int) -> None:
        """Draw."""
        self._bar.update(done)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Write it before the bar."""
        self._bar.set_description(what)
        yield
        self._bar.set_description("")
        self._bar.unpause()


class _Lines:
    """Lines of text, for a pipe or a file."""

    def __init__(self, total: int | None, unit: str) -> None:
        self._total, self._unit, self._done = total, unit, 0
        self._begin = time.monotonic()
        self._next = self._begin + FIRST

    def __call__(self, done: int) -> None:
        """Write a line, if the last one is some time ago."""
        self._done += done
        now = time.monotonic()
        if now < self._next:
            return
        self._next, spent = now + EVERY, now - self._begin
        of = "" if self._total is None else f" of {self._total:,}"
        left = 0.0 if not self._total or not self._done else spent * (self._total / self._done - 1)
        rest = f", about {left:.0f} s left" if left > 0 else ""
        print(f"sdeframe: {self._done:,}{of}{self._unit} after {spent:.0f} s{rest}", file=sys.stderr, flush=True)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """Write a line once it is done, if it took some time."""
        begin = time.monotonic()
        yield
        spent = time.monotonic() - begin
        self._begin, self._next = self._begin + spent, self._next + spent
        if spent > FIRST:
            print(f"sdeframe: {what} took {spent:.0f} s", file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int | None, wanted: bool, unit: str = TRAJECTORIES) -> Iterator[Progress]:
    """Give what takes the number of trajectories done, or of something else; of no total it counts all the same."""
    if not wanted or sys.stderr is None:
        yield _Silent()
    elif is_seen():
        with _tqdm(total=total, unit=unit, unit_scale=True, dynamic_ncols=True) as bar:
            yield _Bar(bar)
    else:
        yield _Lines(total, unit)


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Say that something is done that cannot be counted, for as long as it is."""
    if sys.stderr is None:
        yield
    elif is_seen():
        with _tqdm(total=1, desc=what, bar_format="{desc} ...", leave=False):
            yield
    else:
        with _Lines(None, "").busy(what):
            yield


def counted(steps: Iterable[T], total: int, what: str) -> Iterator[T]:
    """Give steps; where they take long, a bar counts them in a terminal or notebook."""
    yield from (
        _tqdm(iterable=steps, desc=what, total=total, leave=False, delay=DELAY, dynamic_ncols=True)
        if is_seen()
        else steps
    )


def is_seen() -> bool:
    """Return whether a terminal or notebook shows what is written to the standard error."""
    return in_notebook() or bool(sys.stderr and sys.stderr.isatty())


def _tqdm(**options: Any) -> Any:
    """Return a bar: of widgets where a notebook has them, else of text; tqdm's own choice warns where it has none."""
    widgets = in_notebook() and find_spec("ipywidgets") is not None
    return import_module("tqdm.notebook" if widgets else "tqdm.std").tqdm(**options)


def in_notebook() -> bool:
    """Return whether this process is a notebook's kernel."""
    kernel = sys.modules.get("ipykernel")
    return kernel is not None and "IPython" in sys.modules
