"""The state that a density matrix goes to."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["steady_state"]

Vector = NDArray[np.complex128]

LARGEST: Final = 20_000
"""Elements of a density matrix whose equation is solved at once."""
RATE: Final = 1e-6
"""The inverse of the time that is averaged over, relative to the norm of the matrix."""
STEADY: Final = 1e-11
"""Relative change of the state below which it is the steady one."""
MOST: Final = 100


def steady_state(matrix: Any, start: Vector, trace: Vector) -> Vector:
    """Return where dρ/dt = Mρ goes to, in the mean over ever longer times.

    (1 − M/σ)⁻¹ρ = ∫₀^∞ σ e^(−σt) ρ(t) dt is a mean over times of order 1/σ; its means are taken until none changes.

    Parameters
    ----------
    matrix
        M, sparse.
    start
        The elements at the start.
    trace
        The functional Tr on them.

    Raises
    ------
    ValueError
        If there are too many elements, or the state keeps changing.
    """
    from scipy import sparse
    from scipy.sparse.linalg import splu

    way_out = "give a late start, such as start=50.0"
    if len(start) > LARGEST:
        raise ValueError(
            f"start='steady': the density matrix has {len(start):,} elements, {LARGEST:,} can be solved for: {way_out}"
        )
    rate = RATE * abs(matrix).sum(axis=0).max()
    if rate == 0:
        return start
    mean = splu((sparse.eye_array(len(start)) - matrix / rate).tocsc()).solve
    state = start
    for _ in range(MOST):
        before, state = state, mean(state)
        state = state / (trace @ state)
        if np.abs(state - before).sum() <= STEADY * np.abs(state).sum():
            return state
    raise ValueError(f"start='steady': no steady state is found, as some of it changes very slowly: {way_out}")
