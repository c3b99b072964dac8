"""Initial random numbers of tied trajectories."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.compiled.random_numbers import PAIR_INITIAL, SHIFT_INITIAL, call
from sdeframe.sampling.plan import Plan

Words = NDArray[np.uint64]

BITS: Final = 51
"""Bits of a modulus: any more would be rounded away in (1 + z)/2."""
CODED: Final = 5
"""Leading bits of the modulus that have codes beside increments; the others are the same for i and i ^ 1 alone."""


def signed_numbers(plan: Plan, ids: Words, k0: np.uint64, k1: np.uint64) -> list[NDArray[np.float64]]:
    """Return random numbers, uniform on (−1, 1), whose signs i and i ^ 1 have opposite; one array a number.

    Parameters
    ----------
    plan
        How trajectories are tied.
    ids
        Trajectory numbers, of any shape.
    k0, k1
        The key of the run.
    """
    replicates, index = ids >> np.uint64(plan.exponent), ids & np.uint64((1 << plan.exponent) - 1)
    made = _coded if plan.draws.factors else _of_sequence
    found = []
    for k in range(plan.draws.numbers):
        shift = _words(replicates, k, SHIFT_INITIAL, k0, k1)
        negative, modulus = made(plan, k, ids, index, shift, k0, k1)
        z = (modulus.astype(float) + 0.5) * 2.0**-BITS
        found.append(np.where(negative, -z, z))
    return found


def _coded(
    plan: Plan, k: int, ids: Words, index: Words, shift: Words, k0: np.uint64, k1: np.uint64
) -> tuple[Any, Words]:
    """Return sign and modulus where there are increments too: the leading bits by codes beside theirs."""
    codes = enumerate(plan.numbers[k].astype(np.uint64))
    sign, *leading = ((np.bitwise_count(index & c) ^ shift >> np.uint64(j)) & np.uint64(1) for j, c in codes)
    low = _words(ids >> np.uint64(1), k, PAIR_INITIAL, k0, k1) >> np.uint64(64 - BITS + CODED)
    for j, bit in enumerate(leading):
        low |= bit << np.uint64(BITS - 1 - j)
    return sign.astype(bool), low


def _of_sequence(
    plan: Plan, k: int, ids: Words, index: Words, shift: Words, k0: np.uint64, k1: np.uint64
) -> tuple[Any, Words]:
    """Return sign and modulus where nothing else is random: points of a Sobol' sequence, shifted, and their mirrors."""
    point = sobol_points(plan.exponent - 1, plan.draws.numbers)[k][index >> np.uint64(1)] ^ shift >> np.uint64(
        63 - BITS
    )
    mirror = index & np.uint64(1)
    sign = point >> np.uint64(BITS) ^ mirror
    inside = np.uint64((1 << BITS) - 1)
    # u = (1 + z)/2 rises with the point: where it is in the lower half, z is negative and small points are far out
    return sign == 0, np.where(point >> np.uint64(BITS) == 1, point, ~point) & inside


@cached(8)
def sobol_points(exponent: int, dimensions: int) -> Words:
    """Return the first 2^exponent points of the Sobol' sequence, integers of 1 + `BITS` bits, by dimension.

    Source: Joe and Kuo, SIAM J. Sci. Comput. 30, 2635 (2008), by scipy.

    Raises
    ------
    ValueError
        If there are more dimensions than it has.
    """
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, scramble=False, bits=1 + BITS).random_base2(exponent)
    return np.ascontiguousarray(np.ldexp(points, 1 + BITS).astype(np.uint64).T)


@njit(error_model="numpy")
def _words(trajectories: Any, channel: int, purpose: int, k0: np.uint64, k1: np.uint64) -> Any:
    """Return the first random word of each address."""
    found = np.empty(trajectories.shape, dtype=np.uint64)
    for place, trajectory in np.ndenumerate(trajectories):
        found[place], _ = call(trajectory, 0, channel, purpose, 0, k0, k1)
    return found
