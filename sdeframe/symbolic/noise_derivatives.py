"""Derivatives of the noise that schemes step with: along a direction, and in the Itô-Stratonovich correction."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.caches import cached
from sdeframe.symbolic.rows import Rows
from sdeframe.symbolic.system import SDE
from sdeframe.symbolic.wirtinger import wirtinger

__all__ = ["InverseRoot", "noise_correction", "noise_slope"]


class InverseRoot(sp.Function):
    """1/√z, but 0 where z is, so that the derivative of a root is finite where trajectories start."""

    nargs = (1,)


@cached(64)
def noise_slope(sde: SDE) -> tuple[Rows, Rows]:
    """Return the derivative of every row of noise along a direction, and the symbols of that direction.

    With the direction v it is Σ_u (∂_u noise) v_u over coordinates and their conjugates: real-linear in v, right for
    coefficients that are not analytic.
    """
    along = {x: sp.Dummy(f"v_{x}", **({"real": True} if x.is_real else {"complex": True})) for x in sde.state}
    parts = along | {sp.conjugate(x): sp.conjugate(v) for x, v in along.items() if not x.is_real}
    rows = {x: sp.Add(*[wirtinger(noise, u) * v for u, v in parts.items()]) for x, noise in sde.noise.items()}
    return {x: _guarded(row) for x, row in rows.items()}, along


@cached(64)
def noise_correction(sde: SDE) -> Rows:
    """Return the Itô-Stratonovich correction c of every row, a_Stratonovich = a_Itô − c."""
    return {x: _guarded(row) for x, row in sde.correction().items()}


def _guarded(expr: Any) -> Any:
    """Write inverse square roots, which derivatives of roots bring, as ones that vanish with their argument."""
    return expr.replace(lambda e: e.is_Pow and e.exp == -sp.Rational(1, 2), lambda e: InverseRoot(e.base))
