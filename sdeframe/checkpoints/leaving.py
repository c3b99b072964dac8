"""Signals that ask a run to end: it keeps what is done first."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import attrs

SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGUSR1")
"""What an interrupt, an end of a job and the warning before it send; not all systems have all of them."""


class Interrupted(KeyboardInterrupt):
    """A run was asked to end by a signal, and has kept what was done."""


@attrs.define
class Asked:
    """The name of the signal that came, if one did."""

    signal: str | None = None


@contextmanager
def leaving(leave: Callable[[], object]) -> Iterator[Asked]:
    """Call a function when a signal asks to end, once; a second one acts as it would without this.

    Outside of the main thread, which alone is told of signals, nothing changes.
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    owner = os.getpid()
    before: dict[Any, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def told(number: int, frame: FrameType | None) -> None:
        restore()
        if os.getpid() != owner:  # a process that was forked from this one: not its run
            os.kill(os.getpid(), number)
            return
        asked.signal = signal.Signals(number).name
        leave()

    for name in SIGNALS:
        number: Any = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, told)
    try:
        yield asked
    finally:
        restore()
