"""Kets projected on one number of quanta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.kets.number_states import between_kets
from sdeframe.derivation.operators.coefficients import given
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.operators import Operator
from sdeframe.interfaces.kets import NumberBasis, Spinor
from sdeframe.interfaces.number_states import elements
from sdeframe.symbolic.symbols import log_weight

__all__ = ["sector_means", "sector_start", "shares"]

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]


@usual_arithmetic
def shares(basis: NumberBasis, start: Mapping[Any, Any], values: Mapping[Any, Any]) -> Reals:
    """Return the probability of every number of quanta, up to the largest one of a basis, in a normalised ket.

    Parameters
    ----------
    basis
        Its number states, of which only factors and weights count.
    start
        The value of every variable.
    values
        Of parameters.
    """
    from scipy.stats import poisson

    assert basis.totals is not None
    most = basis.totals[1]
    found: Reals = np.ones(1)
    for factor, weights in zip(basis.factors, basis.weights, strict=True):
        squares = np.array([abs(_number(start[x], values)) ** 2 for x in factor.variables])
        if isinstance(factor, Spinor):
            one: Reals = np.zeros(max(weights) + 1)
            np.add.at(one, list(weights), squares / squares.sum())
            of_factor = _power(one, factor.size, most)
        else:
            of_factor = poisson.pmf(np.arange(most + 1), squares[0])
        found = np.convolve(found, of_factor)[: most + 1]
    return found


def _number(value: Any, values: Mapping[Any, Any]) -> complex:
    return complex(given(sp.sympify(value), values))


def _power(one: Reals, size: int, most: int) -> Reals:
    """Return the distribution of the sum of so many equal ones."""
    found: Reals = np.ones(1)
    while size:
        if size % 2:
            found = np.convolve(found, one)[: most + 1]
        one, size = np.convolve(one, one)[: most + 1], size // 2
    return found


def sector_start(basis: NumberBasis, start: Mapping[Any, Any], values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what every variable starts from in one number of quanta: on shell, and projected of norm 1.

    Parameters
    ----------
    basis
        The number states of the sector.
    start
        The start before, in parameters.
    values
        Of parameters.

    Raises
    ------
    ValueError
        If the start holds nothing of it.
    """
    state, weight = _projected(basis, start, values)
    numbers = {x: complex(z[0]) for x, z in {**state, log_weight: weight}.items()}
    return {x: sp.Float(z.real) + sp.I * sp.Float(z.imag) if z.imag else sp.Float(z.real) for x, z in numbers.items()}


@usual_arithmetic
def _projected(
    basis: NumberBasis, start: Mapping[Any, Any], values: Mapping[Any, Any]
) -> tuple[dict[Any, Complexes], Complexes]:
    given_state = {x: np.array([_number(z, values)]) for x, z in start.items() if x != log_weight}
    state, _, valid = basis.on_shell(given_state, np.zeros(1, dtype=complex))
    if not valid[0]:
        raise ValueError(
            f"sector={basis.sector} in Ket: the start holds no state with so many quanta; sector_weights of the model "
            f"with Ket() tells which it holds"
        )
    found, log_norm = _vector(basis, state)
    return state, -np.log(np.linalg.norm(found)) - log_norm + 0j


def _vector(basis: NumberBasis, state: Mapping[Any, Complexes]) -> tuple[Complexes, Any]:
    """Return the elements of one ket in the basis, shape (states,), and the logarithm of what its norm was before."""
    tables, norms = zip(*[elements(f, [state[x] for x in f.variables]) for f in basis.factors], strict=True)
    return basis.joined(tables)[0], sum(norms)


@usual_arithmetic
def sector_means(
    master: Master,
    basis: NumberBasis,
    operators: Mapping[str, Operator],
    start: Mapping[Any, Any],
    times: Reals,
    values: Mapping[Any, Any],
) -> dict[str, Complexes]:
    """Return exact averages in one number of quanta, complex of shape (T,).

    Parameters
    ----------
    master
        The system.
    basis
        The number states of the sector.
    operators
        By name.
    start
        The start before it is projected.
    times
        Increasing times from 0 on.
    values
        Of parameters.
    """
    from scipy.sparse.linalg import expm_multiply

    H = between_kets(master, basis, master.H, values).matrix()
    matrices = {name: between_kets(master, basis, operator, values).matrix() for name, operator in operators.items()}
    found = {name: np.empty(len(times), dtype=complex) for name in matrices}
    state, _ = _projected(basis, start, values)
    V, now = _vector(basis, state)[0], 0.0
    V = V / np.linalg.norm(V)
    for k, then in enumerate(times.tolist()):
        V, now = expm_multiply(-1j * (then - now) * H, V), then
        for name, matrix in matrices.items():
            found[name][k] = np.vdot(V, matrix @ V)
    return found
