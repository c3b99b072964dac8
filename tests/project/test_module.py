"""`python -m sdeframe` is the command."""

import subprocess
import sys


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "sdeframe", "--help"], capture_output=True, text=True, check=True)
    assert "Usage: python -m sdeframe" in done.stdout
    assert "validate" in done.stdout
