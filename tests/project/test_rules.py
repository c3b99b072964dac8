"""The rules of CONTRIBUTING.md that a program can check."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("sdeframe", "models", "integrators", "gauges")
FILES = sorted({f.resolve() for folder in FOLDERS for f in (ROOT / folder).rglob("*.py")})
LONGEST_FILE, LONGEST_BODY, MOST_FILES = 300, 45, 16


def functions(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def body_length(function):
    """Return the lines of a function without its docstring."""
    start = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return function.end_lineno - start.lineno + 1


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_files_and_functions_are_short(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    assert {f.name: body_length(f) for f in functions(file) if body_length(f) > LONGEST_BODY} == {}


def test_folders_hold_few_files():
    folders = {file.parent for file in FILES}
    crowded = {str(f.relative_to(ROOT)): n for f in folders if (n := len([*f.glob("*.py")]) - 1) > MOST_FILES}
    assert crowded == {}


def test_every_room_says_in_a_line_what_it_is_for():
    for file in FILES:
        if file.name == "__init__.py":
            purpose = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))).splitlines()[0]
            assert purpose.endswith("."), file
            assert " and " not in purpose, (file, purpose)


def imported(file):
    """Return the names of all modules that a file imports."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom)}


def test_nothing_runs_from_text_or_reads_a_pickle():
    """Code is made by compiled/cache.py alone, from sympy objects; numba's own cache is what it hides."""
    for file in FILES:
        called = {node.func.id for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
        assert not called & {"eval", "hasattr"}, file
        assert "exec" not in called or file.name == "cache.py", file
        assert "pickle" not in imported(file) or file.parts[-2:] == ("conformance", "models.py"), file


def test_only_the_registry_and_the_command_line_select_plugins_by_text():
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        if "registry.find(" in text or "entry_points(" in text:
            inside = file.relative_to(ROOT).parts
            assert "studies" in inside or file.name in ("registry.py", "cli.py"), file
