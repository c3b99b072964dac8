"""Plugins by name: entry points, found once and loaded on first use.

Strings select plugins here and in the command line only.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from sdeframe.caches import cached

GROUPS: Final = ("models", "integrators", "gauges", "observers", "commands", "validations", "benchmarks", "figures")
"""Kinds of plugins; the entry-point group of each is ``sdeframe.<kind>``."""


@cached(None)
def names(kind: str) -> Mapping[str, EntryPoint]:
    """Return the registered plugins of a kind, not loaded.

    Raises
    ------
    ValueError
        If two packages register one name.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=f"sdeframe.{kind}"), key=lambda p: p.name):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ValueError(
                f"two {kind} are called {point.name!r}: {other.value} and {point.value}; uninstall or rename one"
            )
    return found


class BrokenPluginError(ModuleNotFoundError):
    """A registered plugin that cannot be loaded, whatever its package does on import."""


def find(kind: str, name: str) -> Any:
    """Return a registered plugin.

    Raises
    ------
    ValueError
        If there is none of that name; the message lists those there are.
    BrokenPluginError
        If it cannot be loaded, with the reason.
    """
    known = names(kind)
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"no {kind.removesuffix('s')} is called {name!r}: {meant}there are {', '.join(known)}")
    point = known[name]
    try:
        return point.load()
    except (Exception, SystemExit) as error:  # a package may do anything when it is imported
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise BrokenPluginError(
            f"{kind.removesuffix('s')} {name!r} ({point.value}) cannot be loaded, {reason}; "
            f"mend or uninstall the package that brings it"
        ) from error
