"""Files are written whole or not at all, links are followed, and damage is seen before anything is read."""

import errno
import os
import random
import time

import pytest

from sdeframe import files
from sdeframe.files import sealed, unsealed, write_whole

CONTENT = bytes(range(256)) * 8


def test_a_seal_gives_back_what_was_sealed():
    for content in (b"", CONTENT):
        assert unsealed(sealed(content)) == unsealed(sealed(content, "name"), "name") == content
        assert unsealed(sealed(content, "name")) == content


@pytest.mark.parametrize("data", [b"", CONTENT, sealed(CONTENT)[:-1], sealed(CONTENT) + b"\n"])
def test_what_has_no_seal_is_refused(data):
    with pytest.raises(ValueError, match="has no seal"):
        unsealed(data)


def test_a_seal_of_another_name_is_refused():
    with pytest.raises(ValueError, match="is not what its name says"):
        unsealed(sealed(CONTENT, "one"), "other")


def test_every_changed_byte_is_seen():
    whole, chance = sealed(CONTENT), random.Random(1)
    for at in [*chance.sample(range(len(CONTENT)), 300), *range(len(CONTENT), len(whole))]:
        damaged = bytearray(whole)
        damaged[at] ^= chance.randrange(1, 256)
        with pytest.raises(ValueError, match=r"is damaged|has no seal"):
            unsealed(bytes(damaged))


def test_a_file_is_written_in_the_place_of_another(tmp_path):
    file = tmp_path / "file"
    for content in (b"first", CONTENT):
        write_whole(file, content)
        assert file.read_bytes() == content
        assert list(tmp_path.iterdir()) == [file]


def test_a_symbolic_link_stays_and_what_it_names_is_written(tmp_path):
    (tmp_path / "far").mkdir()
    real, link = tmp_path / "far" / "file", tmp_path / "link"
    link.symlink_to(real)
    for content in (b"made", b"changed"):  # what it names need not be there yet
        write_whole(link, content)
        assert link.is_symlink()
        assert real.read_bytes() == content


@pytest.mark.parametrize("moment", ["open", "fsync", "replace"])
def test_where_a_disk_fails_the_old_file_stays_and_nothing_else_is_left(tmp_path, monkeypatch, moment):
    file = tmp_path / "file"
    file.write_bytes(b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*(("pathlib.Path.open",) if moment == "open" else (files.os, moment)), full)
    with pytest.raises(OSError, match="No space left") as refusal:
        write_whole(file, b"new")
    assert refusal.value.filename == str(file)
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_killed_processes_left_is_swept_when_it_is_old(tmp_path):
    names = {".sdeframe-0123456789abcdef": True, ".sdeframe-x_y12345": True, ".sdeframe-fedcba9876543210": False}
    kept = {".sdeframe-notes": True, "sdeframe-0123456789abcdef": True, "run.nc": True}
    for name in (*names, *kept):
        (tmp_path / name).write_bytes(b"x")
    folder = tmp_path / ".sdeframe-fold_er1"
    folder.mkdir()
    (folder / "run.nc").write_bytes(b"x")
    yesterday = time.time() - 1.01 * files.ABANDONED
    for name, old in (names | kept).items():
        if old:
            os.utime(tmp_path / name, (yesterday, yesterday))
    os.utime(folder, (yesterday, yesterday))
    write_whole(tmp_path / "new", CONTENT)
    left = {name for name, old in names.items() if not old} | kept.keys() | {"new"}
    assert {entry.name for entry in tmp_path.iterdir()} == left
