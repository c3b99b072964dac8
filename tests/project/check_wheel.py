"""Build the sdist, from it the wheel; check that this holds every file and nothing else, install and use it alone.

Run as a script with the development tools installed: ``python tests/project/check_wheel.py``.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_SOURCE = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "_build")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
USE = """
import importlib, sys
for package in sys.argv[2:]:
    file = importlib.import_module(package).__file__
    assert file.startswith(sys.argv[1]), f"{package} comes from {file}"
"""


def main() -> None:
    """Check the wheel; an AssertionError or CalledProcessError says what is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        wheel = build(folder)
        inside = set(zipfile.ZipFile(wheel).namelist())
        package = {file for file in inside if ".dist-info/" not in file}
        assert {file.partition("/")[0] for file in package} == {"sdeframe"}
        assert package == files_on_disk(), f"wheel and tree differ in {sorted(package ^ files_on_disk())}"
        assert "sdeframe/py.typed" in package
        assert any(file.endswith("/LICENSE") for file in inside - package)
        use(wheel, folder / "venv")
        print(f"{wheel.name}: {len(package)} files, all of them and nothing else; installs and imports")


def build(folder: Path) -> Path:
    """Build both from a clean copy, since files left over in build/ would get into it."""
    source = folder / "source"
    shutil.copytree(ROOT, source, symlinks=True, ignore=NOT_SOURCE)
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(source)]  # the wheel from the sdist
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def files_on_disk() -> set[str]:
    """Give the files of all package folders, links left aside, by the names they are to have in the wheel."""
    return {
        (Path(package.replace(".", "/")) / file.relative_to(ROOT / folder)).as_posix()
        for package, folder in PROJECT["tool"]["setuptools"]["package-dir"].items()
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def use(wheel: Path, folder: Path) -> None:
    """Import every package from the installed wheel, dependencies taken from this environment, and list the plugins."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    variables = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", variables))
    # A path in a .pth file lends the packages there, but not what their own .pth files do: no editable install.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    packages = PROJECT["tool"]["setuptools"]["packages"]
    subprocess.run([python, "-I", "-c", USE, folder, *packages], check=True, cwd=folder)
    command = [folder / "bin" / "sdeframe", "list"]
    listed = subprocess.run(command, check=True, cwd=folder, capture_output=True, text=True).stdout
    missing = [name for points in PROJECT["project"]["entry-points"].values() for name in points if name not in listed]
    assert not missing, f"`sdeframe list` knows no {missing}"


if __name__ == "__main__":
    main()
