"""The recipe for Slurm: the script of docs/clusters.md, run as srun would, with the variables that it sets."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sdeframe import load, simulate
from sdeframe.checkpoints import file
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import TrustHorizon

ROOT = Path(__file__).parents[2]


def started(folder, tasks, script):
    """Start so many processes with the numbers that Slurm gives them."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "SLURM_JOB_ID": "7"}
    return [
        subprocess.Popen(
            [sys.executable, script],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env | {"SLURM_PROCID": str(number), "SLURM_NTASKS": str(tasks)},
        )
        for number in range(tasks)
    ]


def ended(processes):
    """Return what each process tells, and how it ended."""
    try:
        return [(process.communicate(timeout=120)[0], process.returncode) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture
def script():
    """The one of the documents."""
    text = (ROOT / "docs/clusters.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"> ensemble\.py <<'END'\n(.*?)^END$", text, re.MULTILINE | re.DOTALL)
    return script


@pytest.mark.long
def test_the_script_of_the_documents_runs(tmp_path, script):
    (tmp_path / "ensemble.py").write_text(script)
    told = ended(started(tmp_path, 4, "ensemble.py"))[1][0]
    assert (tmp_path / "run.nc").exists(), told
    model = TavisCummings(atoms=100, photons=10)
    here = simulate(
        model, W2S4(dt=0.05), observers=[TrustHorizon(excited=model.excited)], times=[0.5, 1.0], trajectories=20_000,
        seed=1, progress=False,
    )  # fmt: skip
    assert load(tmp_path / "run.nc").dataset.identical(here.dataset)


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_the_warning_of_slurm_goes_to_all_and_the_client_writes(tmp_path, script):
    often = "from sdeframe.checkpoints import checkpoint\ncheckpoint.EVERY = 0.0\n"
    (tmp_path / "ensemble.py").write_text(often + script.replace("20_000", "100_000_000"))
    processes, end = started(tmp_path, 4, "ensemble.py"), time.monotonic() + 100
    while not (tmp_path / "run.ckpt").exists() and time.monotonic() < end:
        time.sleep(0.01)
    for process in processes:
        process.send_signal(signal.SIGUSR1)
    told = ended(processes)
    assert -signal.SIGUSR1 not in [status for _, status in told]
    assert re.search(r"ended by SIGUSR1: \d+ of 100000000 trajectories are done and kept in run\.ckpt", told[1][0]), (
        told
    )
    assert file.read(tmp_path / "run.ckpt")[0].done > 0
