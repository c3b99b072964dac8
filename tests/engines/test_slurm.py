"""The recipe for Slurm: the script of docs/clusters.md, run as srun would, with the variables that it sets."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sdeframe import load, simulate
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import TrustHorizon

ROOT = Path(__file__).parents[2]


def srun(folder, tasks, script):
    """Start so many processes with the numbers that Slurm gives them; return what the second one, the client, tells."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "SLURM_JOB_ID": "7"}
    processes = [
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
    try:
        return [process.communicate(timeout=120)[0] for process in processes][1]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.long
def test_the_script_of_the_documents_runs(tmp_path):
    text = (ROOT / "docs/clusters.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"> ensemble\.py <<'END'\n(.*?)^END$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "ensemble.py").write_text(script)
    told = srun(tmp_path, 4, "ensemble.py")
    assert (tmp_path / "run.nc").exists(), told
    model = TavisCummings(atoms=100, photons=10)
    here = simulate(
        model, W2S4(dt=0.05), observers=[TrustHorizon(excited=model.excited)], times=[0.5, 1.0], trajectories=20_000,
        seed=1, progress=False,
    )  # fmt: skip
    assert load(tmp_path / "run.nc").dataset.identical(here.dataset)
