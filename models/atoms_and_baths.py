"""Identical atoms in a lossy cavity, each pumped, dephased and damped: lasers and superradiance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation import Boson, DerivedModel, Emitters, Master, Operator
from sdeframe.derivation.derived_model import valued
from sdeframe.derivation.operators.exchange import exchange, pair
from sdeframe.derivation.starts.states import Coherent, ModeState, mode_state
from sdeframe.symbolic.symbols import parameters
from sdeframe.validators import finite, non_negative, one_of, positive_integer

a = Boson("a")
f = parameters("f")
N, kappa, pump, phi, gamma = parameters("N kappa pump phi gamma", positive=True)
at = Emitters("rho", levels="ge", size=N)


class _CavityAtoms(DerivedModel):
    """What pumped atoms and superradiance share."""

    @property
    def operators(self) -> Mapping[str, Operator]:
        """<σ_ee>, <a†a> and, of two atoms or more, <σ_eg σ_ge> of two of them."""
        asked = {"excited": at.sum("ee") / N, "photon_number": a.dag() * a}
        return asked | ({"pair": pair(at)} if self.parameters()[N] > 1 else {})


@attrs.frozen
class PumpedAtoms(_CavityAtoms):
    """H = (f/√N) Σ (σ_eg a + σ_ge a†) with losses κ D[a] and, of each atom, P D[σ_eg], φ D[σ_z] and γ D[σ_ge].

    Parameters
    ----------
    atoms
        N.
    coupling
        f.
    pump
        P.
    dephasing
        φ; σ_z = σ_ee − σ_gg.
    decay
        γ.
    cavity_decay
        κ.
    start
        "g" or "e": what all atoms are at the start.
    field
        The state of the field at the start; a number is the amplitude of a coherent one.
    """

    atoms: int = attrs.field(default=1, validator=positive_integer)
    coupling: float = attrs.field(default=0.5, validator=finite)
    pump: float = attrs.field(default=0.3, validator=non_negative)
    dephasing: float = attrs.field(default=0.2, validator=non_negative)
    decay: float = attrs.field(default=0.4, validator=non_negative)
    cavity_decay: float = attrs.field(default=1.0, validator=non_negative)
    start: str = attrs.field(default="g", validator=one_of("g", "e"))
    field: ModeState = attrs.field(default=Coherent(0), converter=mode_state)

    @property
    def master(self) -> Master:
        """The master equation, without losses that are zero."""
        inversion = at.each("ee") - at.each("gg")
        loss = [(kappa, a, self.cavity_decay), (pump, at.each("eg"), self.pump)]
        loss += [(phi, inversion, self.dephasing), (gamma, at.each("ge"), self.decay)]
        return Master(f / sp.sqrt(N) * exchange(at, a), [(rate, L) for rate, L, value in loss if value])

    def start_state(self) -> Mapping[Any, Any]:
        """Return the states of field and atoms."""
        return {a: self.field, at: self.start}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return N, f, P, φ, γ and κ."""
        symbols = (N, f, pump, phi, gamma, kappa)
        values = (self.atoms, self.coupling, self.pump, self.dephasing, self.decay, self.cavity_decay)
        return valued(symbols, values)


@attrs.frozen
class Superradiance(_CavityAtoms):
    """Inverted atoms in an empty cavity: H = (1/√N) Σ (σ_eg a + σ_ge a†) with losses κ D[a] and γ D[σ_ge] of each.

    Parameters
    ----------
    atoms
        N.
    cavity_decay
        κ, in units of the collective coupling.
    decay
        γ.
    """

    atoms: int = attrs.field(default=10, validator=positive_integer)
    cavity_decay: float = attrs.field(default=4.0, validator=non_negative)
    decay: float = attrs.field(default=0.0, validator=non_negative)

    @property
    def master(self) -> Master:
        """The master equation, without losses that are zero."""
        loss = [(kappa, a, self.cavity_decay), (gamma, at.each("ge"), self.decay)]
        return Master(exchange(at, a) / sp.sqrt(N), [(rate, L) for rate, L, value in loss if value])

    def start_state(self) -> Mapping[Any, Any]:
        """Return the empty cavity and the inverted atoms."""
        return {a: mode_state(0), at: "e"}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return N, κ and γ."""
        return valued((N, kappa, gamma), (self.atoms, self.cavity_decay, self.decay))
