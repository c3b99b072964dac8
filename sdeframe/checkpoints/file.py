"""Files of checkpoints: a zip archive of sums, each with a seal of its own, and of a page that says what they are."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from sdeframe.engines.left import Span
from sdeframe.files import sealed, unsealed, write_whole
from sdeframe.validators import printable

FORMAT: Final = "sdeframe-checkpoint/"
VERSION: Final = 1
PAGE: Final = "checkpoint.json"


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for item in value.items() for text in item)


def _pairs(spans: Sequence[Any]) -> tuple[Any, ...]:
    """Return lists of JSON as spans."""
    return tuple(tuple(span) for span in spans)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _check(name: str, value: Any, right: bool) -> None:
    if not right:
        raise ValueError(f"its {name} is none")


@attrs.frozen(kw_only=True)
class Page:
    """What a checkpoint says of itself."""

    parts: Mapping[str, str]
    """A hash of each thing that the bits of its sums depend on, by name."""
    about: Mapping[str, str]
    """The same for people."""
    command: Mapping[str, Any] | None
    """Options of the command line that began it, if it was one."""
    trajectories: int
    """How many were asked for."""
    spans: tuple[Span, ...] = attrs.field(converter=_pairs)
    """Which are done, each a sum of the file."""
    seconds: float
    """That all calls took."""
    written: str
    """When, by the clock of the machine."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError where a file holds something else."""
        _check("page", self.parts, _texts(self.parts) and _texts(self.about))
        _check("command", self.command, self.command is None or isinstance(self.command, Mapping))
        _check("number", self.trajectories, _is_count(self.trajectories))
        _check("time", self.seconds, isinstance(self.seconds, (int, float)) and 0 <= self.seconds < 1e12)
        _check("date", self.written, isinstance(self.written, str))
        ends = [0, *(end for span in self.spans for end in span)]
        right = all(map(_is_count, ends)) and all(len(span) == 2 and span[0] < span[1] for span in self.spans)
        _check("list of sums", self.spans, right and ends == sorted(ends))

    @property
    def done(self) -> int:
        """How many trajectories are done."""
        return sum(last - first for first, last in self.spans)

    @property
    def key(self) -> str:
        """A hash of all that the bits of its sums depend on."""
        return hashlib.sha256(json.dumps(dict(self.parts), sort_keys=True).encode()).hexdigest()


def name_of(span: Span) -> str:
    """Return the name of a sum in the archive."""
    return f"{span[0]}-{span[1]}.npz"


def write(path: Path, page: Page, sums: Mapping[Span, bytes]) -> None:
    """Write a checkpoint whole, in the place of what stood there.

    Raises
    ------
    OSError
        If it cannot be written; then what stood there stays.
    """
    text = json.dumps({"format": f"{FORMAT}{VERSION}", **attrs.asdict(page, recurse=False)}, indent=1)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:  # not compressed: sums are numbers without a pattern
        archive.writestr(zipfile.ZipInfo(PAGE), sealed(text.encode(), PAGE))
        for span, data in sums.items():
            archive.writestr(zipfile.ZipInfo(name_of(span)), data)
    write_whole(path, content.getvalue())


def sealed_sum(key: str, span: Span, content: bytes) -> bytes:
    """Return the bytes of a sum with a seal, which holds for these trajectories of this run alone."""
    return sealed(content, f"{key} {name_of(span)}")


def unsealed_sum(key: str, span: Span, data: bytes) -> bytes:
    """Return the bytes of a sum, or raise ValueError if they are not what was sealed."""
    return unsealed(data, f"{key} {name_of(span)}")


def read(path: Path) -> tuple[Page, Mapping[str, bytes]]:
    """Return what a checkpoint says of itself, and its members, unread.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no checkpoint, is damaged, or is of a newer format.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    if not path.is_file():
        raise ValueError(f"{path}: is no checkpoint of sdeframe, but a folder or device")
    try:
        members = _members(path)
        page = json.loads(unsealed(members[PAGE], PAGE))
        kind = page.pop("format")
    except Exception as error:  # whatever the libraries that read a damaged file raise
        reason = printable(f"{error}") or type(error).__name__
        raise ValueError(
            f"{path}: is no checkpoint of sdeframe, or is damaged ({reason}): give another path, or delete it and "
            f"begin anew"
        ) from None
    if kind != f"{FORMAT}{VERSION}":
        raise ValueError(
            f"{path}: has the format {kind!r}, this version of sdeframe reads {FORMAT}{VERSION}: go on with the "
            f"version that wrote it, or give another path"
        )
    try:
        return Page(**page), members
    except Exception as error:  # as above
        reason = printable(f"{error}")
        raise ValueError(f"{path}: is no checkpoint of sdeframe ({reason}): give another path") from None


def _members(path: Path) -> Mapping[str, bytes]:
    """Return all members, of which none is longer than the file; what is damaged within is seen by seals."""
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        size, held = os.fstat(file.fileno()).st_size, {}
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED or not 0 <= member.file_size <= size:
                raise ValueError(f"{member.filename!r} claims to be larger than the file")
            size -= member.file_size
            held[member.filename] = _raw(archive, member)
    return held


def _raw(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return a member, empty where it cannot be read: others may."""
    try:
        return archive.read(member)
    except Exception:  # a wrong checksum, a wrong header
        return b""
