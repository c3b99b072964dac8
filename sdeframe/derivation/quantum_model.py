"""A model of one's own from operators, without a class of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Number
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe.derivation.derived_model import DerivedModel
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.derivation.phase_space.representations import Representation, as_representation
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.starts.states import mode_state
from sdeframe.symbolic.symbols import PARTS, Parameter, parts_of
from sdeframe.validators import is_finite, shown

__all__ = ["QuantumModel"]

FEW: Final = 4
"""Modes and emitters that a title names."""


def _start(given: Any) -> dict[Any, Any]:
    """Return states, a number being the amplitude of a coherent one."""
    if not isinstance(given, Mapping):
        raise TypeError(
            f"start={shown(given)} in QuantumModel: give one for each mode and all emitters, like {{a: 1.5}}"
        )
    return {k: mode_state(v) if isinstance(v, (Number, sp.Expr)) else v for k, v in given.items()}


def _representation(given: Any) -> Representation | Ket:
    return given if isinstance(given, Ket) else as_representation(given)


def _operators(given: Any) -> dict[str, Operator]:
    if not isinstance(given, Mapping) or not given:
        raise TypeError(f'observables={shown(given)} in QuantumModel: must be like {{"n": a.dag() * a}}')
    return {name: as_operator(operator) for name, operator in given.items()}


@attrs.frozen(eq=False)
class QuantumModel(DerivedModel):
    """A master equation in a representation, with a start, values of parameters, and operators to average.

    ``QuantumModel(master, PositiveP(), start={a: 1.5}, parameters={"kappa": 0.3}, observables={"n": a.dag() * a})`` has
    `system()`, random `initial_state()`, `observables` as expressions in the variables of the representation, `poles`
    and `exact(times)`. Of emitters the population of the first level is eliminated, and noise is that of
    ``Derivation.sde("split")`` in positive-P and ``"structure"`` elsewhere.

    Parameters
    ----------
    master
        H and losses.
    representation
        Such as ``PositiveP()``, ``Wigner()`` or ``Q()``; or ``Ket()``, whose `observables` are for `PairMoments`.
    start
        A state for every mode, or the amplitude of a coherent one, and a level or density matrix for all emitters; see
        `initial_values`.
    parameters
        The value of every parameter, by symbol or name; a complex one of those that `complex_parameters` declares.
    observables
        Operators by name, of any order.

    Raises
    ------
    TypeError, ValueError
        If something is of another kind, a parameter has no value or is not known, a start is missing, or what is asked
        for cannot be had in the representation.
    """

    master: Master = attrs.field(converter=as_master)
    representation: Representation | Ket = attrs.field(converter=_representation)
    given_start: Mapping[Any, Any] = attrs.field(alias="start", converter=_start)
    given_values: Mapping[Any, float] = attrs.field(alias="parameters", factory=dict)
    operators: Mapping[str, Operator] = attrs.field(alias="observables", kw_only=True, converter=_operators)

    def __attrs_post_init__(self) -> None:
        values = self.parameters()
        lacking = sorted({s.name for s in self._symbols()} - {s.name for s in values})
        if lacking:
            whole = lacking[0].removesuffix(f"_{PARTS[1]}")
            example = f"{whole!r}: 1.0 + 0.5j" if f"{whole}_{PARTS[0]}" in lacking else f"{lacking[0]!r}: 1.0"
            raise ValueError(
                f"parameters of QuantumModel have no value of {', '.join(lacking)}: give parameters={{{example}}}"
            )
        if isinstance(self.representation, Ket):
            self.initial_state()
        else:
            initial_values(self.master, self.representation, self.given_start)

    @property
    def title(self) -> str:
        """The class with modes, emitters and representation."""
        parts = [*self.master.parts]
        named = ", ".join(parts) if len(parts) <= FEW else f"{', '.join(parts[:FEW])}, ... ({len(parts)} parts)"
        return f"{type(self).__name__} of {named} in {self.representation.name}"

    def having(self, **values: Any) -> QuantumModel:
        """Return the model with other values of some parameters, by name."""
        return attrs.evolve(self, parameters={**{s.name: x for s, x in self.parameters().items()}, **values})

    def start_state(self) -> Mapping[Any, Any]:
        """Return the states at the start."""
        return self.given_start

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return the value of every parameter."""
        if not isinstance(self.given_values, Mapping):
            raise TypeError(f"parameters={shown(self.given_values)} in QuantumModel: must be like {{'kappa': 0.3}}")
        known = {s.name: s for s in self._symbols()}
        return {known[name]: value for name, value in _by_name(self.given_values, sorted(known))}

    def _symbols(self) -> set[Parameter]:
        """Return the parameters of the master equation, the start and the operators."""
        written: list[Any] = [*self.master.H.terms.values()]
        for channel in self.master.loss:
            written += [channel.rate, *channel.jump.terms.values()]
        if isinstance(self.representation, Ket):  # whose norm depends on it
            written += [e.size for e in self.master.emitters]
        for operator in self.operators.values():
            written += operator.terms.values()
        for state in self.given_start.values():
            written += [x for x in _parts_of(state) if isinstance(x, sp.Expr)]
        return {s for x in written for s in sp.sympify(x).free_symbols if isinstance(s, Parameter)}


def _parts_of(state: Any) -> tuple[Any, ...]:
    """Return what a state is made of."""
    return attrs.astuple(state, recurse=False) if attrs.has(type(state)) else ()


def _by_name(given: Mapping[Any, Any], known: list[str]) -> Iterator[tuple[str, float]]:
    """Give names with their values, those of a complex parameter in parts, or raise an error that names a wrong one."""
    for key, value in given.items():
        parts = parts_of(key)
        name = key.name if isinstance(key, sp.Symbol) else parts[0].name.removesuffix("_re") if parts else key
        both = [f"{name}_{part}" for part in PARTS]
        where = f"parameters={{{shown(name)}: {shown(value)}}} in QuantumModel"
        if name in known:
            if not is_finite(value):
                declared = f"; a complex one is declared with complex_parameters({name!r})"
                meant = declared if isinstance(value, (complex, np.complexfloating)) else ""
                raise ValueError(f"{where}: must be a finite real number, such as 1.0{meant}")
            yield name, float(value)
        elif set(both) <= set(known):
            if not (is_finite(value) or (isinstance(value, (complex, np.complexfloating)) and np.isfinite(value))):
                raise ValueError(f"{where}: must be a complex number")
            yield from zip(both, (float(value.real), float(value.imag)), strict=True)
        else:
            raise ValueError(f"{where}: the model has {', '.join(known) or 'none'}")
