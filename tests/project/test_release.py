"""What says the same thing twice says it alike: versions, Pythons, workflows that run the one list of checks."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def pythons() -> list[str]:
    """Return the versions of Python that are declared."""
    prefix = "Programming Language :: Python :: 3."
    return [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if name.startswith(prefix)]


def test_the_citation_names_the_version() -> None:
    assert f"\nversion: {PROJECT['version']}\n" in CITATION
    assert f"\nlicense: {PROJECT['license']}\n" in CITATION


def test_no_code_names_the_version_again() -> None:
    """`importlib.metadata` tells it; a second place would be forgotten."""
    quoted = re.compile(rf"""["']{re.escape(PROJECT["version"])}["']""")
    for folder in ("sdeframe", "models", "integrators", "gauges", "docs"):
        for file in (ROOT / folder).rglob("*.py"):
            assert not quoted.search(file.read_text(encoding="utf-8")), file


def test_the_pythons_that_are_declared_are_those_that_are_checked() -> None:
    checked = re.search(r"python: \[(.*)\]", WORKFLOW)
    assert checked is not None
    assert re.findall(r'"(.*?)"', checked[1]) == pythons()
    assert PROJECT["requires-python"] == f">={pythons()[0]}"


@pytest.mark.parametrize("script", [".ci/run", ".ci/run-lowest"])
def test_workflows_run_the_checks_of_the_repository(script: str) -> None:
    assert f"- run: bash {script}\n" in WORKFLOW
    assert (ROOT / script).is_file()
