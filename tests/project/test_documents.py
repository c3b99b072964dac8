"""What the documents say is true: their Python runs, their links lead somewhere, the README begins as promised."""

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)
DOCUMENTS = [ROOT / "README.md", *PAGES]
FENCE = re.compile(r"^```(?P<kind>\S*)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)(?P<target>[^)#\s]+)[^)]*\)")


def blocks(text: str, kind: str) -> list[re.Match[str]]:
    return [block for block in FENCE.finditer(text) if block["kind"] == kind]


def run(document: Path, module: ModuleType) -> None:
    """Run a document's Python in order in one namespace; a traceback points into the document."""
    text = document.read_text(encoding="utf-8")
    for block in blocks(text, "python"):
        lines_before = text.count("\n", 0, block.start("body"))
        exec(compile("\n" * lines_before + block["body"], str(document), "exec"), vars(module))


def has_python(document: Path) -> bool:
    return bool(blocks(document.read_text(encoding="utf-8"), "python"))


WITH_PYTHON = [document for document in DOCUMENTS if has_python(document)]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An empty module to run a document in, as if it were a script in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    script = ModuleType("document_script")
    monkeypatch.setitem(sys.modules, script.__name__, script)
    return script


SLOW = (
    "clusters.md", "correlations.md", "cost.md", "distributions.md", "drives.md", "from_qutip.md", "from_xmds2.md",
    "from_xspde.md", "jumps.md", "kets.md",
    "paths.md", "plugins.md", "results.md", "sampling.md", "sharp_bits.md", "six_digits.md", "spectra.md", "theory.md",
)  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [pytest.param(each, marks=pytest.mark.long if each.name in SLOW else ()) for each in WITH_PYTHON],
    ids=lambda document: document.name,
)
def test_python_blocks_run(document: Path, module: ModuleType) -> None:
    run(document, module)


def test_a_false_statement_is_caught_and_located(module: ModuleType, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.md"
    wrong.write_text("# Title\n\n```python\nx = 1\n```\n\nText\n\n```python\nassert x == 2\n```\n")
    with pytest.raises(AssertionError) as caught:
        run(wrong, module)
    assert caught.traceback[-1].path == wrong
    assert caught.traceback[-1].lineno + 1 == 10


def test_readme_and_plugin_guide_show_python() -> None:
    assert {"README.md", "plugins.md", "theory.md"} <= {document.name for document in WITH_PYTHON}


def test_readme_begins_with_one_sentence_and_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second = list(FENCE.finditer(text))[:2]
    heading, *sentence = text[: first.start()].split("\n", 1)
    assert heading == "# sdeframe"
    assert re.fullmatch(r"[A-Z][^.!?]*\.", " ".join(sentence).strip())
    assert first["kind"] == second["kind"] == "sh"
    assert first["body"].rstrip().endswith("sdeframe run")
    assert second["body"].rstrip().endswith("-m pytest")
    assert text[first.end() : second.start()].strip().count("\n") == 0


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_to_files(document: Path) -> None:
    for link in LINK.finditer(document.read_text(encoding="utf-8")):
        assert (document.parent / link["target"]).exists(), link["target"]


def test_entry_point_groups_of_the_plugin_guide_are_the_real_ones() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (table,) = blocks((ROOT / "docs/plugins.md").read_text(encoding="utf-8"), "toml")
    assert set(tomllib.loads(table["body"])["project"]["entry-points"]) <= set(project["entry-points"])
