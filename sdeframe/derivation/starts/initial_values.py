"""What the variables of a system start from, for a product state of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.operators.coefficients import coefficient
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.operators.modes import Boson, Mode
from sdeframe.derivation.phase_space.representations import Representation, as_representation
from sdeframe.derivation.starts.density_matrix import density_matrix, filled
from sdeframe.derivation.starts.states import JointState, ModeState
from sdeframe.symbolic.symbols import RandomSymbol, random_uniform
from sdeframe.validators import shown

__all__ = ["initial_values", "named"]

Matrices = list[NDArray[np.complex128]]


def named(initial: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a mapping whose keys are modes, emitters or their names, or several of them, by name.

    Raises
    ------
    TypeError
        If it is no mapping, or a key is something else.
    """
    if not isinstance(initial, Mapping):
        raise TypeError(f"{shown(initial)}: give one for each mode and for all emitters, such as {{a: Coherent(1)}}")
    return {_name(key): state for key, state in initial.items()}


def _name(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(_name, key))
    if isinstance(key, Boson):
        return key.mode.name
    if isinstance(key, (Mode, Emitters)):
        return key.name
    if not isinstance(key, str):
        raise TypeError(f"{shown(key)} names no part of the system: give a mode, emitters, or the name of one of them")
    return key


def part_states(master: Master, initial: Mapping[Any, Any]) -> dict[tuple[str, ...], ModeState | JointState | Matrices]:
    """Return the state of every mode, and the density matrices of every kind of emitters: one, or one of each.

    Parameters
    ----------
    master
        The system.
    initial
        For every mode, or its name, a `ModeState`; for several modes together, as a tuple, a `JointState`. For every
        kind of emitters a level, or amplitudes or the density matrix of one emitter, in the order of the levels; if
        they have variables of their own also a list of one for each.

    Returns
    -------
    dict
        Names of parts -> their state.

    Raises
    ------
    TypeError, ValueError
        If a state is missing or does not fit its part, or is not a product of states of single emitters.
    """
    given = {key if isinstance(key, tuple) else (key,): state for key, state in named(initial).items()}
    owners = [name for names in given for name in names]
    for name in owners:
        if name not in master.parts:
            raise ValueError(f"initial state of {name}: the system has only {', '.join(master.parts)}")
        if owners.count(name) > 1:
            raise ValueError(f"{master.parts[name]} has several initial states: give one")
    for name, part in master.parts.items():
        if name not in owners:
            raise ValueError(f"{part} has no initial state: give one, such as Coherent(0) or a level")
    order = {name: k for k, name in enumerate(master.parts)}
    return {
        names: _state([master.parts[name] for name in names], given[names])
        for names in sorted(given, key=lambda names: [order[name] for name in names])
    }


def _state(parts: list[Any], state: Any) -> ModeState | JointState | Matrices:
    modes = [part for part in parts if isinstance(part, Mode)]
    if len(parts) == 1 and not modes:
        return _emitter_states(parts[0], state)
    what = " and ".join(map(str, parts))
    if len(modes) < len(parts):
        raise ValueError(f"initial state of {what}: only modes have a joint one; give every kind of emitters its own")
    if isinstance(state, JointState):
        if state.modes != len(modes):
            raise ValueError(
                f"initial state {shown(state)} of {what}: it is one of {state.modes} modes; name them, as in "
                f"{{(a, b): TwoModeSqueezed(1.0)}}"
            )
    elif len(modes) > 1:
        raise TypeError(
            f"initial state {shown(state)} of {what}: give TwoModeSqueezed or Gaussian, or a state for each of them"
        )
    elif not isinstance(state, ModeState):
        raise TypeError(f"initial state {shown(state)} of {what}: give Coherent, Thermal, Squeezed, Gaussian, Cat, "
                        f"Fock or DensityMatrix")  # fmt: skip
    return state


