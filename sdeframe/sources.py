"""A hash of the code that results depend on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PACKAGE: Final = "sdeframe"
LIBRARIES: Final = ("sdeframe", "numba", "numpy", "scipy", "sympy")
COMMON: Final = (
    "symbolic", "time_dependence", "interfaces", "compiled", "sampling", "groups", "kernels", "sums", "derivation",
    "running",
)  # fmt: skip
RUN: Final = (*COMMON, "growth", "observers", "engines", "checkpoints")
"""Rooms that a run depends on. What models, gauges and integrators say is in the source of its kernel."""
EXACT: Final = (*COMMON, "models")
"""Rooms that an exact solution depends on."""
HELD: Final = (*RUN, "models", "gauges", "integrators")
"""Rooms whose classes need no hash of their own in the key of a run."""


@cache
def code_key(*rooms: str) -> str:
    """Return a hash of the sources of some rooms of sdeframe, and of libraries.

    Raises
    ------
    FileNotFoundError
        If a room holds no source: a result under such a key would outlive every change of its code.
    """
    sources = [source for room in (*rooms, "validators") for source in _sources(room)]
    return hashlib.sha256("\0".join([*sources, *(version(name) for name in LIBRARIES)]).encode()).hexdigest()


def _sources(room: str) -> list[str]:
    """Return the name and the text of every source file of a room, those of the rooms within it too."""
    spec = find_spec(f"{PACKAGE}.{room}")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    files = {f"{room}/{file.relative_to(folder)}": file for folder in folders for file in sorted(folder.rglob("*.py"))}
    if spec is not None and not folders and spec.origin:
        files[room] = Path(spec.origin)
    if not files:
        raise FileNotFoundError(f"{PACKAGE}.{room}: holds no source, so nothing can be kept that depends on it")
    return [f"{name}\0{file.read_text(encoding='utf-8')}" for name, file in files.items()]
