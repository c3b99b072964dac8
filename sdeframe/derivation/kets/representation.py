"""Kets as a representation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from sdeframe.validators import is_whole, shown

__all__ = ["Ket"]


def _cutoffs(value: Any) -> tuple[tuple[str, int], ...]:
    given = dict(value) if isinstance(value, (Mapping, tuple)) else None
    if given is None or not all(isinstance(name, str) and is_whole(n) and n > 0 for name, n in given.items()):
        raise ValueError(f'cutoffs={shown(value)} in Ket: give numbers of number states by mode, such as {{"a": 40}}')
    return tuple(sorted(given.items()))


def _sector(instance: Ket, attribute: Any, sector: Any) -> None:
    if sector is None:
        return
    if not is_whole(sector) or sector < 0:
        raise ValueError(f"sector={shown(sector)} in Ket: must be a number of quanta, such as 20")
    if instance.cutoffs:
        raise ValueError(f"sector={sector} and cutoffs in Ket: cutoffs follow from the sector, leave them out")


@attrs.frozen
class Ket:
    """Stochastic kets: coherent states of modes and product states of emitters, for a master equation without losses.

    exp(−iHt)|z> is the average of exp(C0)|z(t)>, so that a quantum average is one over pairs of independent groups of
    kets, which `sdeframe.observers.PairMoments` takes.

    Parameters
    ----------
    cutoffs
        Number of number states by mode in which pairs are compared; where H conserves the number of all quanta it
        follows from the start.
    sector
        The number of quanta to which everything is projected, where H conserves one; see `sector_weights` of a model.
    """

    cutoffs: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_cutoffs)

    sector: int | None = attrs.field(default=None, validator=_sector)

    name = "kets"
    doubled = False
