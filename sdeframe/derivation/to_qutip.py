"""A master equation as QuTiP writes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.derivation.exact.elements import LARGEST
from sdeframe.derivation.operators.coefficients import given
from sdeframe.derivation.operators.counted import counted
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.modes import Mode
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.starts.initial_values import named, part_states
from sdeframe.derivation.starts.states import JointState, ModeState
from sdeframe.symbolic.symbols import time
from sdeframe.time_dependence.tables import compilable
from sdeframe.validators import positive_count

__all__ = ["to_qutip"]

Matrix = NDArray[np.complex128]


def to_qutip(
    master: Master,
    operators: Mapping[str, Operator],
    initial: Mapping[Any, Any],
    values: Mapping[Any, Any],
    cutoffs: Mapping[Any, int],
) -> dict[str, Any]:
    """Return what `qutip.mesolve` takes by name: H, rho0, c_ops and e_ops.

    Parts stand in the order of `Master.parts`: modes first, identical emitters one by one, levels as declared.

    Parameters
    ----------
    master, operators, initial, values
        As in `exact_means`.
    cutoffs
        Number of number states kept of every mode.

    Raises
    ------
    ImportError
        If QuTiP is not installed.
    ValueError
        If a mode has no cutoff, or the matrices are too large.
    """
    spaces = _Spaces(master, values, cutoffs)
    H, channels = master.counted(spaces.numbers)
    return {
        "H": spaces.operator(H),
        "rho0": spaces.state(initial),
        "c_ops": [spaces.jump(rate, L) for rate, L in channels],
        "e_ops": {name: spaces.operator(counted(x, master.numbers | spaces.numbers)) for name, x in operators.items()},
    }


class _Spaces:
    """The parts of a system with their numbers of states."""

    def __init__(self, master: Master, values: Mapping[Any, Any], cutoffs: Mapping[Any, int]) -> None:
        try:
            import qutip
        except ImportError:
            raise ImportError("to_qutip needs QuTiP: pip install 'sdeframe[qutip]'") from None
        self._qutip, self.master, self.values = qutip, master, values
        known = named(cutoffs)
        self.numbers = {e.name: int(given(e.size, values)) for e in master.emitters if not e.individual}
        self.sizes: dict[Any, int] = {}
        for name, part in master.parts.items():
            if isinstance(part, Mode):
                if name not in known:
                    raise ValueError(f"cutoffs={{...}}: {part} has none; give one, such as cutoffs={{{name!r}: 20}}")
                self.sizes[name] = positive_count(f"cutoff of {name}", known[name])
            else:
                self.sizes |= {(name, mu): len(part.levels) for mu in range(self._count(part))}
        if np.prod([float(size) for size in self.sizes.values()]) ** 2 > LARGEST:
            raise ValueError(f"cutoffs={known}: more than {LARGEST:,} elements of the density matrix; give lower ones")

    def _count(self, e: Emitters) -> int:
        return self.numbers.get(e.name, 0) or len(e.numbers)

    def operator(self, operator: Operator) -> Any:
        """Return an operator: a matrix, or with functions of time before matrices where coefficients depend on it."""
        fixed, moving = self._qutip.qzero(list(self.sizes.values())), []
        for m, c in operator.terms.items():
            value = given(c, self.values)
            if value.has(time):
                moving.append([self._product(m), _function(value)])
            else:
                fixed = fixed + complex(value) * self._product(m)
        return self._qutip.QobjEvo([fixed, *moving]) if moving else fixed

    def jump(self, rate: Any, L: Operator) -> Any:
        """Return √rate L."""
        root = sp.sqrt(given(rate, self.values))
        return self.operator(L.map(lambda c: c * root))

    def state(self, initial: Mapping[Any, Any]) -> Any:
        """Return the density matrix at the start."""
        matrices: dict[Any, Matrix] = {}
        for names, state in part_states(self.master, initial).items():
            name = names[0]
            if isinstance(state, JointState):
                raise ValueError(f"{state} of {', '.join(names)}: to_qutip knows product states only")
            if isinstance(state, ModeState):
                matrices[name] = state.matrix(self.sizes[name], self.values)
            else:
                count = self._count(self.master.parts[name])
                matrices |= {(name, mu): rho for mu, rho in enumerate(state if len(state) == count else state * count)}
        return self._qutip.tensor([self._qutip.Qobj(matrices[key]) for key in self.sizes])

    def _product(self, m: Monomial) -> Any:
        found = {key: self._qutip.qeye(size) for key, size in self.sizes.items()}
        for mode, created, annihilated in m.bosons:
            a = self._qutip.destroy(self.sizes[mode])
            found[mode] = reduce(lambda x, y: x * y, [a.dag()] * created + [a] * annihilated)
        for (name, mu), (i, j) in m.sites:
            levels = self.master.parts[name].levels
            ket, bra = (self._qutip.basis(len(levels), levels.index(level)) for level in (i, j))
            found[name, mu] = ket * bra.dag()
        return self._qutip.tensor([found[key] for key in self.sizes])


def _function(value: sp.Expr) -> Any:
    """Return an expression in the time as a function."""
    compiled = sp.lambdify(time, compilable(value), "numpy")
    return lambda t: complex(compiled(t))
