"""Every page of the gallery is executed as the site does it, into the cache that the site is built from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for page in (DOCS / "gallery").glob("*.md") if page.name != "index.md")
HIDDEN = re.compile(r"\.plot\((\)|\"|exact=|at=).*;$")
CELL = re.compile(r"^```\{code-cell\} python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def execute(page: Path, folder: Path) -> str:
    """Execute a page with the settings of the site, if its output isn't kept; return what is wrong, or nothing.

    Links to pages outside of the gallery are left to the build of the whole site.
    """
    alone = (f"root_doc={page.stem}", f"include_patterns={page.name}", "suppress_warnings=myst.xref_missing")
    options = [word for setting in alone for word in ("-D", setting)]
    command = [sys.executable, "-m", "sphinx", "-T", "-W", "-q", "-b", "dummy", "-c", str(DOCS), *options]
    done = subprocess.run([*command, str(page.parent), str(folder)], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_without_a_warning_and_what_it_asserts_holds(page: Path, tmp_path: Path) -> None:
    assert execute(page, tmp_path) == ""


@pytest.mark.long
@pytest.mark.parametrize(
    ("cell", "why"),
    [("assert 1 == 2", "AssertionError"), ("import warnings\nwarnings.warn('too large')", "stderr was found")],
)
def test_a_false_page_and_one_that_warns_are_refused(cell: str, why: str, tmp_path: Path) -> None:
    head = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Title\n\n"
    page = tmp_path / "wrong.md"
    page.write_text(f"{head}```{{code-cell}} python\n{cell}\n```\n")
    assert why in execute(page, tmp_path / "out")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_asserts_its_answer(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("---\nfile_format: mystnb\n")
    assert any("\nassert " in f"\n{cell}" or "    assert " in cell for cell in CELL.findall(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pictures_of_results_are_shown(page: Path) -> None:
    """A `;` would hide them, as they are values of their cells."""
    ends = [cell.rstrip().splitlines()[-1] for cell in CELL.findall(page.read_text(encoding="utf-8"))]
    assert not [end for end in ends if HIDDEN.search(end)]


def test_a_hidden_picture_is_found() -> None:
    assert HIDDEN.search('result.plot("n", exact=True);')
    assert HIDDEN.search("swept.sweep.plot();")
    assert not HIDDEN.search("axes.plot(times, exact);")
    assert not HIDDEN.search('result.plot("n", exact=True)')
