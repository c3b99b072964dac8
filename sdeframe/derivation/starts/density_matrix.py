"""What makes a matrix one of a quantum state."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.validators import shown

__all__ = ["Qobj", "density_matrix", "filled"]


@runtime_checkable
class Qobj(Protocol):
    """What QuTiP calls a quantum object, known by what it can do."""

    def full(self) -> NDArray[Any]:
        """Return its elements."""


def filled(state: Any) -> Any:
    """Return the elements of a state of QuTiP, of a ket |ψ> those of |ψ><ψ|; anything else as it is."""
    if not isinstance(state, Qobj):
        return state
    elements = np.asarray(state.full())
    return elements @ elements.conj().T if elements.shape[1] == 1 else elements


def density_matrix(rho: ArrayLike | Qobj, what: str, size: int | None = None) -> NDArray[np.complex128]:
    """Return a matrix that is one of a quantum state.

    Raises
    ------
    ValueError
        If it is not: not square of this size, not Hermitian, not positive, not of trace 1.
    """
    try:
        matrix = np.asarray(filled(rho), dtype=complex)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{what}: the state is {shown(rho)}; give a square matrix of numbers") from None
    n = matrix.shape[0] if matrix.ndim == 2 else 0
    if n == 0 or matrix.shape != (n, n) or (size is not None and n != size):
        wanted = "a square matrix" if size is None else f"a {size} x {size} matrix"
        raise ValueError(f"{what}: the state has the shape {matrix.shape}; give {wanted}")
    off = np.abs(matrix - matrix.conj().T).max()
    if not off <= 1e-10:
        raise ValueError(f"{what}: the state differs from its Hermitian conjugate by {off:.2g}; give (ρ + ρ†)/2")
    lowest, trace = np.linalg.eigvalsh(matrix)[0], np.trace(matrix).real
    if not (lowest >= -1e-10 and abs(trace - 1) <= 1e-10):
        raise ValueError(
            f"{what}: the state has trace {trace:.6g} and lowest eigenvalue {lowest:.2g}; a density matrix has trace 1 "
            f"and none below 0"
        )
    return matrix
