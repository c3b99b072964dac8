"""A drift gauge as a package of its own."""

import attrs
import sympy as sp

from sdeframe.gauges import DriftGauge


@attrs.frozen
class GentleDrift(DriftGauge):
    """Takes part of the field's drift off where atoms are excited, by the noise S of (A46)."""

    strength: float = attrs.field(default=0.125, validator=attrs.validators.ge(0))

    def kernel(self, sde):
        """Return the kernel λ√N Re[ρee] S*."""
        N, S, ree = sde.parameters["N"], sde.noises["S"], sde["rho_ee"]
        return sp.Rational(self.strength) * sp.sqrt(N) * sp.re(ree) * sp.conjugate(S)
