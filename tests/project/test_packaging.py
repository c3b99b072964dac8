"""The package as it is installed; what a wheel holds is checked by `check_wheel.py`, which .ci/run calls."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
HEAVY = {"h5netcdf", "matplotlib", "numba", "scipy", "xarray"}


def packages_on_disk(package: str, folder: Path) -> set[str]:
    """Names of a package folder and of the packages inside it, but for links and programs packaged as data."""
    data = {Path(pattern).parent.name for pattern in SETUPTOOLS["package-data"].get(package, ())}
    folders = [f for f in folder.iterdir() if f.is_dir() and not f.is_symlink() and f.name not in data]
    inside = [f for f in folders if any(f.rglob("*.py"))]
    return {package}.union(*(packages_on_disk(f"{package}.{f.name}", f) for f in inside))


def test_every_package_folder_is_packaged() -> None:
    folders = SETUPTOOLS["package-dir"]
    found = set().union(*(packages_on_disk(package, ROOT / folder) for package, folder in folders.items()))
    assert sorted(SETUPTOOLS["packages"]) == sorted(found)


def test_plugin_folders_are_linked_into_the_package() -> None:
    for package, folder in SETUPTOOLS["package-dir"].items():
        if package != "sdeframe":
            link = ROOT / package.replace(".", "/")
            assert link.is_symlink()
            assert link.readlink() == Path("..") / folder


def test_import_leaves_heavy_libraries_for_first_use() -> None:
    code = "import sys, sdeframe; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(shown.stdout.split())
    assert "sdeframe" in loaded
    assert not loaded & HEAVY
