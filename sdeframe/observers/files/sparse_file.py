"""A file in memory that holds no more than what was written to it, however long it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

PAGE: Final = 4096
"""Bytes that are held together."""


class SparseFile(io.RawIOBase):
    """Reads as zeros where nothing was written."""

    def __init__(self) -> None:
        self.pages: dict[int, bytearray] = {}
        self.length = self.place = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def seekable(self) -> bool:
        """Return that it has places."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, from the begin, here or the end."""
        self.place = offset + (0, self.place, self.length)[whence]
        return self.place

    def truncate(self, size: int | None = None, /) -> int:
        """Make it so long."""
        self.length = self.place if size is None else size
        return self.length

    def write(self, data: Any, /) -> int:
        """Write bytes here."""
        view, done = memoryview(data).cast("B"), 0
        for number, begin, end in self._parts(len(view)):
            page = self.pages.setdefault(number, bytearray(PAGE))
            page[begin:end] = view[done : done + end - begin]
            done += end - begin
        self.length = max(self.length, self.place)
        return done

    def readinto(self, buffer: Any, /) -> int:
        """Read bytes from here, as many as there are and fit."""
        view, done = memoryview(buffer).cast("B"), 0
        for number, begin, end in self._parts(max(0, min(len(view), self.length - self.place))):
            view[done : done + end - begin] = self.pages.get(number, bytes(PAGE))[begin:end]
            done += end - begin
        return done

    def _parts(self, count: int) -> Iterator[tuple[int, int, int]]:
        """Give the pages of the next bytes, with the first one and the one behind the last, and go on behind them."""
        last = self.place + count
        while self.place < last:
            number, begin = divmod(self.place, PAGE)
            end = min(PAGE, begin + last - self.place)
            yield number, begin, end
            self.place += end - begin

    def copy_to(self, file: BinaryIO) -> None:
        """Write what was written into a file on a disk, which becomes as long."""
        for number, page in sorted(self.pages.items()):
            file.seek(PAGE * number)
            file.write(page[: self.length - PAGE * number])
        file.truncate(self.length)
