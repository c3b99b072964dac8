"""Initial random numbers of tied trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.compiled.random_numbers import SHIFT_INITIAL, call
from sdeframe.sampling.plan import Plan

Words = NDArray[np.uint64]
Reals = NDArray[np.float64]

BITS: Final = 52
"""Bits of a number, the most with which (point + 1/2)/2^BITS is not rounded."""


def initial_numbers(plan: Plan, uniform: Sequence[bool], ids: Words, k0: np.uint64, k1: np.uint64) -> list[Reals]:
    """Return the initial numbers of trajectories, uniform on (0, 1) or standard normal, one array a number.

    They are points of a Sobol' sequence under a random shift of each replicate. Bit 0 of a trajectory's index decides
    the signs of increments alone; the next one, or bit 0 where there are no increments, those of all normal numbers, if
    there are any, and nothing else; the point is that of the other bits.

    Parameters
    ----------
    plan
        How trajectories are tied.
    uniform
        Which numbers are uniform.
    ids
        Trajectory numbers, of any shape.
    k0, k1
        The key of the run.
    """
    from scipy.special import ndtri

    replicates, index = ids >> np.uint64(plan.exponent), ids & np.uint64((1 << plan.exponent) - 1)
    shared, mirrored = int(plan.draws.factors > 0), int(not all(uniform))
    negative = (index >> np.uint64(shared) & np.uint64(1)) == 1
    points = sobol_points(plan.exponent - shared - mirrored, len(uniform))[:, index >> np.uint64(shared + mirrored)]
    found: list[Reals] = []
    for k, flat in enumerate(uniform):
        shift = _words(replicates, k, SHIFT_INITIAL, k0, k1) >> np.uint64(64 - BITS)
        u = ((points[k] ^ shift).astype(float) + 0.5) * 2.0**-BITS
        found.append(u if flat else np.where(negative, -1.0, 1.0) * ndtri(u))
    return found


@cached(8)
def sobol_points(exponent: int, dimensions: int) -> Words:
    """Return the first 2^exponent points of the Sobol' sequence, integers of `BITS` bits, by dimension.

    Source: Joe and Kuo, SIAM J. Sci. Comput. 30, 2635 (2008), by scipy.

    Raises
    ------
    ValueError
        If there are more dimensions than it has.
    """
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, scramble=False, bits=BITS).random_base2(exponent)
    return np.ascontiguousarray(np.ldexp(points, BITS).astype(np.uint64).T)


@njit(error_model="numpy")
def _words(trajectories: Any, channel: int, purpose: int, k0: np.uint64, k1: np.uint64) -> Any:
    """Return the first random word of each address."""
    found = np.empty(trajectories.shape, dtype=np.uint64)
    for place, trajectory in np.ndenumerate(trajectories):
        found[place], _ = call(trajectory, 0, channel, purpose, 0, k0, k1)
    return found
