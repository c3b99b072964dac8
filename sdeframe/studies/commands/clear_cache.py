"""``sdeframe clear-cache``: what is kept on disk between runs, removed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click

KERNEL: Final = r"kernel_[0-9a-f]{32}[\w.-]*\.(py|nbi|nbc)|(lanes|vectors)_[0-9a-f]+\.txt"
DRAFT: Final = r"\.sdeframe-[0-9a-z_]{8,16}"
KINDS: Final = {
    "kernels": ("compiled code", re.compile(f"{KERNEL}|{DRAFT}")),
    "kernels/__pycache__": ("compiled code", re.compile(KERNEL)),
    "results": ("stored results", re.compile(rf"[0-9a-f]{{64}}\.nc|{DRAFT}")),
}
"""Folders below that of the cache, with what is in them, and the names that sdeframe gives to it."""


@click.command("clear-cache")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
def clear_cache(dry_run: bool) -> None:
    """Remove compiled code and stored results, which the next run makes anew where it needs them.

    Only what sdeframe made is removed, from folders to which nobody else has access; no link is followed. The variable
    SDEFRAME_CACHE_DIR says which folder it is, if not the one of the user's cache.
    """
    from sdeframe.compiled.cache import cache_root

    root = Path(os.path.realpath(cache_root()))
    found: dict[str, list[int]] = {}
    with ExitStack() as opened:
        folders = {below: opened.enter_context(_opened(root / below)) for below in KINDS}
        for below, (kind, names) in KINDS.items():
            folder = folders[below]
            found.setdefault(kind, []).extend(() if folder is None else _removed(folder, names, dry_run))
    for kind, sizes in found.items():
        click.echo(f"{kind}: {len(sizes):,} files, {sum(sizes) / 1e6:,.1f} MB")
    click.echo(f"{'would be removed' if dry_run else 'removed'} from {root}")


@contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """Give an open folder, which stays the one that was looked at whatever its name comes to mean; None for none.

    Raises
    ------
    PermissionError
        If others have access to it, or it is a link.
    """
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield None
        return
    except NotADirectoryError:  # a link too
        raise PermissionError(f"{folder}: is a link or no folder, so nothing is removed there") from None
    try:
        status = os.fstat(opened)
        shared = folder.name != "__pycache__" and status.st_mode & 0o077  # which lies in a folder that is looked at
        if status.st_uid != os.getuid() or shared:
            raise PermissionError(f"{folder}: others have access to it, so nothing is removed there")
        yield opened
    finally:
        os.close(opened)


def _removed(folder: int, names: re.Pattern[str], dry_run: bool) -> Iterator[int]:
    """Remove files of some names from an open folder, and yield the bytes of each."""
    with os.scandir(folder) as entries:
        files = [entry.name for entry in entries if names.fullmatch(entry.name)]
    for name in files:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(status.st_mode):
            if not dry_run:
                os.unlink(name, dir_fd=folder)
            yield status.st_size
