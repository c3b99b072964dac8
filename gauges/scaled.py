"""A family of diffusion gauges: complex noises against their conjugates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import sympy as sp

from sdeframe.gauges.diffusion import DiffusionGauge
from sdeframe.gauges.switch import exact
from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.system import SDE


def _factor(value: Any) -> sp.Expr:
    factor = expression(value, "scale")
    if factor.is_zero:
        raise ValueError("scale=0: the conjugate noise is divided by it; give a factor that is nowhere 0")
    return exact(factor)


def _names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise TypeError(f'noises={value!r}: must be a list of names, such as ["F", "Fd"]')
    return tuple(value)


@attrs.frozen
class ScaledNoise(DiffusionGauge):
    """The diffusion gauge F -> λF, F* -> F*/λ of complex noises, wherever each stands (A45).

    In the Tavis-Cummings equations it moves noise between field and atoms.

    Parameters
    ----------
    scale
        The factor λ: a number, or an expression in parameters and state that is nowhere 0.
    noises
        Names of the noises; all complex ones if not given.

    Raises
    ------
    TypeError, ValueError
        If the factor is no expression, or 0.
    """

    scale: sp.Expr = attrs.field(converter=_factor)
    noises: tuple[str, ...] | None = attrs.field(default=None, converter=_names)

    def noise(self, sde: SDE) -> Mapping[sp.Symbol, sp.Expr]:
        """Return every row with its noises scaled."""
        names = [n for n, w in sde.noises.items() if not w.is_real] if self.noises is None else self.noises
        scaled: dict[Any, Any] = {}
        for F in (sde.noises[n] for n in names):
            if F.is_real:
                raise ValueError(f"noises={self.noises}: {F} is real; only complex noises can be scaled")
            scaled |= {F: self.scale * F, sp.conjugate(F): sp.conjugate(F) / self.scale}
        return {x: row.xreplace(scaled) for x, row in sde.noise.items()}
