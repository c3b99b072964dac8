"""What users may rely on is a list; a name that goes or comes changes it on purpose."""

import builtins
import importlib
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "campaigns", "conformance", "derivation", "drives", "gauges", "groups", "integrators", "interfaces", "models",
    "observers", "sampling", "storage", "studies", "testing",
)  # fmt: skip

ALIASES = {"Identity", "MinimalDamping", "minimal_damping"}
"""Names that another package has too, under which the reference has them."""


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


def test_the_reference_has_every_public_name() -> None:
    """A page takes a package whole, but for names that it excludes, or names each; a name has one page at least."""
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "api").glob("*.md")]
    whole = {package: text for text in pages for package in re.findall(r"automodule:: (\S+)\n", text)}
    said = {name for text in pages for name in re.findall(r"auto(?:class|function):: (\S+)\n", text)}
    for line in (line for line in public_names() if ":" not in line):
        package, _, name = line.rpartition(".")
        excluded = re.search(r"exclude-members:(.*)", whole.get(package, ""))
        taken = package in whole and not (excluded and name in re.split(r"[, ]+", excluded[1]))
        assert taken or name in said or f"`{line}`" in "".join(pages) or name in ALIASES, line


def test_the_reference_takes_only_what_is_there() -> None:
    """Else the site is not built."""
    for page in (ROOT / "docs" / "api").glob("*.md"):
        package = ""
        for kind, name in re.findall(r"\.\. (currentmodule|auto\w+):: (\S+)", page.read_text(encoding="utf-8")):
            if kind == "currentmodule":
                package = name
            elif kind == "automodule":
                importlib.import_module(name)
            else:
                module, _, own = name.rpartition(".")
                assert hasattr(importlib.import_module(module or package), own), f"{page.name}: {name}"


def test_every_public_name_is_there() -> None:
    for line in public_names():
        package, _, name = line.rpartition(".")
        if ":" not in line:
            assert getattr(importlib.import_module(package), name) is not None
