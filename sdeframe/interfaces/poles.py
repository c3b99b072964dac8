"""What a model knows of its movable poles, from which a trust horizon is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import sympy as sp

from sdeframe.validators import is_finite, positive_integer, shown, true_or_false


def _positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not is_finite(value) or value <= 0:
        raise ValueError(f"{attribute.name}={shown(value)} in Poles: must be a positive number, such as 1.0")


def _expressions(values: Any) -> tuple[Any, ...]:
    if not isinstance(values, Iterable):
        raise TypeError(f"strongest={shown(values)} in Poles: must be a list of expressions, such as (a * b,)")
    return tuple(values)


@attrs.frozen
class Poles:
    """The movable poles of a model, at which trajectories run away.

    Parameters
    ----------
    scale
        The modulus of the strongest observable where nothing runs away: the unit of a relative bound. Nothing is
        certified where it is larger than 3 and than three times what is seen.
    strongest
        The observables whose poles are the strongest. Their means go wrong first, so that no other can be trusted
        for longer.
    power
        The power of the runaway variables in these observables: 1 for ρee, 2 for a photon number a·b. A relative bound
        B is (B·scale)^(1/power) on the variables.
    order
        Of the poles in these observables, 1/(t − tₛ)^order. Behind a simple pole a value has the other sign, so that
        every passage moves the mean, see `TrustHorizon`; an even order counts where the equations bear it out.
    grows
        Whether the scale is that of a run without noise where this reaches further, as under a drive. It is said
        to be that of quanta then, of which fewer than one may be seen.

    Raises
    ------
    TypeError, ValueError
        If scale or power is not a positive number, or something among the strongest is no expression.
    """

    scale: float = attrs.field(default=1.0, validator=_positive)
    strongest: tuple[sp.Expr, ...] = attrs.field(default=(), converter=_expressions)
    power: float = attrs.field(default=1.0, validator=_positive)
    order: int = attrs.field(default=1, validator=positive_integer)
    grows: bool = attrs.field(default=False, validator=true_or_false)

    @property
    def watched(self) -> tuple[sp.Expr, ...]:
        """The strongest observables, where passing a pole moves their mean."""
        return self.strongest if self.order % 2 else ()

    @strongest.validator
    def _symbolic(self, _: object, values: tuple[Any, ...]) -> None:
        for value in values:
            if not isinstance(value, sp.Expr):
                raise TypeError(f"strongest holds {value!r} in Poles: must be a sympy expression, such as (a * b,)")

    def on_variables(self, bound: float) -> float:
        """Return a relative bound as one on the runaway variables."""
        return float((bound * self.scale) ** (1 / self.power))
