"""Declared poles held against the equations: what is declared wrongly makes a horizon earlier, never later."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import sympy as sp

from sdeframe.growth.kinds import Kind, kind
from sdeframe.interfaces.poles import Poles
from sdeframe.symbolic.system import SDE


def held(poles: Poles, sde: SDE, values: Mapping[sp.Symbol, float]) -> Poles:
    """Return what is taken of declared poles: what is declared, and what the equations show beside.

    Observables that are strongest by the degrees of the drift are watched as well, in their power where it is higher.
    Passages are left out, as an even order says, only where degrees show that it is even. What no degrees tell of (a
    drift that is no polynomial, poles of the noise alone) is watched as declared, or in all variables where nothing is.
    """
    variables = tuple(sde.variables.values())
    of = kind(sde, values) or Kind(variables, 1.0, 1, variables, by_drift=False)
    if not of.strongest:
        return poles
    more = of.strongest if of.by_drift or not poles.strongest else ()
    added = tuple(e for e in more if not any(_like(e, known, variables) for known in poles.strongest))
    return attrs.evolve(
        poles,
        strongest=(*poles.strongest, *added),
        power=max(poles.power, of.power),
        order=poles.order if poles.order % 2 or of.order % 2 == 0 else 1,
    )


def _like(one: sp.Expr, other: sp.Expr, variables: tuple[sp.Symbol, ...]) -> bool:
    """Return whether two expressions are the same but for a factor and a constant."""
    _, moving = sp.expand(other).as_independent(*variables, as_Add=True)
    return not (moving / one).has(*variables)


def correction(declared: Poles, taken: Poles) -> str:
    """Return in words what is taken of poles in the place of what is declared; nothing where only scales differ."""
    if declared == attrs.evolve(taken, scale=declared.scale):
        return ""
    return (
        f"the equations do not show poles with {_told(declared)}, as declared: horizons are told with {_told(taken)}, "
        f"and may be earlier; declare these, or run propose_poles(model, integrator, times=times).model"
    )


def _told(poles: Poles) -> str:
    of = "".join(f"{e}, " for e in poles.strongest).rstrip(" ")
    return f"strongest=({of}), power={poles.power:g}, order={poles.order}"
