"""What users may rely on is a list; a name that goes or comes changes it on purpose."""

import builtins
import importlib
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "campaigns", "conformance", "derivation", "gauges", "integrators", "interfaces", "models", "observers", "sampling",
    "storage", "studies", "testing",
)  # fmt: skip


def public_names() -> list[str]:
    """Return every public name by its package, then every plugin by its group."""
    packages = ["sdeframe", *(f"sdeframe.{room}" for room in ROOMS)]
    names = [f"{package}.{name}" for package in packages for name in sorted(importlib.import_module(package).__all__)]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plugins = [f"{group}: {name}" for group, points in project["entry-points"].items() for name in sorted(points)]
    return names + plugins


def test_public_names_are_those_of_the_list() -> None:
    assert public_names() == (ROOT / "tests/data/public_names.txt").read_text(encoding="utf-8").split("\n")[:-1]


def test_a_star_import_leaves_the_standard_library_alone() -> None:
    """`sdeframe.time`, the symbol, is public too, but asked for by name."""
    for package in ["sdeframe", *(f"sdeframe.{room}" for room in ROOMS)]:
        assert not {*importlib.import_module(package).__all__} & {*sys.stdlib_module_names, *dir(builtins)}, package
    assert importlib.import_module("sdeframe").time.name == "t"


def test_every_public_name_is_there() -> None:
    for line in public_names():
        package, _, name = line.rpartition(".")
        if ":" not in line:
            assert getattr(importlib.import_module(package), name) is not None
