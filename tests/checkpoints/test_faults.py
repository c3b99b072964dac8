"""Faults while a run is kept: what is done is not lost, what is damaged is made anew, and each is said in a line."""

import errno
import os
import signal
import subprocess
import threading
import time
import warnings
import zipfile
from pathlib import Path

import attrs
import numpy as np
import pytest
import xarray as xr

from sdeframe import files, simulate
from sdeframe.checkpoints import checkpoint, file, leaving, lock
from sdeframe.checkpoints.leaving import Interrupted
from sdeframe.engines.errors import ObserverError
from sdeframe.interfaces import Observer
from sdeframe.models import OrnsteinUhlenbeck
from tests.support.spread_run import OPTIONS, SCHEME, run

posix = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.ckpt"


@pytest.fixture
def at_once(monkeypatch):
    """Write after every task."""
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", np.inf)


@pytest.fixture(scope="module")
def alone():
    return run(threads=1).dataset


@attrs.frozen
class Failing(Observer):
    """Fails on some trajectories."""

    def start(self, ensemble):
        return 0

    def update(self, record, snapshot):
        if snapshot.first >= 48:
            raise ZeroDivisionError("nothing to divide by")

    def finish(self, record):
        return xr.Dataset()


def test_an_observer_that_fails_is_named_with_the_block_and_what_is_done_is_kept(path):
    told = r"^Failing\(\) failed on trajectories 48 to 51 at output time 0.5, ZeroDivisionError: nothing to divide by\n"
    with pytest.raises(ObserverError, match=told) as caught:
        run(observers=[Failing()], checkpoint=path, threads=1)
    assert caught.value.__notes__ == [
        f"48 of 96 trajectories are done and kept in {path}: the same call goes on from there"
    ]
    assert file.read(path)[0].done == 48


def flipped(path, member):
    """Change a byte in the middle of a member of the file."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(member)
    data = bytearray(path.read_bytes())
    data[info.header_offset + 30 + len(member) + info.file_size // 2] ^= 1
    path.write_bytes(bytes(data))


def test_a_damaged_sum_is_computed_anew_alone(path, alone, monkeypatch):
    with pytest.raises(ObserverError):
        run(checkpoint=path, threads=1, observers=[Failing()])
    path.unlink()
    add, ran = checkpoint.Checkpoint.add, []
    monkeypatch.setattr(checkpoint.Checkpoint, "add", lambda self, d: add(self, d) or ran.append((d.first, d.last)))
    run(checkpoint=path, threads=1, trajectories=88)
    span = file.read(path)[0].spans[1]
    flipped(path, file.name_of(span))
    ran.clear()
    told = rf"^{path}: the sums over trajectories {span[0]} to {span[1] - 1} are damaged: computing them anew$"
    with pytest.warns(UserWarning, match=told):
        again = run(checkpoint=path, threads=1)
    assert sum(last - first for first, last in ran) == span[1] - span[0] + 8
    assert again.dataset.identical(alone)


@pytest.mark.parametrize("keep", [0, 1, 100, -1, -30, -200])
def test_a_truncated_file_is_refused(path, keep):
    run(checkpoint=path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=rf"^{path}: is no checkpoint of sdeframe, or is damaged \(.*\): give another"):
        run(checkpoint=path)


def test_a_damaged_page_is_refused(path):
    run(checkpoint=path)
    flipped(path, file.PAGE)
    with pytest.raises(ValueError, match=rf"^{path}: is no checkpoint of sdeframe, or is damaged \(.*\): give another"):
        run(checkpoint=path)


def test_a_newer_format_is_refused(path, monkeypatch):
    monkeypatch.setattr(file, "VERSION", 2)
    run(checkpoint=path)
    monkeypatch.undo()
    with pytest.raises(
        ValueError, match=r"has the format 'sdeframe-checkpoint/2', this version .* go on with the vers"
    ):
        run(checkpoint=path)


def test_a_folder_or_number_is_no_checkpoint(tmp_path):
    with pytest.raises(TypeError, match=r"checkpoint=5: must be the name of a file, such as 'run.ckpt'"):
        run(checkpoint=5)
    with pytest.raises(ValueError, match=r"is a folder or device"):
        run(checkpoint=tmp_path)


def test_two_runs_on_one_checkpoint(path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    with (
        lock.locked(path),
        pytest.raises(OSError, match=r"^checkpoint=.*run.ckpt: another process .* lock .*ckpt.lock:"),
    ):
        run(checkpoint=path)
    assert run(checkpoint=path).dataset.attrs["trajectories"] == 96


def full_disk(monkeypatch, after):
    """Let the disk take so many checkpoints, then no more."""
    real, count = os.fsync, []

    def fsync(descriptor):
        count.append(1)
        if len(count) > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)


def test_a_full_disk_ends_no_run_and_spoils_no_checkpoint(path, alone, at_once, monkeypatch):
    full_disk(monkeypatch, after=3)
    told = rf"^checkpoint {path} was not written \(No space left on device\): the run goes on, and tries again$"
    with pytest.warns(UserWarning, match=told) as caught:
        result = run(checkpoint=path, threads=1)
    assert len(caught) == 1
    assert result.dataset.identical(alone)
    assert sorted(p.name for p in path.parent.iterdir() if p.suffix != ".lock") == ["run.ckpt"]
    monkeypatch.undo()
    assert file.read(path)[0].done == 12
    assert run(checkpoint=path).dataset.identical(alone)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounts a file system")
def test_a_full_file_system(tmp_path, alone, at_once):
    small = tmp_path / "small"
    small.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mount.returncode:
        pytest.skip("cannot mount")
    try:
        path = small / "run.ckpt"
        run(checkpoint=path, trajectories=80)
        (small / "other").write_bytes(bytes(4096 * ((os.statvfs(small).f_bavail * os.statvfs(small).f_frsize) // 4096)))
        with pytest.warns(UserWarning, match=r"was not written \(No space left on device\)"):
            assert run(checkpoint=path).dataset.identical(alone)
        assert file.read(path)[0].done == 80
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_runs(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("sdeframe.files.tempfile.TemporaryFile", refused)
    monkeypatch.setattr("sdeframe.running.simulation.run_ensemble", lambda *_: pytest.fail("ran"))
    with pytest.raises(ValueError, match=r"run.ckpt: cannot write to its folder \(Permission denied\); choose another"):
        run(checkpoint=tmp_path / "run.ckpt")


def test_a_folder_that_becomes_read_only_is_said(path, alone, at_once, monkeypatch):
    real, count = Path.open, []

    def opened(self, *given, **more):
        if self.name.startswith(".sdeframe-"):
            count.append(1)
            if len(count) > 2:
                raise PermissionError(errno.EROFS, "Read-only file system", str(self))
        return real(self, *given, **more)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.warns(UserWarning, match=r"was not written \(Read-only file system\)"):
        assert run(checkpoint=path, threads=1).dataset.identical(alone)
    assert file.read(path)[0].done == 8


def test_a_clock_that_goes_backwards_changes_nothing(path, alone, at_once, monkeypatch):
    backwards = iter(range(10**9, 0, -1000))
    monkeypatch.setattr(time, "time", lambda: float(next(backwards)))
    assert run(checkpoint=path, threads=1).dataset.identical(alone)
    assert file.read(path)[0].done == 96


def test_checkpoints_are_written_every_few_seconds_and_cost_a_small_share(path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(file, "write", lambda *_: now.__setitem__(0, now[0] + 0.4))
    written = []
    real = checkpoint.Checkpoint.write
    monkeypatch.setattr(checkpoint.Checkpoint, "write", lambda self: written.append(now[0]) or real(self))
    kept = checkpoint.Checkpoint(
        path,
        file.Page(parts={}, about={}, command=None, trajectories=100, spans=(), seconds=0.0, written=""),
        np.zeros(2),
    )
    for k in range(100):
        now[0] += 1.0
        kept.add(checkpoint.Done(k, k + 1, np.ones(2), 1.0))
    assert written == pytest.approx([5.0, 26.4, 46.8, 67.2, 88.6])
    assert kept.total().tolist() == [100, 100]


@attrs.frozen
class Signalled(Observer):
    """Sends a signal to its own process while a block is at work, and takes some time over it."""

    signal: str
    wait: float = 0.2

    def start(self, ensemble):
        return 0

    def update(self, record, snapshot):
        if snapshot.first == 40 and snapshot.index == 0:
            os.kill(os.getpid(), getattr(signal, self.signal))
            time.sleep(self.wait)

    def finish(self, record):
        return xr.Dataset()


@pytest.fixture
def interrupts():
    """Let SIGINT interrupt, which a shell tells what it runs in the background to ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@posix
