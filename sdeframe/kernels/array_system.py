"""The slow literal twin of the compiled kernel: a system as numpy functions, which an integrator steps as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.caches import cached
from sdeframe.kernels.layout import ordered_noises
from sdeframe.kernels.lower import one_exponential
from sdeframe.symbolic.noise_derivatives import noise_correction, noise_slope
from sdeframe.symbolic.symbols import time
from sdeframe.symbolic.system import SDE
from sdeframe.time_dependence.tables import compilable

Table = NDArray[np.complex128]


def _inverse_root(z: Any) -> NDArray[Any]:
    root = np.emath.sqrt(z)
    return np.divide(1.0, root, out=np.zeros_like(root), where=root != 0)


PRINCIPAL = {
    "sqrt": np.emath.sqrt, "log": np.emath.log, "principal_power": np.emath.power, "InverseRoot": _inverse_root,
}  # fmt: skip
"""Functions that leave the real axis where their argument is negative, as the kernel's do."""


@attrs.frozen(eq=False, slots=False)
class EagerSystem:
    """The drift and noise of a system on complex arrays of shape (variables, trajectories).

    ``integrator.step(EagerSystem(sde, values), x, t, Increments(dt, path, signs))`` makes the step that the kernel
    makes, to rounding. Nothing is converted here: the system must be in the integrator's calculus, with independent
    noises.

    Parameters
    ----------
    sde
        The system; noises are numbered as in `sdeframe.kernels.trace.ordered_noises`, complex ones first.
    parameters
        The value of every parameter of the system.

    Raises
    ------
    ValueError
        If a parameter has no value, named.
    """

    sde: SDE
    parameters: Mapping[sp.Symbol, float] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for symbol in self._symbols:
            if symbol not in self.parameters:
                raise ValueError(f"parameter {symbol} has no value: give one, such as {{{symbol}: 1.0}}")

    def drift(self, x: ArrayLike, t: float) -> Table:
        """Return the drift at states x, shape (variables, trajectories), and time t."""
        return self._table(self._drift, x, t, ())

    def noise(self, x: ArrayLike, t: float, y: ArrayLike) -> Table:
        """Return the noise terms at x and t with y, shape (noises, trajectories), in place of the noises."""
        noises = ordered_noises(self.sde)
        return self._table(self._noise, x, t, [_of(w, row) for w, row in zip(noises, np.asarray(y), strict=True)])

    def noise_jvp(self, x: ArrayLike, t: float, y: ArrayLike, direction: ArrayLike) -> Table:
        """Return the derivative of the noise terms at x and t along a direction, shape (variables, trajectories)."""
        noises, state = ordered_noises(self.sde), self.sde.state
        driven = [_of(w, row) for w, row in zip(noises, np.asarray(y), strict=True)]
        along = [_of(v, row) for v, row in zip(state, np.asarray(direction), strict=True)]
        return self._table(self._slope, x, t, [*driven, *along])

    def correction(self, x: ArrayLike, t: float) -> Table:
        """Return the Itô-Stratonovich correction at x and t."""
        return self._table(self._correction, x, t, ())

    def _table(self, rows: list[Callable[..., Any]], x: ArrayLike, t: float, noises: Any) -> Table:
        state = np.asarray(x)
        table = np.empty(state.shape, dtype=complex)
        uniform = [np.full(state.shape[1:], u) for u in (t, *(self.parameters[p] for p in self._symbols))]
        arguments = [_of(s, row) for s, row in zip(self.sde.state, state, strict=True)]
        for i, row in enumerate(rows):
            table[i] = row(*uniform, *arguments, *noises)
        return table

    @property
    def _symbols(self) -> tuple[sp.Symbol, ...]:
        return tuple(self.sde.parameters.values())

    @property
    def _drift(self) -> list[Callable[..., Any]]:
        return _drift(self.sde)

    @cached_property
    def _noise(self) -> list[Callable[..., Any]]:
        return _functions(self.sde, self.sde.noise, ordered_noises(self.sde))

    @cached_property
    def _slope(self) -> list[Callable[..., Any]]:
        rows, along = noise_slope(self.sde)
        return _functions(self.sde, rows, (*ordered_noises(self.sde), *along.values()))

    @cached_property
    def _correction(self) -> list[Callable[..., Any]]:
        return _functions(self.sde, noise_correction(self.sde), ())


@cached(64)
def _drift(sde: SDE) -> list[Callable[..., Any]]:
    """Return the drift of all systems of this form, whatever the values of parameters."""
    return _functions(sde, sde.drift, ())


def _functions(sde: SDE, rows: Mapping[sp.Symbol, sp.Expr], noises: tuple[sp.Symbol, ...]) -> list[Callable[..., Any]]:
    symbols = [time, *sde.parameters.values(), *sde.state, *noises]
    return [sp.lambdify(symbols, _principal(rows[s]), [PRINCIPAL, "numpy"]) for s in sde.state]


def _of(symbol: sp.Symbol, row: NDArray[Any]) -> NDArray[Any]:
    return row.real if symbol.is_real else row


def _principal(expr: sp.Expr) -> sp.Expr:
    """Write what numpy would answer with NaN, or take for one array, in functions that it computes."""
    power, root = sp.Function("principal_power"), sp.Function("sqrt")
    chosen = compilable(expr).replace(lambda e: isinstance(e, (sp.Min, sp.Max)), lambda e: e.rewrite(sp.Piecewise))
    chosen = chosen.replace(lambda e: e.is_Mul, lambda e: sp.Mul(*one_exponential(e.args)))

    def rewritten(e: sp.Expr) -> sp.Expr:
        doubled = 2 * e.exp
        return root(e.base) ** doubled if doubled.is_Integer else power(e.base, e.exp)

    return chosen.replace(lambda e: e.is_Pow and not e.exp.is_Integer and e.base is not sp.E, rewritten)
