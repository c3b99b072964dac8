"""From a wanted shift of the drift to the noise kernel that makes it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from sdeframe.algebra import equal, noise_coefficients, tidy
from sdeframe.symbols import Noise
from sdeframe.system import SDE


def shift_kernel(sde: SDE, shift: Mapping[Any, Any], noises: Iterable[Noise] | None = None) -> Any:
    """Return the kernel ξ0 with `<n_i ξ0> = shift_i`, by which a drift gauge takes a shift off the drift.

    Where several kernels do it, it is the one of least norm `<|ξ0|²>`, by which the spread of the weight grows at
    first.

    Parameters
    ----------
    sde
        An Itô system with independent noises.
    shift
        What is to be taken off the drift of some variables; that of all others is to stay.
    noises
        The noises that the kernel may hold; all of the system's if not given.

    Raises
    ------
    ValueError
        If no such kernel makes the shift, with a variable for which it fails.
    """
    if sde.covariance:
        raise ValueError("the noises are correlated: give the kernel of sde.uncorrelated()")
    allowed = [w for w in sde.noises.values() if noises is None or w in set(noises)]
    units = [u for w in allowed for u in dict.fromkeys((w, sp.conjugate(w)))]
    rows = {x: {u: _paired(n, u) for u in units} for x, n in sde.noise.items()}
    wanted = {x: sp.sympify(shift.get(x, 0)) for x in sde.state}
    kernel, solved = sp.S.Zero, set()
    for block in _blocks(rows):
        if any(wanted[x] != 0 for x in block):
            independent = _independent(block, rows)
            kernel += _least_norm(independent, rows, wanted)
            solved |= {*independent}
    for x, n in sde.noise.items():
        if x not in solved and not equal(sde.correlation(n, kernel), wanted[x]):
            raise ValueError(
                f"no kernel in {', '.join(map(str, allowed))} makes the shift {dict(shift)}: it fails for {x}, whose "
                f"noise is {n}; the shifts of all variables together must lie in the range of the noise"
            )
    return kernel


def _paired(noise: Any, unit: Any) -> Any:
    """Return <noise unit>/dt."""
    return noise_coefficients(noise).get(sp.conjugate(unit), sp.S.Zero)


def _blocks(rows: Mapping[Any, Mapping[Any, Any]]) -> list[list[Any]]:
    """Return groups of variables that share no unit with each other."""
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
    point = {s: sp.Float(draw.uniform(1, 2)) + (0 if s.is_real else sp.I * draw.uniform(1, 2)) for s in symbols}
    chosen: list[Any] = []
    values: list[list[complex]] = []
    for x in block:
        row = [complex(c.xreplace(point)) for c in rows[x].values()]
        if np.linalg.matrix_rank([*values, row]) > len(values):
            chosen, values = [*chosen, x], [*values, row]
    return chosen


def _least_norm(block: list[Any], rows: Mapping[Any, Mapping[Any, Any]], wanted: Mapping[Any, Any]) -> Any:
    """Return M†(MM†)⁻¹s for independent rows, as a kernel."""
    units = [u for u in rows[block[0]] if any(rows[x][u] != 0 for x in block)]
    M, s = (
        sp.Matrix([[rows[x][u] for u in units] for x in block]),
        sp.Matrix(sp.symbols(f"s:{len(block)}", cls=sp.Dummy)),
    )
    found = M.LUsolve(s) if M.is_square else M.H * (M * M.H).applyfunc(tidy).LUsolve(s)
    given = dict(zip(s, (wanted[x] for x in block), strict=True))
    return sp.Add(*[_cancelled(c).xreplace(given) * u for c, u in zip(found, units, strict=True)])


def _cancelled(expr: Any) -> Any:
    """Return a quotient in lowest terms, with roots and conjugates for independent symbols."""
    opaque = expr.atoms(sp.Function) | {p for p in expr.atoms(sp.Pow) if not p.exp.is_Integer}
    names = {e: sp.Dummy() for e in opaque}
    return sp.cancel(expr.xreplace(names)).xreplace({name: e for e, name in names.items()})
