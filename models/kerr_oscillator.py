"""An oscillator with a Kerr interaction, a drive and baths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import sympy as sp

from sdeframe.derivation import Boson, DerivedModel, Master, Operator
from sdeframe.derivation.derived_model import valued
from sdeframe.derivation.starts.states import Coherent, ModeState, mode_state
from sdeframe.symbolic.symbols import parameters
from sdeframe.validators import finite, non_negative

a = Boson("a")
U, F, Delta = parameters("U F Delta")
gamma, n_bath, phi = parameters("gamma n_bath phi", positive=True)


@attrs.frozen
class KerrOscillator(DerivedModel):
    """H = Δ a†a + (U/2) a†² a² + F (a + a†) with losses γ(n̄+1) D[a], γn̄ D[a†] and φ D[a†a].

    Parameters
    ----------
    interaction
        U.
    drive
        F.
    detuning
        Δ.
    decay
        γ.
    bath
        n̄, the photons of the bath.
    dephasing
        φ.
    start
        The state at the start; a number is the amplitude of a coherent one.
    """

    noise: ClassVar[str] = "structure"

    interaction: float = attrs.field(default=0.5, validator=finite)
    drive: float = attrs.field(default=0.2, validator=finite)
    detuning: float = attrs.field(default=0.0, validator=finite)
    decay: float = attrs.field(default=1.0, validator=non_negative)
    bath: float = attrs.field(default=0.0, validator=non_negative)
    dephasing: float = attrs.field(default=0.0, validator=non_negative)
    start: ModeState = attrs.field(default=Coherent(0), converter=mode_state)

    @property
    def master(self) -> Master:
        """The master equation, without terms that are zero."""
        n = a.dag() * a
        terms = [(Delta * n, self.detuning), (U / 2 * a.dag() ** 2 * a**2, self.interaction)]
        terms += [(F * (a + a.dag()), self.drive)]
        loss = [
            (gamma * (n_bath + 1 if self.bath else 1), a, self.decay),
            (gamma * n_bath, a.dag(), self.decay * self.bath),
        ]
        loss += [(phi, n, self.dephasing)]
        H = sum((term for term, value in terms if value), 0 * n)
        return Master(H, [(rate, L) for rate, L, value in loss if value])

    @property
    def operators(self) -> Mapping[str, Operator]:
        """<a>, <a†a> and <a†²a²>."""
        return {"amplitude": a, "photon_number": a.dag() * a, "pairs": a.dag() ** 2 * a**2}

    def start_state(self) -> Mapping[Any, Any]:
        """Return the state of the mode."""
        return {a: self.start}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return U, F, Δ, γ, n̄ and φ."""
        symbols = (U, F, Delta, gamma, n_bath, phi)
        values = (self.interaction, self.drive, self.detuning, self.decay, self.bath, self.dephasing)
        return valued(symbols, values)