@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("name", leaving.SIGNALS)
def test_a_signal_ends_a_run_once_what_is_at_work_is_done_and_written(path, name, alone):
    before = [signal.getsignal(getattr(signal, n)) for n in leaving.SIGNALS]
    observers = [*run(threads=1).problem.observers, Signalled(name)]
    with pytest.raises(
        KeyboardInterrupt, match=rf"^ended by {name}: \d+ of 96 trajectories are done and kept in .*: the"
    ) as caught:
        run(checkpoint=path, threads=1, observers=observers)
    assert type(caught.value) is Interrupted
    assert [signal.getsignal(getattr(signal, n)) for n in leaving.SIGNALS] == before
    assert 44 <= file.read(path)[0].done < 96  # the block that was at work too
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path.unlink()
    assert run(checkpoint=path).dataset.identical(alone)


@posix
def test_a_block_that_takes_too_long_is_left(path, monkeypatch):
    monkeypatch.setattr("sdeframe.engines.flight.GRACE", 0.2)
    begin = time.monotonic()
    with pytest.raises(Interrupted, match=r"^ended by SIGTERM: 40 of 96"):
        run(checkpoint=path, threads=1, observers=[Signalled("SIGTERM", wait=2.0)])
    assert time.monotonic() - begin < 4.0


@posix
@pytest.mark.usefixtures("interrupts")
def test_without_a_checkpoint_signals_act_as_ever():
    with pytest.raises(KeyboardInterrupt) as caught:
        run(threads=1, observers=[Signalled("SIGINT")])
    assert type(caught.value) is KeyboardInterrupt


def test_other_threads_are_told_of_no_signal(path, alone):
    found = []
    thread = threading.Thread(target=lambda: found.append(run(checkpoint=path)))
    thread.start()
    thread.join()
    assert found[0].dataset.identical(alone)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_parameter_that_is_no_number_is_refused_before_a_checkpoint_is_made(path, value):
    with pytest.raises(ValueError, match=r"rate.*must be a finite number"):
        simulate(OrnsteinUhlenbeck(rate=value), SCHEME, checkpoint=path, **OPTIONS)
    assert not path.exists()
