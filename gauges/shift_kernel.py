"""From what is to be taken off the drift to the noise kernel that takes it off."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import sympy as sp

from sdeframe.symbolic.algebra import equal, noise_coefficients, tidy
from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.symbols import Noise
from sdeframe.symbolic.system import SDE

SIZES: Final = (1.0, 3.0, 10.0, 100.0)
"""How large the numbers are with which the rank of a noise is found."""


def shift_kernel(sde: SDE, taken_off: Mapping[Any, Any], noises: Iterable[Noise] | None = None) -> Any:
    """Return the kernel ξ0 with `<n_i ξ0> = taken_off_i`, by which a drift gauge takes that off the drift.

    The drift under the gauge is ``sde.drift[x] - taken_off[x]``: give the old drift less the new one. The other sign
    keeps all averages too, but doubles what was to go, so that trajectories run away.

    Where several kernels do it, it is the one of least norm `<|ξ0|²>`, by which the spread of the weight grows at
    first. Its coefficients are quotients, without a value where noises that are independent elsewhere are not, such
    as 0/0 where all of them vanish: let trajectories start elsewhere, or give the `noises` that make the shift alone.

    Parameters
    ----------
    sde
        An Itô system with independent noises.
    taken_off
        Old drift less new drift of some variables; that of all others is to stay.
    noises
        The noises that the kernel may hold; all of the system's if not given.

    Raises
    ------
    TypeError, ValueError
        If no such kernel makes the shift, with a variable for which it fails, or something given is not the system's.
    """
    if sde.covariance:
        raise ValueError("the noises are correlated: gauge sde.uncorrelated() instead, and give it here too")
    variables = tuple(sde.variables.values())
    for x in taken_off:
        if x not in variables:
            raise ValueError(f"shift of {x}: the system has only the variables {', '.join(sde.variables)}")
    allowed = tuple(sde.noises.values()) if noises is None else tuple(noises)
    for w in allowed:
        if w not in sde.noises.values():
            raise ValueError(f"noises hold {w}: the system has only {', '.join(sde.noises) or 'none'}")
    wanted = {x: expression(taken_off.get(x, 0), f"shift of {x}") for x in variables}
    units = [u for w in allowed for u in dict.fromkeys((w, sp.conjugate(w)))]
    rows = {x: {u: _paired(sde.noise[x], u) for u in units} for x in variables}
    kernel, solved = sp.S.Zero, set()
    for block in _blocks(rows):
        if any(wanted[x] != 0 for x in block):
            independent = _independent(block, rows)
            kernel += _least_norm(independent, rows, wanted) if independent else 0
            solved |= {*independent}
    for x in variables:
        if x not in solved and not equal(sde.correlation(sde.noise[x], kernel), wanted[x]):
            raise ValueError(
                f"no kernel in {', '.join(map(str, allowed))} makes the shift {dict(taken_off)}: it fails for {x}, "
                f"whose noise is {sde.noise[x]}; those of all variables together must lie in the range of the noise"
            )
    return kernel


def _paired(noise: Any, unit: Any) -> Any:
    """Return <noise unit>/dt."""
    return noise_coefficients(noise).get(sp.conjugate(unit), sp.S.Zero)


def _blocks(rows: Mapping[Any, Mapping[Any, Any]]) -> list[list[Any]]:
    """Return the variables in groups, as small as can be, no two of which have a unit in common."""
    groups: list[tuple[set[Any], list[Any]]] = []
    for x, row in rows.items():
        units, members = {u for u, c in row.items() if c != 0}, [x]
        for group in [g for g in groups if g[0] & units]:
            groups.remove(group)
            units, members = units | group[0], group[1] + members
        groups.append((units, members))
    return [members for units, members in groups if units]


def _independent(block: list[Any], rows: Mapping[Any, Mapping[Any, Any]]) -> list[Any]:
    """Return variables of a block whose noises are independent and span the others', at a generic point."""
    draw = random.Random(1)
    symbols = sorted({s for x in block for c in rows[x].values() for s in c.free_symbols}, key=str)
    found: list[Any] = []
    for size in SIZES:
        parts = {s: (draw.uniform(-size, size), draw.uniform(-size, size)) for s in symbols}
        point = {
            s: sp.Float(abs(a) if s.is_positive else a) + (0 if s.is_real else sp.I * b) for s, (a, b) in parts.items()
        }
        here = _independent_at(point, block, rows)
        found = max(found, here, key=len)
    return found


def _independent_at(point: Mapping[Any, Any], block: list[Any], rows: Mapping[Any, Mapping[Any, Any]]) -> list[Any]:
    chosen: list[Any] = []
    values: list[Any] = []
    for x in block:
        row = np.array([complex(c.xreplace(point)) for c in rows[x].values()])
        row /= np.abs(row).max() or 1.0
        if np.linalg.matrix_rank([*values, row]) > len(values):
            chosen, values = [*chosen, x], [*values, row]
    return chosen


def _least_norm(block: list[Any], rows: Mapping[Any, Mapping[Any, Any]], wanted: Mapping[Any, Any]) -> Any:
    """Return M†(MM†)⁻¹s for independent rows, as a kernel."""
    units = [u for u in rows[block[0]] if any(rows[x][u] != 0 for x in block)]
    M, s = sp.Matrix([[rows[x][u] for u in units] for x in block]), sp.Matrix([wanted[x] for x in block])
    left, square = (sp.eye(len(s)), M) if M.is_square else (M.H, (M * M.H).applyfunc(tidy))
    found = left * square.adjugate() * s / tidy(square.det())
    return sp.Add(*[c * u for c, u in zip(found, units, strict=True)])
