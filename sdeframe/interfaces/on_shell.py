"""Kets that are the same in one number of quanta, at the point whose mean number it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.kets import NumberBasis, Spinor

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]

FARTHEST: Final = 300.0
"""Of ln x."""
MOST: Final = 200
"""Steps of Newton's method, or halvings."""
CLOSE: Final = 1e-13
"""Relative error of the mean number."""


def on_shell(
    basis: NumberBasis, state: Mapping[Any, Complexes], log_weight: Complexes
) -> tuple[dict[Any, Complexes], Complexes, NDArray[np.bool_]]:
    """Return weighted kets on shell, and which there are; see `NumberBasis.on_shell`."""
    values = [np.array([state[x] for x in factor.variables]) for factor in basis.factors]
    sizes = [factor.size if isinstance(factor, Spinor) else 0 for factor in basis.factors]
    weight, valid, E = np.array(log_weight), np.ones(len(log_weight), dtype=bool), basis.sector
    if E is not None:
        q = [np.array(counts)[:, np.newaxis] for counts in basis.weights]
        least, most = _reach(values, q, sizes)
        finite = np.all(np.isfinite(np.concatenate(values)), axis=0)
        valid = finite & (least <= E) & (most >= E)
        inside = finite & (least < E) & (most > E)
        u = _solved(values, q, sizes, float(E), inside)
        limit = np.where(inside | ~valid, 0.0, np.where(least == E, -1.0, 1.0))
        values = [_limit(z * np.exp(k * u), k, N, limit) for z, k, N in zip(values, q, sizes, strict=True)]
        weight -= E * u
    found: dict[Any, Complexes] = {}
    for factor, z, N in zip(basis.factors, values, sizes, strict=True):
        length = np.sqrt(np.sum(np.abs(z) ** 2, axis=0)) if N else np.ones(len(weight))
        length = np.where(valid, length, 1.0)
        weight += N * np.log(length)
        found |= dict(zip(factor.variables, z / length, strict=True))
    return found, weight, valid


def _reach(values: list[Complexes], q: list[Any], sizes: list[int]) -> tuple[Reals, Reals]:
    """Return the smallest and the largest number of quanta of every ket."""
    least = most = np.zeros(values[0].shape[1])
    for z, k, N in zip(values, q, sizes, strict=True):
        there = z != 0
        if N:
            least = least + N * np.where(there, k, np.inf).min(axis=0)
            most = most + N * np.where(there, k, -np.inf).max(axis=0)
        else:
            most = most + np.where(there & (k > 0), np.inf, 0.0).sum(axis=0)
    return least, most


def _mean(values: list[Complexes], q: list[Any], sizes: list[int], u: Reals) -> tuple[Reals, Reals]:
    """Return <n> of kets whose variables are multiplied by exp(q u), and its derivative in u."""
    mean, slope = np.zeros(u.shape), np.zeros(u.shape)
    for z, k, N in zip(values, q, sizes, strict=True):
        with np.errstate(divide="ignore"):
            logs = 2 * np.log(np.abs(z)) + 2 * k * u
        if N:
            share = np.exp(logs - logs.max(axis=0))
            share /= share.sum(axis=0)
            first = np.sum(k * share, axis=0)
            mean += N * first
            slope += 2 * N * np.sum((k - first) ** 2 * share, axis=0)
        else:
            share = np.exp(logs)
            mean += np.sum(k * share, axis=0)
            slope += 2 * np.sum(k * k * share, axis=0)
    return mean, slope


def _solved(values: list[Complexes], q: list[Any], sizes: list[int], E: float, inside: NDArray[np.bool_]) -> Reals:
    """Return u = ln x with <n> = E, by Newton's method for ln<n>, halving where it leaves; 0 for kets without one."""
    u = np.zeros(inside.shape)
    kets = np.flatnonzero(inside)
    below, above = np.full(kets.shape, -FARTHEST), np.full(kets.shape, FARTHEST)
    for _ in range(MOST):
        if not kets.size:
            break
        here = u[kets]
        mean, slope = _mean([z[:, kets] for z in values], q, sizes, here)
        below, above = np.where(mean <= E, here, below), np.where(mean >= E, here, above)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            there = here + np.log(E / mean) * mean / slope
        there = np.where((there > below) & (there < above), there, (below + above) / 2)
        done = np.abs(mean - E) <= CLOSE * E
        u[kets] = np.where(done, here, there)
        kets, below, above = kets[~done], below[~done], above[~done]
    return u


def _limit(z: Complexes, k: Any, N: int, side: Reals) -> Complexes:
    """Return a factor at x -> 0 where the side is -1, at x -> ∞ where it is +1: only what is left beside the rest."""
    if not N:
        return np.where((side < 0) & (k > 0), 0.0, z)
    there = z != 0
    lowest, highest = np.where(there, k, np.inf).min(axis=0), np.where(there, k, -np.inf).max(axis=0)
    gone = ((side < 0) & (k > lowest)) | ((side > 0) & (k < highest))
    return np.where(gone, 0.0, z)
