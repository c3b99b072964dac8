"""A damaged, full or foreign cache of compiled code costs a compilation, said once, and never a run or a wrong bit."""

import errno
import os
import random
import warnings

import numpy as np
import pytest

from sdeframe import clear_caches
from sdeframe.compiled import cache, kept_code
from tests.compiled.test_cache import DOUBLE


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path))
    clear_caches()
    return tmp_path / "kernels"


def doubled():
    """Compile or load, without what memory holds, and call."""
    clear_caches()
    function = cache.compile_source(DOUBLE)["double"]
    assert function(2.0) == 4.0
    return function


def loaded():
    return sum(doubled().stats.cache_hits.values()) == 1


def files(folder):
    return {file.suffix: file for file in folder.iterdir()}


def test_code_is_loaded_where_it_is_kept(folder):
    assert not loaded()
    assert set(files(folder)) == {".py", ".nbi", ".nbc"}
    assert loaded()


DAMAGES = {
    "empty": lambda b: b"", "short": lambda b: b[: len(b) // 2], "shorter": lambda b: b[:-1], "text": lambda b: b"text",
    "bytes": lambda b: b"\xff\xfe" * 99, "pickle": lambda b: b"\x80\x05]q\x00.",
    "changed": lambda b: b[:-500] + b"!" + b[-499:],
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("kind", [".nbi", ".nbc"])
def test_damaged_code_is_compiled_anew_and_that_is_said_once(folder, kind, damage):
    doubled()
    file = files(folder)[kind]
    file.write_bytes(damage(file.read_bytes()))
    with pytest.warns(UserWarning, match=rf"^{folder}: compiled code cannot be kept or read there \({file.name} "):
        assert not loaded()
    assert loaded()  # and is whole again
    file.write_bytes(b"")
    assert not loaded()  # without another word


def test_no_changed_byte_of_machine_code_is_run(folder, monkeypatch):
    doubled()
    file, chance = files(folder)[".nbc"], random.Random(1)
    whole = file.read_bytes()
    for at in chance.sample(range(len(whole)), 200):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ chance.randrange(1, 256)]) + whole[at + 1 :])
        with pytest.raises(ValueError, match=rf"{file.name} (is damaged|has no seal)"):
            kept_code._check_seal(file)


def test_a_damaged_source_is_written_anew(folder):
    doubled()
    source = files(folder)[".py"]
    for damaged in (b"", b"\xff\xfe", b"raise SystemExit"):
        source.write_bytes(damaged)
        assert loaded()
        assert source.read_text(encoding="utf-8") == DOUBLE


def test_code_that_the_index_names_and_is_gone_is_compiled_anew(folder):
    doubled()
    files(folder)[".nbc"].unlink()
    assert not loaded()
    assert loaded()


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EFBIG, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("writer", [cache, kept_code])
def test_where_nothing_can_be_written_code_is_compiled(folder, monkeypatch, reason, writer):
    def refuse(path, _):
        raise OSError(reason, os.strerror(reason), str(path))

    monkeypatch.setattr(writer, "write_whole", refuse)
    with pytest.warns(UserWarning, match=f"^{folder}: compiled code cannot be kept .*{os.strerror(reason)}"):
        assert not loaded()
    assert not loaded()
    assert [file.suffix for file in folder.iterdir()] == [".py"] * (writer is kept_code)


def test_no_variable_of_numba_moves_the_code_to_another_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path / "others"))
    monkeypatch.setattr("numba.core.config.CACHE_LOCATOR_CLASSES", "InTreeCacheLocator")
    doubled()
    assert loaded()
    assert len(list(folder.iterdir())) == 3
    assert not (tmp_path / "others").exists()


def test_functions_that_are_compiled_when_they_are_called_are_kept_too(folder):
    source = DOUBLE.replace('outer("float64(float64)")', "outer()")
    for hits in (0, 2):
        clear_caches()
        double = cache.compile_source(source)["double"]
        assert double(2.0) == 4.0
        assert np.array_equal(double(np.ones(2)), [2.0, 2.0])
        assert sum(double.stats.cache_hits.values()) == hits


def test_a_function_without_a_private_source_is_kept_nowhere(folder):
    namespace = {}
    exec(compile(DOUBLE, "<no file>", "exec"), namespace)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert namespace["double"](2.0) == 4.0
    assert not folder.exists()
