"""A Lambda atom in a cavity: one transition couples to the mode, the other one is driven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation import Boson, DerivedModel, Emitters, Master, Operator
from sdeframe.derivation.derived_model import valued
from sdeframe.derivation.operators.exchange import exchange
from sdeframe.derivation.starts.states import Coherent, ModeState, mode_state
from sdeframe.symbolic.symbols import parameters
from sdeframe.validators import finite, non_negative, one_of

a = Boson("a")
at = Emitters("rho", levels="gse")
f, Omega, Delta = parameters("f Omega Delta")
gamma_g, gamma_s, kappa = parameters("gamma_g gamma_s kappa", positive=True)


@attrs.frozen
class LambdaAtom(DerivedModel):
    """H = f (σ_eg a + σ_ge a†) + Ω (σ_es + σ_se) + Δ σ_ee with losses κ D[a], γ_g D[σ_ge] and γ_s D[σ_se].

    Parameters
    ----------
    coupling
        f, of the mode to g-e.
    drive
        Ω, on s-e.
    detuning
        Δ.
    decay_g, decay_s
        γ_g and γ_s, from e.
    cavity_decay
        κ.
    start
        "g", "s" or "e": what the atom is at the start.
    field
        The state of the field at the start; a number is the amplitude of a coherent one.
    """

    coupling: float = attrs.field(default=0.6, validator=finite)
    drive: float = attrs.field(default=0.5, validator=finite)
    detuning: float = attrs.field(default=0.4, validator=finite)
    decay_g: float = attrs.field(default=0.3, validator=non_negative)
    decay_s: float = attrs.field(default=0.2, validator=non_negative)
    cavity_decay: float = attrs.field(default=0.6, validator=non_negative)
    start: str = attrs.field(default="s", validator=one_of("g", "s", "e"))
    field: ModeState = attrs.field(default=Coherent(0.5), converter=mode_state)

    @property
    def master(self) -> Master:
        """The master equation, without losses that are zero."""
        H = f * exchange(at, a) + Omega * (at.sum("es") + at.sum("se")) + Delta * at.sum("ee")
        loss = [(kappa, a, self.cavity_decay), (gamma_g, at.each("ge"), self.decay_g)]
        loss += [(gamma_s, at.each("se"), self.decay_s)]
        return Master(H, [(rate, L) for rate, L, value in loss if value])

    @property
    def operators(self) -> Mapping[str, Operator]:
        """The populations and <a†a>."""
        return {"excited": at.sum("ee"), "ground": at.sum("gg"), "photon_number": a.dag() * a}

    def start_state(self) -> Mapping[Any, Any]:
        """Return the states of field and atom."""
        return {a: self.field, at: self.start}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return f, Ω, Δ, γ_g, γ_s and κ."""
        symbols = (f, Omega, Delta, gamma_g, gamma_s, kappa)
        values = (self.coupling, self.drive, self.detuning, self.decay_g, self.decay_s, self.cavity_decay)
        return valued(symbols, values)
