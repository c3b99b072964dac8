"""Noise with the correlators that H has on kets."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from sdeframe.derivation.noise.certificate import certificate
from sdeframe.derivation.noise.source import ONE, Source, Unmatched
from sdeframe.derivation.operators.coefficients import split_phase
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.polynomials import Poly, divided, square_root

__all__ = ["ket_noise"]


def ket_noise(g: Generator) -> list[Source]:
    """Return noises whose correlators are D: a real √D_ii of each variable, complex ones between variables.

    A complex noise dF of a variable goes with dF* of all that it correlates with, the one with most of them first: as
    few noises as there can be, and with them the least growth of weights.

    Raises
    ------
    ValueError
        If the certificate fails.
    """
    D = Unmatched(g)
    for i in range(len(g.keys)):
        if p := D.left(i, i):
            root = square_root(p)
            D.take(Source("W", {i: ONE}, root=p) if root is None else Source("W", {i: root}))
    while left := D.everything_left:
        i, partners = _most(left, len(g.keys))
        c = next(iter(D.left(i, partners[0]).values()))
        unit: Poly = {(): sp.sqrt(split_phase(c)[1])}
        D.take(Source("F", {i: unit}, {j: _over(D.left(i, j), unit) for j in partners}))
    wrong = certificate(g, D.sources)
    if wrong:
        (x, y), error = next(iter(wrong.items()))
        raise ValueError(f"no noise was found: <d{x} d{y}> − D dt = ({error}) dt; please report this H")
    return D.sources


def _most(left: Iterable[tuple[int, int]], size: int) -> tuple[int, list[int]]:
    """Return the variable that correlates with most others, the first one of equals, and these."""
    pairs = set(left)
    partners = [[j for j in range(size) if (min(i, j), max(i, j)) in pairs and i != j] for i in range(size)]
    i = max(range(size), key=lambda k: (len(partners[k]), -k))
    return i, partners[i]


def _over(p: Poly, unit: Poly) -> Poly:
    found = divided(p, unit)
    return p if found is None else {k: sp.expand(c) for k, c in found.items()}
