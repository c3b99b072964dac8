"""Atoms in a mode of light at the start, of which there are several exact solutions."""

from __future__ import annotations

import math
from typing import Any, Final

import attrs

from sdeframe.validators import is_whole

STARTS: Final = ("ground", "excited")


def _at_least_one(instance: Any, attribute: Any, value: Any) -> None:
    if not is_whole(value) or value < 1:
        raise ValueError(f"{attribute.name}={value!r}: give a whole number of at least 1")


def _not_negative(instance: Any, attribute: Any, value: Any) -> None:
    if not 0 <= value < math.inf:
        raise ValueError(f"{attribute.name}={value!r}: give a finite number of at least 0")


def _known(instance: Any, attribute: Any, value: Any) -> None:
    if value not in STARTS:
        raise ValueError(f"{attribute.name}={value!r}: give one of {', '.join(map(repr, STARTS))}")


@attrs.frozen
class Sample:
    """Atoms in one state and a coherent field, in resonance.

    Parameters
    ----------
    atoms
        Number N of atoms, at least 1.
    photons
        Mean number of photons of the coherent field at the start, at least 0.
    start
        "ground" or "excited": what all atoms are at the start.
    decay
        Rate g = γ/f at which each atom decays on its own, at least 0.

    Raises
    ------
    ValueError
        If one is outside what is allowed, named.
    """

    atoms: int = attrs.field(validator=_at_least_one)
    photons: float = attrs.field(validator=_not_negative)
    start: str = attrs.field(validator=_known)
    decay: float = attrs.field(default=0.0, validator=_not_negative)

    @property
    def excited(self) -> int:
        """How many atoms are excited at the start."""
        return self.atoms if self.start == "excited" else 0
