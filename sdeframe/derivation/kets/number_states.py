"""Operators between kets in a basis of number states."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.kets.left_action import KetKey, spinor
from sdeframe.derivation.kets.quanta import quanta, start_totals
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.operators.coefficients import given
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.monomials import Monomial, Transition
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.interfaces.kets import Field, KetOperator, NumberBasis, Spinor, occupations

__all__ = ["between_kets", "number_basis"]


def number_basis(
    master: Master, representation: Ket, start: Mapping[Any, Any], values: Mapping[Any, Any]
) -> NumberBasis:
    """Return the number states in which kets are compared: those with as many quanta as the start, if H conserves them.

    Parameters
    ----------
    master
        The system.
    representation
        Which may say how many number states of a mode there are.
    start
        The value of every variable.
    values
        Of parameters.

    Raises
    ------
    ValueError
        If numbers of them are to be given, or are given of what is no mode, or H conserves no number of quanta to which
        kets could be projected.
    """
    told, names, counts = dict(representation.cutoffs), [mode.name for mode in master.modes], quanta(master)
    for name in told:
        if name not in names:
            raise ValueError(f"cutoffs of {name} in Ket: the modes are {', '.join(names) or 'none'}")
    lacking = [name for name in names if name not in told]
    if counts is None and representation.sector is not None:
        raise ValueError(f"sector={representation.sector} in Ket: H conserves no number of quanta: leave it out")
    if lacking and counts is None:
        raise ValueError(
            f"H conserves no number of quanta, from which the number of photons would follow: give it, such as "
            f"Ket(cutoffs={{{lacking[0]!r}: 40}})"
        )
    held = None if counts is None else start_totals(master, counts, start, values)
    if representation.sector is not None:
        held = (representation.sector, representation.sector)
    totals, most = None if told else held, 0 if held is None else held[1]
    factors: list[Field | Spinor] = [
        Field(KetKey(name).variable(master.parts), told.get(name, most + 1), name not in told) for name in names
    ]
    weights: list[tuple[int, ...]] = [(1,)] * len(names)
    for e in master.emitters:
        size = 1 if e.individual else int(given(e.size, values))
        shared = e.numbers if e.individual else [None]
        factors += [Spinor(tuple(key.variable(master.parts) for key in spinor(e, mu)), size) for mu in shared]
        weights += [tuple(0 if counts is None else counts[key] for key in spinor(e)) for _ in shared]
    return NumberBasis(tuple(factors), tuple(weights), totals)


@usual_arithmetic
def between_kets(master: Master, basis: NumberBasis, operator: Operator, values: Mapping[Any, Any]) -> KetOperator:
    """Return an operator in a basis of number states.

    Parameters
    ----------
    master
        The system.
    basis
        Its basis.
    operator
        Of it.
    values
        Of parameters.
    """
    from scipy.sparse import coo_array, csr_array, kron

    operator = as_operator(operator)
    size = prod(factor.length for factor in basis.factors)
    whole = csr_array((size, size), dtype=complex)
    for m, c in operator.terms.items():
        term = coo_array(np.array([[complex(given(c, values))]]))
        for factor in _factors(master, m, basis):
            term = kron(term, factor, format="coo")
        whole = whole + term.tocsr()
    kept = basis.kept()
    found = whole[kept][:, kept].tocoo()
    rows, columns = found.coords
    return KetOperator(str(operator), basis, rows.astype(np.int64), columns.astype(np.int64), found.data)


def _factors(master: Master, m: Monomial, basis: NumberBasis) -> list[Any]:
    """Return what a monomial is on every factor of the basis."""
    powers = {mode: (created, annihilated) for mode, created, annihilated in m.bosons}
    moved: dict[tuple[str, int | None], tuple[Transition, ...]] = {site: (ij,) for site, ij in m.sites}
    moved |= {(name, None): cloud.others for name, cloud in m.clouds}
    left = list(basis.factors)
    found = [_ladder(left.pop(0).length, *powers.get(mode.name, (0, 0))) for mode in master.modes]
    for e in master.emitters:
        for mu in e.numbers if e.individual else [None]:
            factor = left.pop(0)
            assert isinstance(factor, Spinor)
            found.append(_transitions(e.levels, factor.size, moved.get((e.name, mu), ())))
    return found


def _ladder(cutoff: int, created: int, annihilated: int) -> Any:
    """Return a†^m aⁿ."""
    from scipy.sparse import coo_array

    n = np.arange(annihilated, min(cutoff, cutoff + annihilated - created))
    down = [n - k for k in range(annihilated)]
    up = [n - annihilated + k + 1 for k in range(created)]
    value = np.sqrt(prod((x.astype(float) for x in (*down, *up)), start=np.ones(n.size)))
    return coo_array((value, (n - annihilated + created, n)), shape=(cutoff, cutoff))


def _transitions(levels: tuple[str, ...], size: int, moved: tuple[Transition, ...]) -> Any:
    """Return Σ σ_ij σ_kl ... over different emitters: all leave the levels j, l, ..., then all enter i, k, ..."""
    from scipy.sparse import coo_array

    states = occupations(len(levels), size)
    number = {tuple(state): k for k, state in enumerate(states.tolist())}
    elements = []
    for k, state in enumerate(states.tolist()):
        squared, here = 1.0, list(state)
        for _, j in moved:
            squared *= here[levels.index(j)]
            here[levels.index(j)] -= 1
        for i, _ in moved:
            here[levels.index(i)] += 1
            squared *= here[levels.index(i)]
        if squared > 0:
            elements.append((number[tuple(here)], k, squared**0.5))
    rows, columns, value = zip(*elements, strict=True) if elements else ((), (), ())
    return coo_array((np.array(value), (np.array(rows, int), np.array(columns, int))), shape=(len(states),) * 2)
