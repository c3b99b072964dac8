"""The diffusion gauge that leads from (A39) to (A46)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import sympy as sp
from sympy import I, conjugate, sqrt

from sdeframe.gauges.diffusion import DiffusionGauge
from sdeframe.symbolic.symbols import complex_noises
from sdeframe.symbolic.system import SDE


@attrs.frozen
class A41(DiffusionGauge):
    """The diffusion gauge (A41) of the symmetric Tavis-Cummings equations: one more noise S, no noise quadratic."""

    def noise(self, sde: SDE) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the noise of (A46)."""
        A, Ad, ree, reg, rge = (sde[name] for name in ("A", "Ad", "rho_ee", "rho_eg", "rho_ge"))
        (F, Fd), S = (sde.noises[name] for name in ("F", "Fd")), complex_noises("S")
        N = sde.parameters["N"]
        return {
            A:   -I * (sqrt(ree) * F  + reg * S) / sqrt(N),
            Ad:  +I * (sqrt(ree) * Fd + rge * S) / sqrt(N),
            ree:                                -ree * conjugate(S) / sqrt(N),
            reg: (sqrt(ree) * conjugate(Fd) - reg * conjugate(S)) / sqrt(N),
            rge: (sqrt(ree) * conjugate(F)  - rge * conjugate(S)) / sqrt(N),
        }  # fmt: skip
