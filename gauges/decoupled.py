"""The gauge of stochastic kets that takes off the weight what a noise does along the ket."""

from __future__ import annotations

from typing import Any, Final

import attrs
import sympy as sp

from sdeframe.gauges.diffusion import DiffusionGauge
from sdeframe.gauges.drift import DriftGauge
from sdeframe.gauges.switch import exact, real_number
from sdeframe.interfaces.gauge import gauged
from sdeframe.symbolic.algebra import noise_coefficients
from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.symbols import Noise, StateVariable
from sdeframe.symbolic.system import SDE
from sdeframe.symbolic.wirtinger import wirtinger

NOTHING: Final = sp.Rational(1, 10**60)
"""Keeps λ = 1 where both parts of a noise vanish."""


def _norm(value: Any) -> Any:
    return exact(expression(value, "log_norm"))


def _floor(instance: Any, field: Any, value: Any) -> None:
    if not 0 < value < 1:
        raise ValueError(f"floor={value} in {type(instance).__name__}: must be between 0 and 1")


@attrs.frozen
class EqualParts(DiffusionGauge):
    """The diffusion gauge B dF + B̃ dF* -> λB dF + B̃/λ dF* with equal sizes of both parts across the ket.

    |B⊥|² = Σ B_i g_ij B_j* with the metric g_ij = ∂_i ∂_j* ln<z|z> is the squared part of B·∂|z> that is orthogonal to
    |z>, over <z|z>. The norm of kets grows at the rate of all λ²|B⊥|² + |B̃⊥|²/λ² together, which is least for λ⁴ =
    |B̃⊥|²/|B⊥|², here

        λ⁴ = (|B̃⊥|² + ε²|B⊥|²) / (|B⊥|² + ε²|B̃⊥|²),

    without the ε² of a part whose partner is the same everywhere.

    Parameters
    ----------
    log_norm
        ln<z|z> in the variables and their conjugates.
    floor
        ε, which keeps λ off 0 and ∞.
    """

    log_norm: sp.Expr = attrs.field(converter=_norm)
    floor: sp.Expr = attrs.field(default=sp.Rational(1, 50), converter=real_number, validator=_floor)

    def noise(self, sde: SDE) -> dict[sp.Symbol, sp.Expr]:
        """Return every row with its complex noises scaled."""
        scaled: dict[Any, Any] = {}
        for F in sde.noises.values():
            if not F.is_real:
                factor = self._factor(self._across(sde, F), self._across(sde, sp.conjugate(F)))
                scaled |= {F: factor * F, sp.conjugate(F): sp.conjugate(F) / factor}
        return {x: row.xreplace(scaled) for x, row in sde.noise.items()}

    def _across(self, sde: SDE, unit: Noise) -> Any:
        """Return |B⊥|² of what goes with a noise or its conjugate."""
        B = {x: c for x, row in sde.noise.items() if (c := noise_coefficients(row).get(unit, 0)) != 0}
        slopes = {x: wirtinger(self.log_norm, x) for x in B}
        squares = [
            b * sp.conjugate(c) * wirtinger(slopes[x], sp.conjugate(y)) for x, b in B.items() for y, c in B.items()
        ]
        return _real(sp.Add(*squares))

    def _factor(self, one: Any, other: Any) -> Any:
        """Return λ from |B⊥|² and |B̃⊥|²."""
        if one == 0 or other == 0:
            return sp.S.One
        least = self.floor**2
        if _same_everywhere(one):
            return (other / one + (0 if _same_everywhere(other) else least)) ** sp.Rational(1, 4)
        if _same_everywhere(other):
            return (one / other + least) ** -sp.Rational(1, 4)
        return ((other + least * one + NOTHING) / (one + least * other + NOTHING)) ** sp.Rational(1, 4)


def _same_everywhere(size: Any) -> bool:
    return not size.atoms(StateVariable)


def _real(size: Any) -> Any:
    """Return a real expression in moduli where it depends on nothing else."""
    squares = {x: sp.Dummy(positive=True) for x in size.atoms(StateVariable)}
    in_moduli = sp.factor(sp.cancel(size.xreplace({sp.conjugate(x): X / x for x, X in squares.items()})))
    if in_moduli.free_symbols & {*squares}:
        return sp.re(sp.factor(sp.together(size)))
    return in_moduli.xreplace({X: sp.Abs(x) ** 2 for x, X in squares.items()})


@attrs.frozen
class Decoupled(DriftGauge):
    """The gauge of stochastic kets: exp(C0)|z> is orthogonal to |z> in every noise, both parts of it equal in size.

    After the diffusion gauge `EqualParts` the kernel ξ0 = −Σ noise_i ∂_i ln<z|z> makes the weight remove what a noise
    does along the ket. What the average of exp(C0)|z> is stays; its noise-free motion is often that of mean-field
    theory. The mean square of weighted norms grows at the rate of all |B⊥|², see `EqualParts`.

    Parameters
    ----------
    log_norm
        ln<z|z> in the variables and their conjugates, such as ``model.log_norm``.
    floor
        Keeps λ of `EqualParts` off 0 and ∞.

    Raises
    ------
    TypeError, ValueError
        If the norm is no expression, or the floor not between 0 and 1.
    """

    log_norm: sp.Expr = attrs.field(converter=_norm)
    floor: sp.Expr = attrs.field(default=sp.Rational(1, 50), converter=real_number, validator=_floor)

    def transform(self, sde: SDE) -> SDE:
        """Return the weighted Itô system, its noises in equal parts and its drift shifted."""
        return super().transform(gauged(EqualParts(self.log_norm, self.floor), sde))

    def kernel(self, sde: SDE) -> sp.Expr:
        """Return the kernel."""
        return -sp.Add(*[row * wirtinger(self.log_norm, x) for x, row in sde.noise.items()])
