"""Exact averages of small systems, on those elements of the density matrix that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.derivation.exact.elements import Basis, Sparse, check_size
from sdeframe.derivation.exact.integration import advancing, matrices
from sdeframe.derivation.exact.superoperators import Placed, Superoperators
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.starts.initial_values import named

__all__ = ["exact_means"]

FIRST_CUTOFF: Final = 5


def exact_means(
    master: Master,
    operators: Mapping[str, Operator],
    initial: Mapping[Any, Any],
    times: ArrayLike,
    values: Mapping[Any, Any] | None = None,
    cutoffs: Mapping[Any, int] | None = None,
    tolerance: float = 1e-10,
) -> dict[str, NDArray[np.complex128]]:
    """Return exact quantum mechanical averages from the master equation.

    Only elements of the density matrix are integrated that the initial state can reach and that an operator can see, so
    that what conserves excitations costs little. Identical emitters are kept in symmetric states. The state is
    an exponential of a matrix times the initial one; where coefficients hold the time, a Runge-Kutta scheme of order 8
    keeps relative errors of 1e-10 a step.

    Parameters
    ----------
    master
        The master equation.
    operators
        What is averaged, by name.
    initial
        For every mode, or its name, a `ModeState`; for every kind of emitters a level or the density matrix of one, in
        the order of the levels, or a list with one for each emitter.
    times
        Increasing times from 0 on, shape (T,).
    values
        The value of every parameter, symbolic numbers of emitters included.
    cutoffs
        Number of number states kept of every mode, or of some. A mode without one has as many as the tolerance takes.
    tolerance
        Largest population, at any of the times, of the highest number state kept, and largest loss of trace. Averages
        can be off by more: <a²> of a squeezed field by 35 times as much at 1e-8.

    Returns
    -------
    dict
        Of every operator the averages, complex of shape (T,).

    Raises
    ------
    ValueError
        If something is missing, the system is too large, or a cutoff too low; the message says what would help.
    """
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or not t.size or not np.isfinite(t).all() or t[0] < 0 or (np.diff(t) <= 0).any():
        raise ValueError("times: give increasing finite times from 0 on")
    fixed = named(cutoffs or {})
    known = {mode.name: int(fixed.get(mode.name, FIRST_CUTOFF)) for mode in master.modes}
    while True:
        means, short = _solve(Superoperators(master, dict(values or {}), known), operators, initial, t, tolerance)
        if not short:
            return means
        for name, population in short.items():
            if name in fixed:
                raise ValueError(
                    f"cutoffs={{{name!r}: {known[name]}}}: the highest number state kept reaches a population of "
                    f"{population:.2g}, {tolerance:g} is allowed; take more states or shorter times"
                )
            known[name] += max(2, known[name] // 2)


def _inverse(placed: Placed) -> Placed:
    """Return the transposed maps: each is one to one where its factor is not 0."""
    turned = []
    for k, (into, weight) in placed:
        back, factor = np.zeros_like(into), np.zeros_like(weight)
        kept = np.flatnonzero(weight)
        back[into[kept]], factor[into[kept]] = kept, weight[kept]
        turned.append((k, (back, factor)))
    return tuple(turned)


def _reached(basis: Basis, maps: Sequence[Placed], at: NDArray[np.int64], within: Any = None) -> NDArray[np.int64]:
    """Return the elements, sorted, that maps lead to from some, without leaving those of `within`."""
    found = new = _distinct(at) if within is None else np.intersect1d(at, within)
    while new.size:
        steps = [new[:0]]
        for placed in maps:
            out, factor = basis.apply(placed, new)
            steps.append(out[factor != 0])
        new = np.setdiff1d(_distinct(np.concatenate(steps)), found, assume_unique=True)
        new = new if within is None else np.intersect1d(new, within, assume_unique=True)
        found = np.sort(np.concatenate([found, new]))
        check_size(found.size)
    return found


def _distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return different numbers, sorted; `np.unique` of some versions hashes them, which takes ten times as long."""
    ordered = np.sort(numbers)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _functional(system: Superoperators, operator: Operator, trace: Sparse) -> Sparse:
    """Return the functional Tr Oρ."""
    gathered: dict[int, complex] = {}
    at, ones = trace
    for c, placed in system.left(operator):
        if isinstance(c, sp.Expr):
            raise ValueError(f"operator {operator}: average operators that do not hold the time")
        into, factor = system.basis.apply(_inverse(placed), at)
        for k, value in zip(into[factor != 0].tolist(), (c * ones * factor)[factor != 0].tolist(), strict=True):
            gathered[k] = gathered.get(k, 0) + value
    return np.array(list(gathered), dtype=np.int64), np.array(list(gathered.values()), dtype=complex)


def _solve(
    system: Superoperators, operators: Mapping[str, Operator], initial: Mapping[Any, Any], t: Any, tolerance: float
) -> tuple[dict[str, NDArray[np.complex128]], dict[str, float]]:
    """Return averages, and of every mode whose cutoff is too low the population of its highest number state."""
    trace = system.trace()
    wanted = {("mean", name): _functional(system, x, trace) for name, x in operators.items()}
    wanted |= {("top", mode.name): system.trace(top=mode.name) for mode in system.master.modes}
    wanted["trace", ""] = trace
    terms = list(system.liouvillian())
    back = [_inverse(placed) for _, placed in terms]
    start_at, start_value = system.start(initial)
    seen = _reached(system.basis, back, np.concatenate([at for at, _ in wanted.values()]))
    kept = _reached(system.basis, [placed for _, placed in terms], start_at, within=seen)
    rho = _vector(kept, start_at, start_value)
    rows = np.array([_vector(kept, *functional) for functional in wanted.values()])
    advance, now, columns = advancing(matrices(system.basis, terms, kept)), 0.0, []
    for then in t.tolist():
        rho = advance(rho, now, then) if then > now else rho
        now = then
        columns.append(rows @ rho)
        found = dict(zip(wanted, columns[-1], strict=True))
        tops = {name: float(abs(f)) for (kind, name), f in found.items() if kind == "top"}
        lost = float(abs(found["trace", ""] - 1))
        if lost > tolerance and not any(p > tolerance for p in tops.values()):
            tops = dict.fromkeys(tops, lost)  # already missing at the start
        short = {name: p for name, p in tops.items() if p > tolerance}
        if short:  # later times would be for nothing
            return {}, short
    averages = dict(zip(wanted, np.transpose(columns), strict=True))
    return {name: f for (kind, name), f in averages.items() if kind == "mean"}, {}


def _vector(kept: NDArray[np.int64], at: NDArray[np.int64], value: NDArray[Any]) -> NDArray[np.complex128]:
    vector = np.zeros(len(kept), dtype=complex)
    place = np.minimum(np.searchsorted(kept, at), len(kept) - 1)
    there = kept[place] == at
    vector[place[there]] = value[there]
    return vector
