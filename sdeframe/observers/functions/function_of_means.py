"""Standard errors of functions of means, to first order in the errors of these (delta method)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.observers.functions.polarised import covariance, rounding
from sdeframe.observers.functions.singular import vanishing
from sdeframe.sums.estimates import Estimates

Array = NDArray[np.float64]

UNTOLD: Final = "untold"
"""The attribute of a variable that says where and why it is not a number."""

RESOLVED: Final = 5.0
"""Standard errors that a denominator must be away from zero: nearer, a quotient has no error to first order.

Of both parts together: one that is large by chance, beside another with a larger error, does not tell how large it is.
"""


@attrs.frozen
class FunctionOfMeans:
    """A function of k complex means, which need not be analytic.

    With m = u + i v, real functions of u and v vary by their gradients g: (Δf)² = gᵀ C g with the covariances C of u
    and v, for the real and the imaginary part of f each.
    """

    expression: sp.Expr
    means: tuple[sp.Symbol, ...]
    trajectories: int
    """Of the whole run, which tell how well covariances are known."""

    def of(self, polarised: Estimates) -> Estimates:
        """Return the function with its errors, not a number where a denominator or the like may be zero.

        Parameters
        ----------
        polarised
            Means of `sdeframe.observers.functions.polarised` values along the first axis.
        """
        rows = _rows(self._functions[0], polarised.mean[: len(self.means)])
        return self._where_told(polarised, self._with_errors(rows[0], rows[1:], polarised))

    def change(self, polarised: Estimates, by: Estimates) -> Estimates:
        """Return by how much the function changes where its means change a little, to first order."""
        k = len(self.means)
        gradient = _rows(self._functions[0], polarised.mean[:k])[1:]
        with np.errstate(all="ignore"):
            value = np.sum(gradient * np.concatenate([by.mean[:k].real, by.mean[:k].imag]), axis=0)
        return self._where_told(polarised, self._with_errors(value, gradient, by))

    @property
    def _functions(self) -> tuple[Callable[..., Any], ...]:
        return _compiled(self.expression, self.means)

    @property
    def _cut(self) -> tuple[bool, ...]:
        return tuple(vanishing(self.expression, self.means).values())

    def _where_told(self, polarised: Estimates, found: Estimates) -> Estimates:
        """Return what was found, but where what must not lie within `RESOLVED` errors of zero, or of a cut, does."""
        resolved = np.ones(found.mean.shape, dtype=bool)
        for function, cut in zip(self._functions[1:], self._cut, strict=True):
            rows = _rows(function, polarised.mean[: len(self.means)])
            below = self._with_errors(rows[0], rows[1:], polarised)
            resolved &= np.abs(below.mean) > RESOLVED * np.abs(below.error)
            if cut:
                side = (below.error.imag == 0) | (np.abs(below.mean.imag) > RESOLVED * below.error.imag)
                resolved &= (below.mean.real > 0) | side
        return found.each(lambda z: np.where(resolved, z, complex(np.nan, np.nan)))

    def _with_errors(self, value: Any, gradient: Any, means: Estimates) -> Estimates:
        """Return a value with errors by its gradient; floors add up, as nobody knows how they go together.

        What does not vary adds nothing, even where there is no derivative, as of a modulus at 0.
        """
        k = len(gradient) // 2
        errors_of_means = np.concatenate([means.error[:k].real, means.error[:k].imag])
        gradient = np.where(errors_of_means == 0.0, 0.0, gradient)
        with np.errstate(all="ignore"):
            spread = covariance(means, k)
            off = rounding(means, spread, self.trajectories)
            errors = [_error(part(gradient), spread, off) for part in (np.real, np.imag)]
            found = Estimates.of_parts((value.real, value.imag), errors)
            if means.floor is None:
                return found
            parts = np.concatenate([means.floor[:k].real, means.floor[:k].imag])
            floors = [np.sum(np.abs(part(gradient)) * parts, axis=0) for part in (np.real, np.imag)]
            return found.tied(errors, floors)


@cached(256)
def _compiled(expression: sp.Expr, means: tuple[sp.Symbol, ...]) -> tuple[Callable[..., Any], ...]:
    """Return an expression, then what must not vanish in it, each with its derivatives by all u, then by all v."""
    u, v = (sp.symbols(f"{name}:{len(means)}", real=True) for name in "uv")
    parts = {m: a + sp.I * b for m, a, b in zip(means, u, v, strict=True)}
    found = []
    for each in (expression, *vanishing(expression, means)):
        by_parts = each.xreplace(parts)
        rows = [by_parts, *(sp.diff(by_parts, x) for x in (*u, *v))]
        found.append(sp.lambdify((*u, *v), rows, "numpy", cse=True))
    return tuple(found)


def _rows(function: Callable[..., Any], mean: Any) -> Any:
    """Return a function of means and its derivatives, shape (1 + 2 k, ...)."""
    with np.errstate(all="ignore"):
        rows = function(*mean.real, *mean.imag)
        return np.array([np.broadcast_to(np.asarray(row, dtype=complex), mean.shape[1:]) for row in rows])


def _error(gradient: Array, spread: Array, off: Array) -> Array:
    """Return √(gᵀ C g) with what C may be off, which rounding must not make the root of a negative number."""
    squared = np.einsum("i...,ij...,j...->...", gradient, spread, gradient)
    size = np.abs(gradient)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0) + np.einsum("i...,ij...,j...->...", size, off, size)))
