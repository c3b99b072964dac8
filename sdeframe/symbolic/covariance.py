"""Correlated real noises: the covariance of a system, its matrix, and the independent noises behind it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

import sympy as sp

from sdeframe.symbolic.symbols import Noise

__all__ = ["check_covariance", "cholesky", "independent_noises"]

ZERO_PIVOT: Final = 1e-12
Covariance = Mapping[tuple[Any, Any], Any]


def check_covariance(covariance: Covariance, values: Mapping[Any, Any]) -> None:
    """Check that a covariance is that of real noises of unit variance, as far as it is a number at given parameters.

    Raises
    ------
    ValueError
        If a value is above 1 in size or the whole matrix is not positive semidefinite.
    """
    numbers = {pair: value.subs(values) for pair, value in covariance.items()}
    for (a, b), value in numbers.items():
        if value.is_number and not (value.is_real and abs(value) <= 1):
            shown = f"{float(value):g}" if value.is_real else value
            raise ValueError(f"covariance of {a} and {b} is {shown}: give a real number between -1 and 1")
    noises = _noises(covariance)
    try:
        cholesky(_matrix(noises, numbers))
    except ValueError:
        names = ", ".join(n.name for n in noises)
        raise ValueError(f"covariance of {names} is not positive semidefinite: make its values smaller") from None


def independent_noises(covariance: Covariance, taken: Container[str]) -> dict[Any, Any]:
    """Express correlated noises by independent ones, `W_i = Σ_j L_ij V_j`.

    A noise V is W itself where W has no covariance with earlier ones (by name), else a new symbol `<name>_rest`.
    """
    noises = _noises(covariance)
    root = cholesky(_matrix(noises, covariance))
    units = [
        w if all(entry == 0 for entry in row[:k]) else _rest_of(w, taken)
        for k, (w, row) in enumerate(zip(noises, root, strict=True))
    ]
    return {
        w: sp.Add(*[entry * unit for entry, unit in zip(row, units, strict=True)])
        for w, row in zip(noises, root, strict=True)
    }


def cholesky(matrix: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the lower triangular L with L Lᵀ = C for a positive semidefinite matrix C of real numbers or expressions.

    A pivot that is zero, as two fully correlated noises give, makes its column zero. A pivot that holds parameters is
    taken to be positive or zero.

    Raises
    ------
    ValueError
        If the matrix is numerical and not positive semidefinite.
    """
    size = len(matrix)
    root = [[sp.S.Zero] * size for _ in range(size)]
    for j in range(size):
        rest = [sp.expand(matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))) for i in range(j, size)]
        pivot, below = rest[0], rest[1:]
        if pivot.is_number and pivot <= ZERO_PIVOT:
            if pivot < -ZERO_PIVOT or any(e.is_number and e**2 > ZERO_PIVOT for e in below):
                raise ValueError("the matrix is not positive semidefinite")
            continue
        root[j][j] = sp.sqrt(pivot if pivot.is_number else sp.Max(0, pivot))
        for i, entry in enumerate(below, start=j + 1):
            root[i][j] = entry / root[j][j]
    return root


def _noises(covariance: Covariance) -> tuple[Any, ...]:
    return tuple(sorted({n for pair in covariance for n in pair}, key=lambda n: n.name))


def _matrix(noises: Sequence[Any], covariance: Covariance) -> list[list[Any]]:
    def entry(a: Any, b: Any) -> Any:
        return sp.S.One if a == b else covariance.get((a, b), covariance.get((b, a), sp.S.Zero))

    return [[entry(a, b) for b in noises] for a in noises]


def _rest_of(noise: Any, taken: Container[str]) -> Noise:
    name = f"{noise.name}_rest"
    while name in taken:
        name += "_"
    return Noise(name, real=True)
