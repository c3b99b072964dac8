"""A gauge from a package of its own: installed, found by name, checked and run from the command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "third_party"

CHECK = """
from sdeframe import conformance, registry
from sdeframe.models import TavisCummings

gauge = registry.find("gauges", "gentle-drift")()
assert type(gauge).__module__ == "gentle_drift"
conformance.check_gauge(gauge, TavisCummings(10, 1.0).system())
"""
RUN = "from sdeframe.cli import main; main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install the package with pip into a folder of its own; return a function that runs Python with it."""
    folder = tmp_path_factory.mktemp("environment")
    source = shutil.copytree(PACKAGE, tmp_path_factory.mktemp("source") / "package")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*pip, str(folder), str(source)], check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(folder)}

    def python(code, *arguments, cwd=None):
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, check=False)

    return python


def test_it_is_found_by_name_and_keeps_the_law(installed):
    done = installed(CHECK)
    assert done.returncode == 0, done.stderr


def test_it_is_listed_with_its_description(installed):
    assert "gentle-drift" in installed(RUN, "list").stdout


@pytest.mark.long
def test_it_runs_from_the_command_line(installed, tmp_path):
    small = ("--trajectories", "200", "--dt", "0.05", "--times", "0,0.5,1")
    done = installed(RUN, "run", "--gauge", "gentle-drift", *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run.nc").exists()


@pytest.mark.long
def test_a_system_that_lacks_what_it_needs_is_refused(installed, tmp_path):
    done = installed(RUN, "run", "--gauge", "gentle-drift", "--model", "ornstein-uhlenbeck", cwd=tmp_path)
    assert done.returncode != 0
    assert "no parameter 'N' in this system" in done.stderr


@pytest.mark.long
def test_it_is_unknown_where_it_is_not_installed():
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=False)
    assert "no gauge is called 'gentle-drift'" in done.stderr


def test_it_takes_less_than_30_lines_of_its_own():
    assert sum(len(path.read_text().splitlines()) for path in PACKAGE.glob("*.py")) < 30
