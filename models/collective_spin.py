"""Identical atoms with collective decay and collective dephasing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import sympy as sp

from sdeframe.derivation import DerivedModel, Emitters, Master, Operator
from sdeframe.derivation.derived_model import valued
from sdeframe.derivation.operators.exchange import pair
from sdeframe.symbolic.symbols import parameters
from sdeframe.validators import finite, non_negative, positive_integer

N, Gamma, Phi = parameters("N Gamma Phi", positive=True)
at = Emitters("rho", levels="ge", size=N)


@attrs.frozen
class CollectiveSpin(DerivedModel):
    """Losses Γ D[Σ σ_ge] and Φ D[Σ σ_z] of atoms that start in cos(θ/2)|e> + sin(θ/2)|g>.

    Parameters
    ----------
    atoms
        N, at least 2.
    decay
        Γ.
    dephasing
        Φ; σ_z = σ_ee − σ_gg.
    tilt
        θ; at 0 the atoms are inverted.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or nothing happens.
    """

    atoms: int = attrs.field(default=4, validator=positive_integer)
    decay: float = attrs.field(default=1.0, validator=non_negative)
    dephasing: float = attrs.field(default=0.0, validator=non_negative)
    tilt: float = attrs.field(default=0.0, validator=finite)

    def __attrs_post_init__(self) -> None:
        if self.atoms < 2 or not (self.decay or self.dephasing):
            raise ValueError(
                f"atoms={self.atoms}, decay={self.decay:g}, dephasing={self.dephasing:g} of CollectiveSpin: give at "
                f"least two atoms, and a decay or dephasing"
            )

    @property
    def master(self) -> Master:
        """The master equation, without losses that are zero."""
        loss = [(Gamma, at.sum("ge"), self.decay), (Phi, at.sum("ee") - at.sum("gg"), self.dephasing)]
        return Master(0 * at.sum("ee"), [(rate, L) for rate, L, value in loss if value])

    @property
    def operators(self) -> Mapping[str, Operator]:
        """<σ_ee>, <σ_eg> and <σ_eg σ_ge> of two atoms."""
        return {"excited": at.sum("ee") / N, "coherence": at.sum("eg") / N, "pair": pair(at)}

    def start_state(self) -> Mapping[Any, Any]:
        """Return the state of each atom."""
        psi = np.array([math.sin(self.tilt / 2), math.cos(self.tilt / 2)])
        return {at: np.outer(psi, psi)}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return N, Γ and Φ."""
        return valued((N, Gamma, Phi), (self.atoms, self.decay, self.dephasing))
