"""The effective potential of the inversion of the Tavis-Cummings model, derived (III.B, Appendix C)."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import attrs
import sympy as sp

from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.models.tavis_cummings.model import A, Ad, bloch_length, g, ree, reg, rge
from sdeframe.symbolic.algebra import equal, tidy
from sdeframe.symbolic.symbols import Parameter
from sdeframe.symbolic.system import SDE

w, E = sp.symbols("w E", real=True)
"""The inversion w = 2ρee − 1 and the integral of the motion, in which potentials are written."""

HALF: Final = sp.Rational(1, 2)
_rho = sp.Symbol("rho", real=True)


@attrs.frozen(slots=False)
class InversionEquation:
    """The equation ẅ = −dU/dw of the inversion w = 2ρee − 1 without noise and decay.

    Everything follows from the drift of the gauged system, for ρee real and Bloch vectors of length 1.

    Parameters
    ----------
    sde
        The system of a `TavisCummings` model.
    gauge
        What is changed in it first.

    Raises
    ------
    KeyError
        On use, if the system has other variables.
    ValueError
        On use, if w has no equation of its own with a polynomial potential, as with a switch that depends on the state.
    """

    sde: SDE
    gauge: Gauge = attrs.field(factory=Identity)

    @cached_property
    def flow(self) -> SDE:
        """The gauged system without noise, decay and weight."""
        gauged = self.gauge.transform(self.sde.to_ito())
        variables = [gauged[x.name] for x in (A, Ad, ree, reg, rge)]
        flow = SDE({x: gauged.drift[x].xreplace({g: sp.S.Zero}) for x in variables})
        if not equal(flow.generator(bloch_length()), sp.S.Zero):
            raise ValueError(f"{self.gauge} does not conserve the Bloch length, so that w has no equation of its own")
        return flow

    @cached_property
    def velocity(self) -> sp.Expr:
        """The rate ẇ as an expression in the variables of the system."""
        return self.flow.generator(2 * ree)

    @property
    def integral(self) -> sp.Expr:
        """The integral of the motion E = A·A† + ∫s dρee − ½ as an expression in the variables of the system.

        The integral starts at 0, with s(ρee) from L(A·A†) = −s L(ρee). Without gauge s = 1 and E = A·A† + w/2, as in
        (13); with the w⁴ drift gauge of constant κ, s = 1 − κρee.
        """
        return A * Ad + self._released.xreplace({_rho: ree}) - HALF

    @cached_property
    def potential(self) -> sp.Expr:
        r"""The potential U, a polynomial in `w`, in `E` and in parameters, with U(0) = 0.

        In ẅ = L(L(w)), ρeg·ρge is replaced by (1 − w²)/4 and A·A† by what E says. Without gauge this is
        U = 2E w² − w³ + w of (16), with the w⁴ drift gauge of constant κ

        .. math::
            U_\kappa = 2E w^2 - (1 - \kappa/2)\, w^3 + (1 - \kappa/2)\, w + (\kappa/4)\, w^4 .
        """
        field = E + HALF - self._released
        force = tidy(self.flow.generator(self.velocity).xreplace({ree: _rho}))
        force = force.subs({Ad: field / A, rge: (1 - (2 * _rho - 1) ** 2) / (4 * reg)})
        force = sp.expand(sp.cancel(force).subs(_rho, (1 + w) / 2))
        self._require_polynomial(force, {w, E}, "the force on w")
        return sp.expand(-sp.integrate(force, (w, 0, w)))

    @cached_property
    def _released(self) -> sp.Expr:
        """∫s dρ from 0: the photons per atom that a rise of ρee to ρ takes from the field."""
        gain, rise = self.flow.generator(A * Ad), self.flow.generator(ree)
        s = sp.cancel(sp.together((-gain / rise).xreplace({ree: _rho})))
        self._require_polynomial(s, {_rho}, "-d(A A†)/dρee")
        return sp.integrate(s, (_rho, 0, _rho))

    def _require_polynomial(self, expr: sp.Expr, variables: set[sp.Symbol], what: str) -> None:
        """Raise ValueError unless an expression is a polynomial in some variables, parameters aside."""
        others = {s for s in expr.free_symbols - variables if not isinstance(s, Parameter)}
        if others or not expr.is_polynomial(*variables):
            raise ValueError(
                f"{self.gauge} has no polynomial potential, since {what} is no polynomial in "
                f"{' and '.join(sorted(s.name for s in variables))}: use a strength κ that does not depend on the "
                f"state, such as Always(1)"
            )


def printed_potential(kappa: sp.Expr) -> sp.Expr:
    """Return the gauged potential as printed in (22) and (C10); it does not follow from the gauge (21).

    What follows is `InversionEquation.potential`. Along the gauged equations ẇ²/2 plus the printed U is not constant.
    """
    return (2 * E - kappa / 8) * w**2 - (1 - kappa / 8) * w**3 + (1 + kappa / 8) * w + kappa * w**4 / 32
