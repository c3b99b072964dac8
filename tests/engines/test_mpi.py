"""Runs on ranks of MPI."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.spread_run import run

SCRIPT = """
    from mpi4py.futures import MPIPoolExecutor
    from tests.support.spread_run import run
    if __name__ == "__main__":
        with MPIPoolExecutor() as pool:
            result = run(executor=pool)
        result.save("ranks.nc")
"""
NOTEBOOK = """
    from mpi4py.futures import MPIPoolExecutor
    from sdeframe import simulate
    from sdeframe.integrators import EulerMaruyama
    from tests.support.spread_run import MODEL, OPTIONS
    class Mine(EulerMaruyama):
        "From a notebook's cell."
    with MPIPoolExecutor(main=False) as pool:
        try:
            simulate(MODEL, Mine(dt=0.1), executor=pool, **OPTIONS)
        except TypeError as error:
            print(error)
"""


def ranks(folder, count, *arguments):
    mpiexec = Path(sys.executable).with_name("mpiexec")
    command = [str(mpiexec), "-n", str(count), sys.executable, "-m", *arguments]
    root = str(Path(__file__).parents[2])
    env = os.environ | {"PYTHONPATH": os.pathsep.join([root, *sys.path])}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ranks_give_the_same_bits_as_threads(tmp_path):
    from sdeframe import load

    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))
    ranks(tmp_path, 3, "mpi4py.futures", "script.py")
    assert load(tmp_path / "ranks.nc").dataset.identical(run(threads=1).dataset)


@pytest.mark.long
def test_a_class_that_ranks_cannot_import_is_told_with_the_way_out(tmp_path):
    (tmp_path / "script.py").write_text(textwrap.dedent(NOTEBOOK))
    (told,) = ranks(tmp_path, 2, "mpi4py.futures", "script.py").splitlines()
    assert told.startswith("the worker ")
    assert "'Mine'" in told
    assert "ranks of MPI import what they run by name, so put classes and functions into a module" in told
