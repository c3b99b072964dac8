"""A checkpoint at work: takes in what is done, writes it now and then, and gives it back."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

from sdeframe.checkpoints import file
from sdeframe.checkpoints.archive import packed, unpacked
from sdeframe.checkpoints.codec import Decoder, Encoder, Shown
from sdeframe.checkpoints.file import Page
from sdeframe.checkpoints.leaving import Interrupted, leaving
from sdeframe.checkpoints.nodes import Node, Nodes
from sdeframe.engines.engine import Done
from sdeframe.engines.left import Span, gaps

EVERY: Final = 5.0
"""Seconds between two times of writing, at least."""
SHARE: Final = 0.02
"""Of the time of a run that writing takes, at most."""


class Leaves(Protocol):
    """What can be told to end soon."""

    def leave(self) -> None:
        """End soon."""


class Checkpoint:
    """Sums of a run in memory and, as of some seconds ago, in a file.

    Parameters
    ----------
    path
        The file.
    page
        What it says of itself, with nothing done yet.
    empty
        The sum over no trajectories.
    """

    def __init__(self, path: Path, page: Page, empty: Any) -> None:
        self.path, self.page, self.empty, self.key = path, page, empty, page.key
        self.nodes = Nodes()
        self.before = 0.0
        self.begin = self.written = time.monotonic()
        self.cost = 0.0
        self.unwritten = self.failed = False

    def read(self, page: Page, members: Mapping[str, bytes], check: Callable[[Any], object]) -> None:
        """Take over what is there already; what is damaged is left out, and said in a `UserWarning`.

        Anybody can make a seal, so a sum for which the check raises an error is damaged too.
        """
        self.before = page.seconds
        if self.page.command is None and page.trajectories == self.page.trajectories:
            self.page = attrs.evolve(self.page, command=page.command)
        damaged = []
        for span in page.spans:
            try:
                content = members[file.name_of(span)]
                structure, arrays = unpacked(file.unsealed_sum(self.key, span, content))
                value = self.empty + Decoder(arrays).decode(structure, Shown(self.empty))
                check(value)
                self.nodes.add(Node(*span, value, content))
            except Exception:  # damaged, and by chance not where its seal is
                damaged.append(f"{span[0]} to {span[1] - 1}")
        if damaged:
            warnings.warn(
                f"{self.path}: the sums over trajectories {', '.join(damaged)} are damaged: computing them anew",
                stacklevel=2,
            )

    def missing(self, first: int, last: int) -> list[Span]:
        """Return what is not done of the trajectories from a first one to the one before a last."""
        return gaps(self.nodes.spans, first, last)

    @property
    def trajectories(self) -> int:
        """How many are done."""
        return self.nodes.trajectories

    def add(self, done: Done) -> None:
        """Take in what a task has done, and write it if that was not done for some seconds."""
        if not self.unwritten:
            self.check_holds(done.value)
        self.nodes.add(Node(done.first, done.last, done.value))
        self.unwritten = True
        now = time.monotonic()
        if now - self.written >= max(EVERY, self.cost / SHARE):
            self.write()

    def total(self) -> Any:
        """Return the sum over all that is done."""
        total = self.empty
        for node in self.nodes.nodes:
            total = total + node.value
        return total

    def write(self) -> None:
        """Write what is done, whole or not at all; where the disk does not take it, that is said, and the run goes on.

        Raises
        ------
        TypeError
            If no file can hold what an observer keeps.
        """
        if not self.unwritten:
            return
        begin = time.monotonic()
        sums = {(node.first, node.last): self._content(node) for node in self.nodes.nodes}
        page = attrs.evolve(
            self.page, spans=self.nodes.spans, seconds=self.before + begin - self.begin,
            written=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        try:
            file.write(self.path, page, sums)
        except OSError as error:
            if not self.failed:
                told = f"checkpoint {self.path} was not written ({error.strerror}): the run goes on, and tries again"
                warnings.warn(told, stacklevel=2)
            self.failed = True
        else:
            self.unwritten = self.failed = False
        self.written = time.monotonic()
        self.cost = self.written - begin

    def _content(self, node: Node) -> bytes:
        if node.content is None:
            encoder = Encoder()
            structure = encoder.encode(node.value, Shown(self.empty))
            data = packed(structure, encoder.arrays)
            node.content = file.sealed_sum(self.key, (node.first, node.last), data)
        return node.content

    def check_holds(self, value: Any) -> None:
        """Raise TypeError if no file can hold such a sum, before hours are spent on more of them."""
        Encoder().encode(value, Shown(self.empty))

    def during(self, flight: Leaves) -> AbstractContextManager[None]:
        """Keep what is done however a run is left, and leave it when a signal asks to.

        Raises
        ------
        Interrupted
            If a signal asked to end the run.
        """
        return self._during(flight)

    @contextmanager
    def _during(self, flight: Leaves) -> Iterator[None]:
        with leaving(flight.leave) as asked:
            try:
                yield
            except BaseException as error:
                self.write()
                error.add_note(self.told())
                raise
            self.write()
        if asked.signal is not None:
            raise Interrupted(f"ended by {asked.signal}: {self.told()}")

    def told(self) -> str:
        """Return in a sentence what is kept."""
        kept = f"{self.trajectories} of {self.page.trajectories} trajectories are done"
        if self.unwritten:
            return f"{kept}, but not all are in {self.path}, as it could not be written"
        return f"{kept} and kept in {self.path}: the same call goes on from there"
