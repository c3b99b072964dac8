"""A file in memory does what one on a disk does, and holds what was written only."""

import io

import numpy as np
import pytest

from sdeframe.observers.files.sparse_file import PAGE, SparseFile


def test_it_reads_as_a_file_on_a_disk_does():
    chance, (sparse, plain) = np.random.default_rng(1), (SparseFile(), io.BytesIO())
    for _ in range(300):
        place, count = chance.integers(0, 5 * PAGE), int(chance.integers(0, 2 * PAGE))
        data = chance.bytes(count)
        for file in (sparse, plain):
            file.seek(place)
            assert file.write(data) == count or not count
            file.seek(max(0, place - 100))
        assert sparse.read(count + 500) == plain.read(count + 500)
        assert sparse.tell() == plain.tell()
    assert sparse.seek(0, io.SEEK_END) == plain.seek(0, io.SEEK_END)
    assert sparse.readable()
    assert sparse.writable()
    assert sparse.seekable()


@pytest.mark.parametrize("length", [10**15, 10 * PAGE + 17])
def test_its_length_costs_nothing(length):
    file = SparseFile()
    file.truncate(length)
    file.seek(length - 3)
    file.write(b"end")
    file.seek(length // 2)
    assert file.read(7) == bytes(7)
    assert len(file.pages) <= 2
    file.seek(-3, io.SEEK_END)
    assert file.read() == b"end"


def test_it_is_copied_with_its_holes(tmp_path):
    file = SparseFile()
    file.write(b"begin")
    file.seek(3 * PAGE)
    file.write(b"more")
    file.truncate(5 * PAGE + 1)
    with (tmp_path / "file").open("x+b") as target:
        file.copy_to(target)
    assert (tmp_path / "file").read_bytes() == b"begin".ljust(3 * PAGE, b"\0") + b"more".ljust(2 * PAGE + 1, b"\0")
