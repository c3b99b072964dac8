"""Whether noises commute, which decides what a scheme may do with products of their increments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from sdeframe.symbolic.algebra import equal, noise_coefficients
from sdeframe.symbolic.system import SDE
from sdeframe.symbolic.wirtinger import wirtinger

__all__ = ["noncommuting_pair"]

Field = Mapping[Any, Any]
"""A coefficient for each coordinate."""


def noncommuting_pair(sde: SDE) -> tuple[str, str] | None:
    """Return two real noises b, c with [b, c] = (b·∂)c − (c·∂)b ≠ 0, or None if all commute.

    The real noises are those of the system, which must be independent, and Re F, Im F of its complex ones.
    """
    for (name, b), (other, c) in itertools.combinations(_real_fields(sde), 2):
        if not all(equal(_along(b, c[x]), _along(c, b[x])) for x in sde.state):
            return name, other
    return None


def _real_fields(sde: SDE) -> Iterator[tuple[str, Field]]:
    """Yield the name and the coefficients of every real noise."""
    for F in sde.noises.values():
        for name, unit in [(F.name, 1)] if F.is_real else [(f"Re {F}", 1), (f"Im {F}", sp.I)]:
            rows = {x: _coefficient(noise, F, unit) for x, noise in sde.noise.items()}
            yield name, rows | {sp.conjugate(x): sp.conjugate(c) for x, c in rows.items()}


def _coefficient(noise: Any, F: Any, unit: Any) -> Any:
    parts = noise_coefficients(noise)
    if F.is_real:
        return parts.get(F, sp.S.Zero)
    return unit * parts.get(F, sp.S.Zero) + sp.conjugate(unit) * parts.get(sp.conjugate(F), sp.S.Zero)


def _along(b: Field, f: Any) -> Any:
    """Return (b·∂)f over coordinates and their conjugates."""
    return sp.Add(*[c * wirtinger(f, u) for u, c in b.items()])
