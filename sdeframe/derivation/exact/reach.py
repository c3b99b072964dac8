"""Which elements of the density matrix matter: those that the start reaches and an average sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.exact.elements import Basis, check_size, fits
from sdeframe.derivation.exact.functionals import Known, Placed, inverse

__all__ = ["reached", "reached_and_seen"]

Elements = NDArray[np.int64]


class _Search:
    """Elements that maps lead to from some, found from those that were new last."""

    def __init__(self, basis: Basis, maps: Sequence[Placed], begin: Elements) -> None:
        self.basis, self.maps = basis, maps
        self.found = self.new = _distinct(begin)

    def extend(self, within: Elements | None = None) -> None:
        """Apply every map once, without leaving some elements."""
        steps = [self.new[:0]]
        for placed in self.maps:
            out, factor = self.basis.apply(placed, self.new)
            steps.append(out[factor != 0])
        new = np.setdiff1d(_distinct(np.concatenate(steps)), self.found, assume_unique=True)
        self.new = new if within is None else np.intersect1d(new, within, assume_unique=True)
        self.found = np.sort(np.concatenate([self.found, self.new]))


def reached_and_seen(basis: Basis, maps: Sequence[Placed], start: Known, seen: Sequence[Known]) -> Elements:
    """Return the elements, sorted, that maps lead to from the start and from which they lead to what is averaged.

    Both ways are followed by turns, until the smaller of both sets is complete; the other is followed within it.

    Raises
    ------
    ValueError
        If there are too many, or more numbers of elements than an integer holds.
    """
    _check_numbers(basis)
    ways: list[tuple[Sequence[Placed], Sequence[Known]]] = [
        (maps, [start]), ([inverse(placed) for placed in maps], seen)
    ]  # fmt: skip
    sizes = [sum(functional.size for functional in functionals) for _, functionals in ways]
    if not any(map(fits, sizes)):
        check_size(min(sizes))
    searches = {
        k: _Search(basis, way, _joined(f.elements() for f in functionals))
        for k, ((way, functionals), size) in enumerate(zip(ways, sizes, strict=True))
        if fits(size)
    }
    while all(search.new.size for search in searches.values()):
        min(searches.values(), key=lambda search: search.found.size).extend()
        check_size(min(search.found.size for search in searches.values()))
    first = next(k for k, search in searches.items() if not search.new.size)
    return _within(basis, searches[first].found, *ways[1 - first])


def reached(basis: Basis, maps: Sequence[Placed], start: Known) -> Elements:
    """Return the elements, sorted, that maps lead to from the start, itself among them.

    Raises
    ------
    ValueError
        If there are too many, or more numbers of elements than an integer holds.
    """
    _check_numbers(basis)
    check_size(start.size)
    search = _Search(basis, maps, start.elements())
    while search.new.size:
        search.extend()
        check_size(search.found.size)
    return search.found


def _check_numbers(basis: Basis) -> None:
    if prod(part.size for part in basis.parts) > np.iinfo(np.int64).max:
        raise ValueError(
            f"{len(basis.parts)} modes and emitters have too many states to be numbered: give lower cutoffs, such as 2 "
            f"for modes of one photon at most, or take fewer"
        )


def _within(basis: Basis, allowed: Elements, maps: Sequence[Placed], functionals: Sequence[Known]) -> Elements:
    """Return what maps lead to from those of some elements on which a functional has a value."""
    search = _Search(basis, maps, _joined(allowed[f.at(allowed) != 0] for f in functionals))
    while search.new.size:
        search.extend(allowed)
    return search.found


def _joined(parts: Iterable[Elements]) -> Elements:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _distinct(numbers: Elements) -> Any:
    """Return different numbers, sorted; `np.unique` of some versions hashes them, which takes ten times as long."""
    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=-1) > 0]