def _emitter_states(e: Emitters, state: Any) -> Matrices:
    if isinstance(state, str):
        return [_level(e, state)] * (len(e.numbers) if e.individual else 1)
    one_each = isinstance(state, (list, tuple)) and all(isinstance(s, (str, np.ndarray)) for s in state)
    if not one_each:
        return [_one_emitter(e, state)] * (len(e.numbers) if e.individual else 1)
    if not e.individual:
        raise ValueError(f"{e} are identical: give one state for all, or declare them with individual=True")
    if len(state) != len(e.numbers):
        raise ValueError(f"{len(state)} initial states for {len(e.numbers)} of {e}: give one each")
    return [_level(e, s) if isinstance(s, str) else _one_emitter(e, s) for s in state]


def _level(e: Emitters, level: str) -> NDArray[np.complex128]:
    if level not in e.levels:
        raise ValueError(f"{e} have no level {level!r}: give one of {', '.join(e.levels)}")
    return np.diag([complex(name == level) for name in e.levels])


def _one_emitter(e: Emitters, state: Any) -> NDArray[np.complex128]:
    state = filled(state)
    size, shape = len(e.levels), np.shape(state)
    if len(shape) == 2 and shape[0] == shape[1] and shape[0] > size and _is_power(shape[0], size):
        raise ValueError(
            f"the state of {e} is a joint one of several emitters, of shape {shape}: an entangled state has no start "
            f"in phase space here; give a product state, one {size} x {size} matrix or level for each emitter"
        )
    if shape == (size,):
        state = np.outer(state, np.conj(state))
    return density_matrix(state, str(e), size)


def _is_power(number: int, base: int) -> bool:
    while number % base == 0:
        number //= base
    return number == 1


@usual_arithmetic
def initial_values(master: Master, representation: Representation, initial: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what every variable starts from: expressions in parameters and random symbols.

    Emitters with η-numbers (A36) start from ρ^μ η^μ, η = 2e^{iθ} with the density (1 + cos θ)/2π of θ: <η> = 1 and
    <η^m> = 0 for m > 1.

    Parameters
    ----------
    master
        The system.
    representation
        The representation; one that is not doubled gives α only, not α†.
    initial
        As in `exact_means`.

    Raises
    ------
    TypeError, ValueError
        If a state is missing or does not fit, is entangled, or has no positive distribution in the representation.
    """
    values: dict[Any, Any] = {}
    master, representation = as_master(master), as_representation(representation)
    taken: set[str] = set()
    for names, state in part_states(master, initial).items():
        name, part = names[0], master.parts[names[0]]
        if isinstance(state, (ModeState, JointState)):
            for mode, both in zip(names, _drawn(state, representation, "_".join(names), taken), strict=True):
                pairs = zip(master.parts[mode].variables, both, strict=True)
                values |= dict(pairs if representation.doubled else [next(pairs)])
            continue
        for mu, rho in enumerate(state):
            eta = _eta(f"{name}_{mu}") if representation.eta else sp.S.One
            for (i, p), (j, q) in ((x, y) for x in enumerate(part.levels) for y in enumerate(part.levels)):
                element = coefficient(rho[i, j].real) + sp.I * coefficient(rho[i, j].imag)
                values[part.variable(p, q, mu=mu if part.individual else None)] = eta * element
    return values


def _drawn(
    state: ModeState | JointState, representation: Representation, name: str, taken: set[str]
) -> list[tuple[Any, Any]]:
    """Return α and α† of every mode of a state, with random symbols whose names are not taken, and take them.

    Names of different modes may run into each other: the numbers of a are a_0, a_1, ..., and there may be a mode a_0.
    """
    found = state.sampled(representation, name)
    pairs = found if isinstance(found, list) else [found]
    names = {s.name for pair in pairs for x in pair for s in sp.sympify(x).free_symbols if isinstance(s, RandomSymbol)}
    if names & taken:
        return _drawn(state, representation, f"{name}_", taken)
    taken |= names
    return pairs


def _eta(name: str) -> Any:
    """Return 2s e^{iθ} with θ uniform and s = 1 with probability (1 + cos θ)/2, else −1."""
    u, v = random_uniform(f"u_{name} v_{name}")
    theta = 2 * sp.pi * u
    return 2 * sp.exp(sp.I * theta) * sp.Piecewise((1, 2 * v < 1 + sp.cos(theta)), (-1, True))
