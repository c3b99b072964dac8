"""What is kept on disk, removed: what sdeframe made, where nobody else has access, and nothing behind a link."""

import pytest
from click.testing import CliRunner

from sdeframe.studies.commands.clear_cache import clear_cache

HASH = "0123456789abcdef" * 4
MADE = [
    f"kernels/kernel_{HASH[:32]}.py",
    f"kernels/kernel_{HASH[:32]}-advance.cpython-311.1.nbc",
    f"kernels/lanes_{HASH[:32]}.txt",
    "kernels/.sdeframe-0123456789abcdef",
    f"kernels/__pycache__/kernel_{HASH[:32]}.advance-9.py311.nbi",
    f"results/{HASH}.nc",
]
FOREIGN = ["kernels/notes.txt", f"results/{HASH}.txt", "results/mine.nc", "peers/kernel.py"]


@pytest.fixture
def root(monkeypatch, tmp_path):
    """Return a folder of the cache with files of ten bytes."""
    folder = tmp_path / "cache"
    for name in ("", "kernels", "kernels/__pycache__", "results", "peers"):
        (folder / name).mkdir(mode=0o700)
    for name in (*MADE, *FOREIGN):
        (folder / name).write_bytes(b"0123456789")
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(folder))
    return folder


def call(*words):
    done = CliRunner().invoke(clear_cache, words)
    return done.output if done.exception is None else str(done.exception)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_what_sdeframe_made_goes_and_all_else_stays(root):
    said = "compiled code: 5 files, 0.0 MB\nstored results: 1 files, 0.0 MB\n"
    assert call("--dry-run") == f"{said}would be removed from {root}\n"
    assert files(root) == {*MADE, *FOREIGN}
    assert call() == f"{said}removed from {root}\n"
    assert files(root) == set(FOREIGN)


def test_where_there_is_no_cache_there_is_nothing_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path / "none"))
    assert call().startswith("compiled code: 0 files, 0.0 MB\n")
    assert not (tmp_path / "none").exists()


def test_a_folder_of_others_is_refused_before_anything_goes(root):
    (root / "results").chmod(0o770)
    assert call() == f"{root / 'results'}: others have access to it, so nothing is removed there"
    assert files(root) == {*MADE, *FOREIGN}


def test_no_link_is_followed(root, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (root / "results").rename(elsewhere)
    (root / "results").symlink_to(elsewhere)
    assert call() == f"{root / 'results'}: is a link or no folder, so nothing is removed there"
    (root / "results").unlink()
    (root / "kernels" / f"kernel_{HASH[1:33]}.py").symlink_to(elsewhere / "mine.nc")
    assert call().startswith("compiled code: 5 files")
    assert (elsewhere / "mine.nc").exists()
    assert (root / "kernels" / f"kernel_{HASH[1:33]}.py").is_symlink()
