"""Products of operators in normal order: monomials with their multiplication table.

A monomial is data: powers a†^m aⁿ of modes, one transition σ_ij for each single emitter, and for identical emitters a
list of transitions that act on as many *different* emitters, summed over all of them. `each` marks one emitter of an
ensemble that is not summed over (a loss channel of its own).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, factorial
from typing import NamedTuple

from sdeframe.caches import cached

__all__ = ["IDENTITY", "Cloud", "Monomial", "Transition", "product"]

Transition = tuple[str, str]
"""Levels (i, j) of σ_ij = |i><j|."""


class Cloud(NamedTuple):
    """Transitions of identical emitters: on the marked one, if any, and on others, all different, summed over."""

    each: Transition | None
    others: tuple[Transition, ...]


class Monomial(NamedTuple):
    """A product of operators in normal order; every part is sorted."""

    bosons: tuple[tuple[str, int, int], ...] = ()
    """Mode, power of a†, power of a."""
    sites: tuple[tuple[tuple[str, int], Transition], ...] = ()
    """(Emitters, number), transition."""
    clouds: tuple[tuple[str, Cloud], ...] = ()
    """Identical emitters, transitions."""

    def dag(self) -> Monomial:
        """Return the Hermitian conjugate."""
        return Monomial(
            tuple((mode, n, m) for mode, m, n in self.bosons),
            tuple((site, ij[::-1]) for site, ij in self.sites),
            tuple((name, _conjugate(cloud)) for name, cloud in self.clouds),
        )


IDENTITY = Monomial()


def _conjugate(cloud: Cloud) -> Cloud:
    return Cloud(cloud.each and cloud.each[::-1], tuple(sorted(ij[::-1] for ij in cloud.others)))


@cached(50_000)
def product(x: Monomial, y: Monomial) -> tuple[tuple[Monomial, int], ...]:
    """Return xy in normal order, as monomials with their whole coefficients."""
    sites = _multiply_sites(x.sites, y.sites)
    if sites is None:
        return ()
    found: list[tuple[Monomial, int]] = [(Monomial((), sites, ()), 1)]
    left, right = ({mode: (m, n) for mode, m, n in side.bosons} for side in (x, y))
    for mode in sorted(left | right):
        powers = _normal_order(left.get(mode, (0, 0)), right.get(mode, (0, 0)))
        found = [
            (head._replace(bosons=(*head.bosons, *(((mode, m, n),) if m or n else ()))), c * k)
            for head, c in found
            for (m, n), k in powers
        ]
    clouds = dict(x.clouds), dict(y.clouds)
    for name in sorted(clouds[0] | clouds[1]):
        together = list(_multiply_clouds(*(side.get(name, Cloud(None, ())) for side in clouds)))
        found = [
            (head._replace(clouds=(*head.clouds, *(((name, cloud),) if cloud != (None, ()) else ()))), c)
            for head, c in found
            for cloud in together
        ]
    return tuple(found)


def _normal_order(x: tuple[int, int], y: tuple[int, int]) -> list[tuple[tuple[int, int], int]]:
    """Return a†^m aⁿ a†^p a^q = Σ_k k! C(n,k) C(p,k) a†^(m+p−k) a^(n+q−k)."""
    (m, n), (p, q) = x, y
    return [((m + p - k, n + q - k), factorial(k) * comb(n, k) * comb(p, k)) for k in range(min(n, p) + 1)]


def _multiply_sites(
    x: tuple[tuple[tuple[str, int], Transition], ...], y: tuple[tuple[tuple[str, int], Transition], ...]
) -> tuple[tuple[tuple[str, int], Transition], ...] | None:
    """Return the product of single emitters, None where σ_ij σ_kl = 0."""
    sites = dict(x)
    for site, kl in y:
        both = _on_one(sites[site], kl) if site in sites else kl
        if both is None:
            return None
        sites[site] = both
    return tuple(sorted(sites.items()))


def _multiply_clouds(x: Cloud, y: Cloud) -> Iterator[Cloud]:
    """Give Σ over which emitters of the two factors are the same ones: σ_ij σ_kl = δ_jk σ_il on them."""
    if x.each and y.each:
        each = _on_one(x.each, y.each)
        if each:
            yield from _pair(each, x.others, y.others, ())
    elif x.each or y.each:
        alone, others, free = (x.each, y.others, x.others) if x.each else (y.each, x.others, y.others)
        assert alone
        # the marked emitter is none of the other factor's, or one of them
        yield from _pair(alone, x.others, y.others, ())
        for k, met in enumerate(others):
            each = _on_one(alone, met) if x.each else _on_one(met, alone)
            if each:
                rest = others[:k] + others[k + 1 :]
                yield from _pair(each, *((free, rest) if x.each else (rest, free)), ())
    else:
        yield from _pair(None, x.others, y.others, ())


def _pair(
    each: Transition | None, x: tuple[Transition, ...], y: tuple[Transition, ...], done: tuple[Transition, ...]
) -> Iterator[Cloud]:
    if not x:
        yield Cloud(each, tuple(sorted(done + y)))
        return
    first, rest = x[0], x[1:]
    yield from _pair(each, rest, y, (*done, first))
    for k, met in enumerate(y):
        both = _on_one(first, met)
        if both:
            yield from _pair(each, rest, y[:k] + y[k + 1 :], (*done, both))


def _on_one(x: Transition, y: Transition) -> Transition | None:
    return (x[0], y[1]) if x[1] == y[0] else None
