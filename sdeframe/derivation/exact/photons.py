"""Exact photon statistics of small systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.exact.functionals import Functional
from sdeframe.derivation.exact.solver import averages
from sdeframe.derivation.exact.superoperators import Superoperators
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.starts.initial_values import named
from sdeframe.validators import shown

__all__ = ["exact_photon_distribution"]


@usual_arithmetic
def exact_photon_distribution(
    master: Master,
    mode: Any,
    initial: Mapping[Any, Any],
    times: ArrayLike,
    values: Mapping[Any, Any] | None = None,
    cutoffs: Mapping[Any, int] | None = None,
    tolerance: float = 1e-10,
) -> NDArray[np.float64]:
    """Return the exact probability of n = 0, 1, ... photons of a mode, <n|ρ|n>, from the master equation.

    Parameters
    ----------
    master, initial, times, values, cutoffs, tolerance
        As in `exact_means`.
    mode
        The mode, or its name.

    Returns
    -------
    array
        Of shape (T, n): as many number states as are kept, the last of which have the tolerance at most.

    Raises
    ------
    ValueError
        If the master equation has no such mode, or as `exact_means` does.
    """
    modes = [each.name for each in as_master(master).modes]
    name = next(iter(named({mode: None})))
    if name not in modes:
        raise ValueError(f"mode={shown(mode)}: the master equation has {', '.join(modes) or 'no mode'}")

    def populations(system: Superoperators) -> Sequence[Functional]:
        return [system.population(name, n) for n in range(system.cutoffs[name])]

    found, _ = averages(master, populations, initial, times, values, cutoffs, tolerance)
    return found.real.T
