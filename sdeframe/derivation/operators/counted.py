"""Operators of so many emitters, sums over them written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

from sdeframe.derivation.operators.coefficients import collect
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.operators import Operator

__all__ = ["counted"]


def counted(x: Operator, numbers: Mapping[str, int], each: int | None = None) -> Operator:
    """Return an operator with sums over identical emitters written out, where `numbers` has theirs.

    `each` is the number of the emitter that a channel is for.
    """

    def written() -> Iterator[tuple[Monomial, Any]]:
        for m, c in x.terms.items():
            inside = [cloud for cloud in m.clouds if cloud[0] in numbers]
            outside = tuple(cloud for cloud in m.clouds if cloud[0] not in numbers)
            for sites in _placed(inside, numbers, each):
                yield Monomial(m.bosons, tuple(sorted((*m.sites, *sites))), outside), c

    return Operator(collect(written()), x.parts)


def _placed(clouds: Any, numbers: Mapping[str, int], each: int | None) -> Iterator[tuple[Any, ...]]:
    """Give the transitions of clouds on all choices of different emitters."""
    if not clouds:
        yield ()
        return
    (name, cloud), *rest = clouds
    marked = () if cloud.each is None else (((name, each), cloud.each),)
    free = [mu for mu in range(numbers[name]) if cloud.each is None or mu != each]
    for chosen in permutations(free, len(cloud.others)):
        here = tuple(((name, mu), ij) for mu, ij in zip(chosen, cloud.others, strict=True))
        for others in _placed(rest, numbers, each):
            yield (*marked, *here, *others)
