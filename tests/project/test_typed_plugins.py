"""Types reach who writes plugins: mypy, strict, on a file of plugins beside an installed wheel."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = Path(__file__).parent / "typed_plugins.py"
NOT_SOURCE = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "_build", "tests")

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with sdeframe from a wheel, and dependencies lent by this one."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, symlinks=True, ignore=NOT_SOURCE)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment), "platbase": str(environment)}))
    subprocess.run([*pip, "--target", str(site), str(source)], check=True, capture_output=True)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin" / "python"


def checked(interpreter: Path, file: Path) -> subprocess.CompletedProcess[str]:
    options = ["--strict", "--python-executable", str(interpreter), "--disable-error-code", "import-untyped"]
    kept = ["--cache-dir", str(interpreter.parent / "types")]  # the second file takes seconds
    command = [sys.executable, "-m", "mypy", *options, *kept, "--config-file", "", file.name]
    return subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)


def test_plugins_with_types_pass(interpreter: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(PLUGINS, tmp_path))
    done = checked(interpreter, file)
    assert done.returncode == 0, done.stdout + done.stderr


WRONG = {
    "-> SDE:": ("-> str:", 'Return type "str" of "system" incompatible'),
    'result.horizon("z"), float': ('result.horizon("z"), str', "Expression is of type"),
    "trajectories=100, seed=1, gauge": ('trajectories="100", seed=1, gauge', '"trajectories"'),
}
"""What stands in the file, a mistake in its place, and what is said of it."""


def test_a_wrong_type_is_seen(interpreter: Path, tmp_path: Path) -> None:
    text = PLUGINS.read_text(encoding="utf-8")
    for right, (wrong, _) in WRONG.items():
        assert right in text
        text = text.replace(right, wrong)
    file = tmp_path / "wrong_plugins.py"
    file.write_text(text, encoding="utf-8")
    done = checked(interpreter, file)
    assert done.returncode == 1
    assert all(why in done.stdout for _, why in WRONG.values()), done.stdout
