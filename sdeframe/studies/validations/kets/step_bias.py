"""What the step does to averages of kets, found without sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.conformance.orders import enumerated_step, in_its_calculus
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.interfaces.gauge import gauged
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.kets import KetOperator, NumberBasis, Spinor
from sdeframe.interfaces.number_states import elements
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.symbolic.symbols import log_weight

Complexes = NDArray[np.complex128]

KETS: Final = 6
"""A number state, in which the state is expanded at every step."""
RIDGE: Final = 1e-12
EVEN: Final = 1e-9
"""Relative difference within which output times are multiples of the step."""


def step_bias(model: QuantumModel, integrator: Integrator, times: ArrayLike) -> dict[str, Complexes]:
    """Return by what a step moves averages of kets of one sector, over times: their limit of many kets − exact.

    A step takes a ket z to kets whose mean is M|z>, by all values that its increments can have. Kets z_i that cover the
    sector make of it a linear map of the sector, V -> Σ w_i M|z_i> with the coefficients of V = Σ w_i|z_i> of least
    norm: what a run does on average that expands its kets anew after every step. It depends somewhat on where kets
    are: for the runs of others it is a measure, not a correction.

    Parameters
    ----------
    model
        Of one sector, `Ket(sector=E)`, with observables.
    integrator
        With increments of few values, such as `W2S4` has.
    times
        Increasing, multiples of the step.

    Raises
    ------
    ValueError
        If the model has no sector, or a time is no multiple of the step.
    """
    at = np.asarray(times, dtype=float)
    steps = np.rint(at / integrator.dt).astype(int)
    if not isinstance(model.representation, Ket) or model.representation.sector is None:
        raise ValueError("model in step_bias: must be of one sector, Ket(sector=...)")
    if np.any(np.abs(steps * integrator.dt - at) > EVEN * np.maximum(at, integrator.dt)):
        raise ValueError(f"times in step_bias: must be multiples of dt={integrator.dt}")
    operators = {name: o for name, o in model.observables.items() if isinstance(o, KetOperator)}
    basis = next(iter(operators.values())).basis
    matrix, V = _step(model, integrator, basis), _start(model, basis)
    found = {name: np.empty(len(at), dtype=complex) for name in operators}
    for k, more in enumerate(np.diff(steps, prepend=0)):
        V = np.linalg.matrix_power(matrix, int(more)) @ V
        for name, operator in operators.items():
            found[name][k] = np.vdot(V, operator.matrix() @ V) / np.vdot(V, V)
    exact = model.exact(at)
    return {name: values - exact[name] for name, values in found.items()}


def _vectors(basis: NumberBasis, state: Mapping[Any, Complexes]) -> Complexes:
    """Return exp(C0)|z> in the sector, shape (kets, states)."""
    tables, norms = zip(*[elements(f, [state[x] for x in f.variables]) for f in basis.factors], strict=True)
    return np.exp(state[log_weight] + sum(norms))[:, np.newaxis] * basis.joined(tables)


def _start(model: QuantumModel, basis: NumberBasis) -> Complexes:
    initial = model.initial_state()
    return _vectors(basis, {x: np.array([complex(value)]) for x, value in initial.items()})[0]


def _step(model: QuantumModel, integrator: Integrator, basis: NumberBasis) -> Complexes:
    """Return what a step does to vectors of the sector on average, shape (states, states)."""
    system = in_its_calculus(integrator, gauged(Decoupled(model.log_norm), model.system()))
    f, cover = EagerSystem(system, model.parameters()), _cover(basis)
    z = np.array([cover[x] for x in system.state])
    at = _vectors(basis, cover)
    overlaps = at.T @ at.conj()
    overlaps += RIDGE * np.trace(overlaps).real * np.eye(basis.length)
    after = np.zeros_like(at)
    for k in range(z.shape[1]):
        outcomes, chance = enumerated_step(integrator, f, z[:, k])
        after[k] = chance @ _vectors(basis, dict(zip(system.state, outcomes, strict=True)))
    return np.asarray(after.T @ at.conj() @ np.linalg.inv(overlaps))


def _cover(basis: NumberBasis) -> dict[Any, Complexes]:
    """Return kets all over a sector, projected of norm 1: spinors anywhere, put on shell by modes where these can."""
    draw, count, E = np.random.default_rng(1), KETS * basis.length, basis.sector
    assert E is not None
    state: dict[Any, Complexes] = {}
    in_modes, in_spinors = np.zeros(count), np.zeros(count)
    for factor, q in zip(basis.factors, basis.weights, strict=True):
        z = draw.normal(size=(len(q), count)) + 1j * draw.normal(size=(len(q), count))
        if isinstance(factor, Spinor):
            z /= np.linalg.norm(z, axis=0)
            in_spinors += factor.size * (np.array(q) @ np.abs(z) ** 2)
        else:
            in_modes += np.abs(z[0]) ** 2
        state |= dict(zip(factor.variables, z, strict=True))
    scale = np.sqrt(np.where((in_spinors < E) & (in_modes > 0), (E - in_spinors) / np.maximum(in_modes, RIDGE), 1.0))
    modes = {factor.variables[0] for factor in basis.factors if not isinstance(factor, Spinor)}
    put = {x: z * scale if x in modes else z for x, z in state.items()}
    shell, _, _ = basis.on_shell(put, np.zeros(count, dtype=complex))
    norms = np.linalg.norm(_vectors(basis, {**shell, log_weight: np.zeros(count, dtype=complex)}), axis=1)
    return {**shell, log_weight: -np.log(norms) + 0j}
