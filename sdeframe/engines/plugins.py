"""Versions of other packages whose classes a packed run names: their code is what workers have, not what is sent."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import packages_distributions, version
from types import ModuleType
from typing import Final

from sdeframe.caches import cached

OWN: Final = "sdeframe"
MAIN: Final = "__main__"
"""A script or notebook, which is sent whole or run again."""


def plugin_versions(content: bytes) -> Mapping[str, str]:
    """Return the versions of modules that a packed run names and that hold models, schemes or observers, by name."""
    loaded = [name for name in [*sys.modules] if _is_foreign(name) and name.encode() in content]
    modules = {place for name in loaded for place in _made_in(sys.modules.get(name))}
    return versions_of(sorted(filter(_is_foreign, modules)))


def versions_of(modules: Iterable[str]) -> Mapping[str, str]:
    """Return the versions of modules by name, those of this process; of one that cannot be imported none."""
    return {module: told for module in modules if (told := _version(module)) is not None}


def _made_in(module: ModuleType | None) -> set[str]:
    """Return where classes of a module are made that are sdeframe's with something changed, and their bases."""
    names = [*vars(module).values()] if isinstance(module, ModuleType) else []
    kinds = [kind for kind in names if isinstance(kind, type)]
    places = [{base.__module__ for base in kind.__mro__} for kind in kinds]
    return {place for made_in in places if any(_package(place) == OWN for place in made_in) for place in made_in}


@cached(64)
def _version(module: str) -> str | None:
    """Return the version of the package that a module belongs to, if it has one, and a hash of its source."""
    try:
        source = inspect.getsource(importlib.import_module(module))
    except ImportError:
        return None
    except (OSError, TypeError):
        source = ""
    released = [version(name) for name in packages_distributions().get(_package(module), ())[:1]]
    return ", ".join([*released, f"source {hashlib.sha256(source.encode()).hexdigest()[:12]}"])


def _package(module: str) -> str:
    return module.partition(".")[0]


def _is_foreign(module: str) -> bool:
    return module != MAIN and _package(module) != OWN and _package(module) not in sys.stdlib_module_names
