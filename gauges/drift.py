"""Drift gauges: a noise kernel alone determines the shift of the drift and the weight that makes up for it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import sympy as sp

from sdeframe.interfaces.gauge import Gauge
from sdeframe.symbolic.algebra import noise_coefficients, noises_in
from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.symbols import log_weight
from sdeframe.symbolic.system import SDE


class DriftGauge(Gauge):
    """The general drift gauge (C1)-(C5), for real and complex noises and any kernel linear in them.

    A plugin gives its noise kernel ξ0. With the noise n_i of every variable

        drift_i -> drift_i - <n_i ξ0>,        dC0 = -½ <ξ0 ξ0> dt + ξ0,

    and averages of analytic functions f become <f exp(C0)> over all trajectories. A weight that the system has already
    is shifted like any variable, and exponents add: two gauges are one with the sum of their kernels.
    """

    @abstractmethod
    def kernel(self, sde: SDE) -> sp.Expr:
        """Return ξ0, linear in noises of an Itô system and their conjugates, coefficients any functions of the state.

        Raises
        ------
        KeyError
            If the system lacks a variable, noise or parameter that the kernel asks for, named.
        """

    def transform(self, sde: SDE) -> SDE:
        """Return the weighted Itô system with its drift shifted.

        Raises
        ------
        KeyError
            If the system lacks a variable, noise or parameter that the kernel asks for, named.
        TypeError, ValueError
            If the kernel is not linear in the system's noises or makes the drift of a real variable complex.
        """
        sde = sde.to_ito()
        xi = self._checked_kernel(sde)
        drift = {log_weight: sp.S.Zero, **sde.drift}
        noise = {log_weight: sp.S.Zero, **sde.noise}
        shifted: dict[Any, Any] = {x: drift[x] - sde.correlation(n, xi) for x, n in noise.items()}
        shifted[log_weight] -= sde.correlation(xi, xi) / 2
        try:
            return sde.with_rows(shifted, {log_weight: noise[log_weight] + xi})
        except ValueError as error:
            raise ValueError(f"the kernel {xi} of {self} does not fit the system: {error}") from None

    def _checked_kernel(self, sde: SDE) -> sp.Expr:
        xi = expression(self.kernel(sde), f"the kernel of {self}")
        for noise in noises_in(xi):
            if noise not in sde.noises.values():
                raise ValueError(
                    f"the kernel of {self} holds {noise}: the system has only {', '.join(sde.noises) or 'none'}"
                )
        try:
            noise_coefficients(xi)
        except ValueError as error:
            raise ValueError(f"the kernel of {self}: {error}") from None
        return xi
