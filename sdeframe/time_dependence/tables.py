"""Tables of polynomials as numbers: their values, and what they can be on cells of their argument."""

from __future__ import annotations

from math import comb, perm
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from sympy.utilities.lambdify import implemented_function

from sdeframe.caches import cached
from sdeframe.symbolic.drives.table import Sampled, Table
from sdeframe.time_dependence.intervals import Interval
from sdeframe.time_dependence.rectangles import Rectangle

__all__ = ["compilable", "table_bounds", "table_values"]

Reals = NDArray[np.float64]
ROUNDING = 1e-14
"""Relative error of a value."""


@attrs.frozen(eq=False)
class _Rows:
    """The polynomials of a derivative of a table."""

    knots: Reals
    begins: Reals
    coefficients: NDArray[np.complex128]
    """Shape (rows, order + 1), the constant ones first."""
    least: tuple[Reals, ...]
    """Bounds from below of real and imaginary part on whole rows, of runs of 1, 2, 4, ... rows, shape (2, rows)."""
    largest: tuple[Reals, ...]

    def between(self, at: NDArray[np.int64], low: Reals, high: Reals) -> tuple[Reals, Reals]:
        """Return bounds of some rows between two places."""
        return _hull(self.coefficients[at], low - self.begins[at], high - self.begins[at])


@cached(256)
def _rows(table: Table, derivative: int) -> _Rows:
    numbers = np.array(table.data)[2 + len(table.knots) :].reshape(-1, table.width)
    parts = np.split(numbers[:, 1:], 1 + table.has_imaginary, axis=1)
    c = parts[0] + (1j * parts[1] if table.has_imaginary else 0j)
    factors = [perm(k, derivative) for k in range(derivative, table.order + 1)]
    c = c[:, derivative:] * factors
    knots, begins = np.array(table.knots), numbers[:, 0]
    ends = np.append(knots, max(table.ends[1], begins[-1]))
    low, high = _hull(c, begins - begins, np.maximum(ends - begins, 0.0))
    return _Rows(knots, begins, c, _runs(low, np.minimum), _runs(high, np.maximum))


def _runs(bounds: Reals, join: Any) -> tuple[Reals, ...]:
    """Return bounds of runs of 1, 2, 4, ... rows from every row on, as far as there are so many."""
    found = [bounds]
    while found[-1].shape[1] > 1 << (len(found) - 1):
        before, step = found[-1], 1 << (len(found) - 1)
        found.append(join(before[:, :-step], before[:, step:]))
    return tuple(found)


def _hull(c: NDArray[np.complex128], low: Reals, high: Reals) -> tuple[Reals, Reals]:
    """Return bounds of real and imaginary part of polynomials between two distances, by Bernstein coefficients."""
    n, length = c.shape[1] - 1, high - low
    moved = [sum(comb(k, j) * c[:, k] * low ** (k - j) for k in range(j, n + 1)) * length**j for j in range(n + 1)]
    bernstein = np.array([sum(comb(i, j) / comb(n, j) * moved[j] for j in range(i + 1)) for i in range(n + 1)])
    parts = np.array([bernstein.real, bernstein.imag])
    slack = ROUNDING * np.abs(parts).max(axis=1)
    return parts.min(axis=1) - slack, parts.max(axis=1) + slack


def table_values(table: Table, derivative: int, x: Any) -> Any:
    """Return the values of a table, or of a derivative, at some places."""
    rows = _rows(table, derivative)
    at = np.searchsorted(rows.knots, x, side="right")
    distance = x - rows.begins[at]
    found = np.zeros(np.shape(x), dtype=complex)
    for k in range(rows.coefficients.shape[1] - 1, -1, -1):
        found = found * distance + rows.coefficients[at, k]
    return found if table.has_imaginary else found.real


def table_bounds(table: Table, derivative: int, x: Interval) -> Rectangle:
    """Return bounds of a table, or of a derivative, on cells of its argument."""
    low, high = np.broadcast_arrays(np.atleast_1d(x.low), np.atleast_1d(x.high))
    if table.held:  # constant beyond, also where nothing is known of the argument
        low, high = (np.clip(end, table.ends[0] - 1.0, table.ends[1] + 1.0) for end in (low, high))
    rows = _rows(table, derivative)
    first, last = (np.searchsorted(rows.knots, end, side="right") for end in (low, high))
    ends = np.append(rows.knots, np.inf)
    lower, upper = rows.between(first, low, np.minimum(high, ends[first]))
    begin = np.maximum(low, rows.begins[last])
    below, above = rows.between(last, begin, np.maximum(high, begin))
    lower, upper = np.minimum(lower, below), np.maximum(upper, above)
    whole = last - first - 1
    for level in range(len(rows.least)):
        here = np.nonzero((whole >= 1 << level) & (whole < 2 << level))[0]
        for start in (first[here] + 1, last[here] - (1 << level)):
            lower[:, here] = np.minimum(lower[:, here], rows.least[level][:, start])
            upper[:, here] = np.maximum(upper[:, here], rows.largest[level][:, start])
    shape = np.shape(x.low + x.high)
    real, imag = (Interval(a.reshape(shape), b.reshape(shape)) for a, b in zip(lower, upper, strict=True))
    return Rectangle(real, imag if table.has_imaginary else None)


def compilable(expression: Any) -> Any:
    """Return an expression for `sympy.lambdify`, with functions of numbers in place of tables."""
    return expression.replace(lambda e: isinstance(e, Sampled), lambda e: _function(e.table, e.derivative)(e.at))


@cached(256)
def _function(table: Table, derivative: int) -> Any:
    return implemented_function(
        f"sampled_{table.digest[:16]}_{derivative}", lambda x: table_values(table, derivative, x)
    )
