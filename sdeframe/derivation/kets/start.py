"""Kets at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.kets.left_action import KetKey, spinor
from sdeframe.derivation.operators.coefficients import coefficient
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.starts.initial_values import part_states
from sdeframe.derivation.starts.states import Thermal
from sdeframe.symbolic.symbols import log_weight
from sdeframe.validators import shown

__all__ = ["ket_start"]

PURE: Final = 1e-10
"""What a density matrix may have beside its largest eigenvalue."""


@usual_arithmetic
def ket_start(master: Master, initial: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what every variable starts from, the log-weight too, which makes the norm of the ket 1.

    Parameters
    ----------
    master
        The system.
    initial
        For every mode a coherent state, for all emitters a level, normalised amplitudes, or the density matrix of a
        pure state.

    Raises
    ------
    TypeError, ValueError
        If a state is missing, does not fit, or is no such one.
    """
    values: dict[Any, Any] = {}
    weight = sp.S.Zero
    for names, state in part_states(master, initial).items():
        part = master.parts[names[0]]
        if isinstance(part, Emitters):
            for mu, rho in enumerate(state):  # type: ignore[arg-type]
                keys = spinor(part, mu if part.individual else None)
                values |= dict(zip((key.variable(master.parts) for key in keys), _amplitudes(part, rho), strict=True))
            continue
        if not isinstance(state, Thermal) or state.photons != 0:
            raise ValueError(f"initial state {shown(state)} of {part}: kets start from coherent states: give Coherent")
        values[KetKey(names[0]).variable(master.parts)] = state.amplitude
        weight -= coefficient(state.amplitude * sp.conjugate(state.amplitude)) / 2
    return {**values, log_weight: weight}


def _amplitudes(e: Emitters, rho: NDArray[np.complex128]) -> list[Any]:
    """Return the amplitudes of a pure state."""
    shares, vectors = np.linalg.eigh(rho)
    if shares[-1] < 1 - PURE:
        raise ValueError(
            f"the initial state of {e} is a mixture, with the largest eigenvalue {shares[-1]:.6g}: kets start from "
            f"pure states: give a level or amplitudes"
        )
    psi = vectors[:, -1]
    psi = psi / (phase := psi[np.argmax(np.abs(psi))]) * abs(phase)
    return [coefficient(x.real) + sp.I * coefficient(x.imag) for x in psi]
