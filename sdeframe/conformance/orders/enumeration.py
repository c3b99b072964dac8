"""Every state that one step can reach, with its probability, which leaves no sampling error."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.interfaces.increments import Law
from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.layout import ordered_noises
from sdeframe.symbolic.system import SDE

Table = NDArray[np.complex128]

SIGN: Final = ((-1.0, 1 / 2), (1.0, 1 / 2))


def _numbers(atoms: Sequence[Any]) -> tuple[Table, NDArray[np.float64]]:
    """Return the values (noises, outcomes) of independent variables given by atoms, and probabilities."""
    outcomes = list(itertools.product(*atoms))
    values = np.array([[value for value, _ in outcome] for outcome in outcomes], dtype=complex)
    return values.T.reshape(len(atoms), len(outcomes)), np.array([math.prod(p for _, p in o) for o in outcomes])


def outcomes(kinds: Sequence[bool], law: Law, signs: bool) -> tuple[Table, Table | None, NDArray[np.float64]]:
    """Return every path increment and sign of a step of length 1, shape (noises, outcomes), and probabilities.

    Parameters
    ----------
    kinds
        Whether each noise is real.
    law
        The increments; normal ones are replaced by four-point ones, with the same moments to the fifth.
    signs
        Whether there are signs.
    """
    path, chance = _numbers([law.real_atoms if real else law.complex_atoms for real in kinds])
    if not signs:
        return path, None, chance
    two = [((a + 1j * b) / np.sqrt(2), p * q) for (a, p), (b, q) in itertools.product(SIGN, SIGN)]
    sign, chance_of_sign = _numbers([SIGN if real else two for real in kinds])
    both = np.repeat(path, sign.shape[1], axis=1), np.tile(sign, path.shape[1])
    return *both, np.outer(chance, chance_of_sign).ravel()


def enumerated_step(
    integrator: Integrator, f: EagerSystem, x: ArrayLike, t: float = 0.0
) -> tuple[Table, NDArray[np.float64]]:
    """Return the states (variables, outcomes) that one step from the state x can reach, and their probabilities."""
    kinds = [bool(w.is_real) for w in ordered_noises(f.sde)]
    path, signs, chance = outcomes(kinds, integrator.increments, integrator.signs)
    root = np.sqrt(integrator.dt)
    dW = Increments(integrator.dt, root * path, None if signs is None else root * signs)
    columns = np.tile(np.asarray(x, dtype=complex)[:, None], path.shape[1])
    return integrator.step(f, columns, t, dW), chance


def in_its_calculus(integrator: type[Integrator] | Integrator, sde: SDE) -> SDE:
    """Return a system as a scheme reads it."""
    return sde.to_ito() if integrator.interpretation == "ito" else sde.to_stratonovich()
