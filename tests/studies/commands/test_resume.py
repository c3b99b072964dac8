"""Runs of the command line that are kept, ended by signals, looked at and gone on with, on any engine."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import attrs
import pytest

from sdeframe import load
from sdeframe.checkpoints import file

BIN = Path(sys.executable).parent
SMALL = ("--model", "ornstein-uhlenbeck", "--trajectories", "3000", "--times", "0:2:5", "--seed", "3", "--dt", "0.05")
LONG = ("--trajectories", "1000000", "--times", "0:2:5", "--seed", "3", "--dt", "0.05")

OFTEN = """
from sdeframe.checkpoints import checkpoint
from sdeframe.cli import main
checkpoint.EVERY = 0.0
main()
"""


@pytest.fixture
def command(tmp_path):
    """Return a function that calls a command in an empty folder: (exit status, all that it told)."""

    def call(*words):
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
        return done.returncode, done.stdout + done.stderr

    return call


def sdeframe(*words):
    return (str(BIN / "sdeframe"), *words)


@pytest.mark.long
def test_a_run_is_the_same_on_every_engine_and_resumed(command, tmp_path):
    assert command(*sdeframe("run", *SMALL, "--output", "threads.nc", "--checkpoint", "run.ckpt"))[0] == 0
    ranks = (str(BIN / "mpiexec"), "-n", "3")
    assert command(*ranks, *sdeframe("run", *SMALL, "--output", "ranks.nc", "--mpi"))[0] == 0
    assert command(*sdeframe("run", *SMALL, "--output", "dask.nc", "--dask", "local", "--threads", "2"))[0] == 0
    (tmp_path / "threads.nc").rename(tmp_path / "first.nc")
    assert command(*sdeframe("resume", "run.ckpt"))[0] == 0
    first = load(tmp_path / "first.nc").dataset
    assert all(load(tmp_path / f"{name}.nc").dataset.identical(first) for name in ("threads", "ranks", "dask"))


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_a_signal_gives_a_status_of_its_own_and_resume_goes_on(command, tmp_path):
    words = (sys.executable, "-c", OFTEN, "run", *LONG, "--checkpoint", "run.ckpt", "--output", "cut.nc")
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    end = time.monotonic() + 100
    while not (tmp_path / "run.ckpt").exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)  # until something is done and written
    process.send_signal(signal.SIGUSR1)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 75
    assert re.search(
        r"^sdeframe: ended by SIGUSR1: \d+ of 1000000 trajectories are done and kept in run.ckpt: ", told, re.M
    )
    status, told = command(*sdeframe("status", "run.ckpt"))
    assert status == 0
    assert "model description: TavisCummings(atoms=10, photons=10" in told
    assert re.search(r"^trajectories: \d+ of 1000000 \(\d+\.\d%\)$", told, re.M)
    assert re.search(r"^rate: \S+ trajectories a second, \d+ s so far, \d+ s left$", told, re.M)
    assert re.search(r"^written: \d{4}-\d\d-\d\dT\S+$", told, re.M)
    assert "go on with: sdeframe resume run.ckpt" in told
    before = file.read(tmp_path / "run.ckpt")[0].done
    assert 0 < before < 1_000_000
    status, told = command(*sdeframe("resume", "run.ckpt", "--threads", "1"))
    assert status == 0, told
    assert command(*sdeframe("run", *LONG, "--output", "whole.nc"))[0] == 0
    assert load(tmp_path / "cut.nc").dataset.identical(load(tmp_path / "whole.nc").dataset)


@pytest.fixture
def kept(command, tmp_path):
    """A checkpoint of the command line."""
    assert command(*sdeframe("run", *SMALL, "--checkpoint", "run.ckpt"))[0] == 0
    return tmp_path / "run.ckpt"


def rewritten(path, **changes):
    """Change what a checkpoint says of itself, as one who knows how could."""
    page, members = file.read(path)
    sums = {span: members[file.name_of(span)] for span in page.spans}
    file.write(path, attrs.evolve(page, **changes), sums)


@pytest.mark.long
def test_the_experiment_of_a_checkpoint_is_plain_values(kept, command):
    page, _ = file.read(kept)
    assert json.loads(json.dumps(page.command)) == page.command
    assert page.command["trajectories"] == 3000
    assert not {"threads", "dask", "mpi", "checkpoint"} & set(page.command)
    rewritten(kept, command={**page.command, "trajectories": "__import__('os')"})
    assert command(*sdeframe("resume", "run.ckpt")) == (
        2, "sdeframe: trajectories=\"__import__('os')\": must be a positive integer, below 2**63\n",
    )  # fmt: skip
    rewritten(kept, command={**page.command, "shell": "true"})
    status, told = command(*sdeframe("resume", "run.ckpt"))
    assert status == 2
    assert told.startswith(
        "sdeframe: run.ckpt: holds no experiment that `sdeframe run` takes (an experiment has no key 'shell': "
    )
    assert told.count("\n") == 1
    rewritten(kept, command=None)
    status, told = command(*sdeframe("resume", "run.ckpt"))
    assert status == 2
    assert "was begun by a script" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "--dask", "local", "--mpi"), "--dask local and --mpi: give one of them"),
        (("status", "nothing.ckpt"), "nothing.ckpt: there is no such file"),
        (("resume", "nothing.ckpt"), "nothing.ckpt: there is no such file"),
        (("run", "--checkpoint", "nowhere/run.ckpt"), "nowhere/run.ckpt: cannot write to its folder"),
    ],
)
def test_refusals_are_one_line(command, words, message):
    status, told = command(*sdeframe(*words))
    assert status == 2
    assert told.splitlines()[-1].startswith(f"sdeframe: {message}")
    assert "Traceback" not in told
