"""What fields a class declares, read from its source: nothing of it runs, and no package is loaded."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

DEEPEST: Final = 8
"""Imports and bases that are followed, at most."""
DECLARING: Final = ("attrs", "attr", "define", "frozen", "dataclass", "dataclasses")
"""What names of decorators begin with that make fields of annotations."""


def declared(where: str) -> list[str]:
    """Return the fields of a class, told as "package.module:Class"; none where its source does not tell them."""
    module, _, name = where.partition(":")
    try:
        return list(dict.fromkeys(_fields(module, name, DEEPEST)))
    except (OSError, SyntaxError, ValueError):
        return []


def _fields(module: str, name: str, depth: int) -> Iterator[str]:
    file = _source(module) if depth else None
    for node in ast.parse(file.read_bytes()).body if file else ():
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    yield from _fields(node.module, alias.name, depth - 1)
        elif isinstance(node, ast.ClassDef) and node.name == name:
            for base in node.bases:
                yield from _fields(module, base.id, depth - 1) if isinstance(base, ast.Name) else ()
            yield from _own(node)


def _own(node: ast.ClassDef) -> Iterator[str]:
    if any(ast.unparse(decorator).split("(")[0].split(".")[0] in DECLARING for decorator in node.decorator_list):
        for line in node.body:
            if (
                isinstance(line, ast.AnnAssign)
                and isinstance(line.target, ast.Name)
                and not ast.unparse(line.annotation).startswith("ClassVar")
            ):
                yield line.target.id


def _source(module: str) -> Path | None:
    """Return the file of a module, found step by step: to find one by its whole name, Python runs its package."""
    names = module.split(".")
    places = None
    for k in range(len(names)):
        name = ".".join(names[: k + 1])
        spec = next((found for finder in sys.meta_path if (found := finder.find_spec(name, places))), None)
        if spec is None:
            return None
        places = spec.submodule_search_locations
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
