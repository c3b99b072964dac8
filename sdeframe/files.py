"""Files that are written whole or not at all, and the seal behind their content by which damage is seen."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

COMPLEX_PART: Final = "complex_part"
"""The dimension that holds real and imaginary parts in a NetCDF file."""
MARK: Final = b"sdeframe-seal/1\n"
"""Ends every sealed file."""
SEAL: Final = 2 * hashlib.sha256().digest_size + len(MARK)
"""Bytes of a seal: a hash of the name that the content goes by, a hash of both, the mark."""
DRAFT: Final = re.compile(r"\.sdeframe-[0-9a-z_]{8,16}")
"""Names of what is not yet whole."""
ABANDONED: Final = 86_400.0
"""Seconds after which no process can still be writing a draft."""


def sealed(content: bytes, name: str = "") -> bytes:
    """Return content with a seal behind it, where no reader of NetCDF looks.

    Parameters
    ----------
    content
        What a file is to hold.
    name
        What only this content may go by, such as the hash that its file is named by.
    """
    owner = hashlib.sha256(name.encode()).digest()
    return content + owner + hashlib.sha256(content + owner).digest() + MARK


def is_sealed(end: bytes) -> bool:
    """Tell whether a file that ends like this claims a seal."""
    return len(end) >= SEAL and end.endswith(MARK)


def unsealed(data: bytes, name: str | None = None) -> bytes:
    """Return the content of a sealed file, looked at by nothing but a hash.

    Parameters
    ----------
    data
        The file.
    name
        What the content must go by; any name if not given.

    Raises
    ------
    ValueError
        If there is no seal, the content is not what was sealed, or goes by another name.
    """
    if not is_sealed(data):
        raise ValueError("has no seal")
    content, owner, found = data[:-SEAL], data[-SEAL : -SEAL + 32], data[-SEAL + 32 : -len(MARK)]
    if hashlib.sha256(content + owner).digest() != found:
        raise ValueError("is damaged")
    if name is not None and hashlib.sha256(name.encode()).digest() != owner:
        raise ValueError("is not what its name says")
    return content


def writable(path: str | os.PathLike[str]) -> Path:
    """Return a path in a folder that can be written to, or raise ValueError."""
    target = Path(path)
    if target.exists() and not target.is_file():
        raise ValueError(f"{target}: is a folder or device; give the name of a file")
    try:
        with tempfile.TemporaryFile(dir=Path(os.path.realpath(target)).parent):
            return target
    except OSError as error:
        raise ValueError(f"{target}: cannot write to its folder ({error.strerror}); choose another") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once, in the place of what stood there; a reader sees the old or the new one, never a part.

    Raises
    ------
    OSError
        If it cannot be written; then nothing is left behind, and what stood there stays. It names the file.
    """
    try:
        with whole_file(path) as file:
            file.write(content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give an empty file to write and read, which takes its name and the place of what stood there once it is whole.

    A symbolic link stays, and what it names is written. Drafts that killed processes left in the folder are swept.

    Raises
    ------
    OSError
        If it cannot be written; then, and after any other error, nothing is left behind, and what stood there stays.
    """
    target = Path(os.path.realpath(path))
    _sweep(target.parent)
    draft = target.parent / f".sdeframe-{secrets.token_hex(8)}"
    try:
        with draft.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _sweep(folder: Path) -> None:
    """Remove drafts that nobody can still be writing."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if DRAFT.fullmatch(entry.name) and time.time() - entry.stat().st_mtime > ABANDONED:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    Path(entry.path).unlink(missing_ok=True)
