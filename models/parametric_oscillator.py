"""The degenerate parametric oscillator with loss of single photons and of pairs."""

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
epsilon = parameters("epsilon")
gamma, gamma2 = parameters("gamma gamma2", positive=True)


@attrs.frozen
class ParametricOscillator(DerivedModel):
    """H = i(ε/2)(a†² − a²) with losses γ D[a] and γ₂ D[a²].

    Parameters
    ----------
    pump
        ε.
    decay
        γ.
    pair_decay
        γ₂.
    start
        The state at the start; a number is the amplitude of a coherent one.
    """

    noise: ClassVar[str] = "structure"

    pump: float = attrs.field(default=0.5, validator=finite)
    decay: float = attrs.field(default=1.0, validator=non_negative)
    pair_decay: float = attrs.field(default=0.1, validator=non_negative)
    start: ModeState = attrs.field(default=Coherent(0), converter=mode_state)

    @property
    def master(self) -> Master:
        """The master equation, without losses that are zero."""
        loss = [(gamma, a, self.decay), (gamma2, a**2, self.pair_decay)]
        return Master(sp.I * epsilon / 2 * (a.dag() ** 2 - a**2), [(rate, L) for rate, L, value in loss if value])

    @property
    def operators(self) -> Mapping[str, Operator]:
        """<a†a> and <a²>."""
        return {"photon_number": a.dag() * a, "squeezing": a**2}

    def start_state(self) -> Mapping[Any, Any]:
        """Return the state of the mode."""
        return {a: self.start}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return ε, γ and γ₂."""
        return valued((epsilon, gamma, gamma2), (self.pump, self.decay, self.pair_decay))
