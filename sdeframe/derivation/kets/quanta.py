"""The number of quanta that H conserves, and how many of them a start holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sympy as sp

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.kets.left_action import KetKey, spinor
from sdeframe.derivation.operators.coefficients import given
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.monomials import Monomial, Transition
from sdeframe.derivation.operators.operators import Operator

__all__ = ["check_keeps", "quanta", "start_totals"]

TAIL: Final = 1e-10
"""What the start may have beyond the cutoffs."""


def quanta(master: Master) -> dict[KetKey, int] | None:
    """Return how many quanta each variable counts, 1 for every mode, in a number that H conserves; None without one."""
    keys = [KetKey(e.name, level) for e in master.emitters for level in e.levels]
    rates, changes = [], []
    for m in master.H.terms:
        row = dict.fromkeys(keys, 0)
        for name, (i, j) in _moved(m):
            row[KetKey(name, i)] += 1
            row[KetKey(name, j)] -= 1
        rates.append([row[key] for key in keys])
        changes.append(sum(annihilated - created for _, created, annihilated in m.bosons))
    unknown = sp.symbols(f"k:{len(keys)}")
    equations = [sp.Add(*map(sp.Mul, row, unknown)) - c for row, c in zip(rates, changes, strict=True)]
    found = sp.linsolve([*equations, sp.S.Zero], *unknown) if keys else set() if any(changes) else {()}
    if not found:
        return None
    counts = dict(zip(keys, (x.subs(dict.fromkeys(unknown, 0)) for x in next(iter(found))), strict=True))
    if not all(x.is_Integer for x in counts.values()):
        return None
    lowest = {e.name: min(counts[KetKey(e.name, level)] for level in e.levels) for e in master.emitters}
    return {KetKey(mode.name): 1 for mode in master.modes} | {
        key: int(x - lowest[key.part]) for key, x in counts.items()
    }


def _moved(m: Monomial) -> list[tuple[str, Transition]]:
    """Return the transitions of a term, with the emitters that make them."""
    of_clouds = [(name, ij) for name, cloud in m.clouds for ij in cloud.others]
    return [*((name, ij) for (name, _), ij in m.sites), *of_clouds]


def check_keeps(operator: Operator, counts: Mapping[KetKey, int], sector: int) -> None:
    """Raise ValueError if an operator changes the number of quanta, so that one of them does not tell its average."""
    for m in operator.terms:
        changes = sum(created - annihilated for _, created, annihilated in m.bosons)
        changes += sum(counts[KetKey(name, i)] - counts[KetKey(name, j)] for name, (i, j) in _moved(m))
        if changes:
            raise ValueError(
                f"{operator} with sector={sector} in Ket: it changes the number of quanta, so that its average is one "
                f"between different sectors: take Ket() without one"
            )


@usual_arithmetic
def start_totals(
    master: Master, counts: Mapping[KetKey, int], start: Mapping[Any, Any], values: Mapping[Any, Any]
) -> tuple[int, int]:
    """Return the smallest and the largest number of quanta at the start, but for tails.

    Parameters
    ----------
    master
        The system.
    counts
        What each variable counts.
    start
        The value of every variable.
    values
        Of parameters.
    """
    from scipy.stats import poisson

    alphas = [sp.sympify(start[KetKey(mode.name).variable(master.parts)]) for mode in master.modes]
    photons = float(sum(abs(complex(given(alpha, values))) ** 2 for alpha in alphas))
    least, most = (int(poisson.ppf(TAIL, photons)), int(poisson.isf(TAIL, photons))) if photons else (0, 0)
    for e in master.emitters:
        size = 1 if e.individual else int(given(e.size, values))
        for mu in e.numbers if e.individual else [None]:
            keys = [key for key in spinor(e, mu) if start[key.variable(master.parts)] != 0]
            occupied = [counts[KetKey(e.name, key.level)] for key in keys]
            least, most = least + size * min(occupied), most + size * max(occupied)
    return least, most
