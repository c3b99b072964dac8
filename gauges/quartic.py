"""The drift gauge that closes the potential of the inversion with a fourth power."""

from __future__ import annotations

import attrs
import sympy as sp

from sdeframe.gauges.drift import DriftGauge
from sdeframe.gauges.shift_kernel import shift_kernel
from sdeframe.gauges.switch import Switch, TanhSwitch
from sdeframe.symbolic.algebra import noises_in
from sdeframe.symbolic.system import SDE


@attrs.frozen
class QuarticDrift(DriftGauge):
    """The w⁴ drift gauge (21)-(24) of the symmetric Tavis-Cummings equations in scaled variables.

    It multiplies the drift -iρeg of A and +iρge of A† by 1 - κ Re ρee, which for constant κ adds κw⁴/4 to the
    effective potential of w = 2ρee - 1. The kernel follows from that shift: with the noise S that both field variables
    share where there is one, ``κ√N Re[ρee] S*`` on (A46), as in (23) with the f that is missing there; else with what
    there is, ``κ√N Re[ρee] (ρeg F* + ρge F†*)`` on (A39).

    Parameters
    ----------
    switch
        The strength κ.
    """

    switch: Switch = attrs.field(factory=TanhSwitch)

    @switch.validator
    def _is_switch(self, _: object, value: object) -> None:
        if not isinstance(value, Switch):
            raise TypeError(f"switch={value!r}: must be a switch, such as TanhSwitch() or Always(0.5)")

    def kernel(self, sde: SDE) -> sp.Expr:
        """Return the kernel."""
        A, Ad, ree, reg, rge = (sde[name] for name in ("A", "Ad", "rho_ee", "rho_eg", "rho_ge"))
        kappa_x = self.switch.strength(sp.re(ree)) * sp.re(ree)
        shared = {*noises_in(sde.noise[A])} & {*noises_in(sde.noise[Ad])}
        return shift_kernel(sde, {A: -sp.I * reg * kappa_x, Ad: sp.I * rge * kappa_x}, shared or None)
