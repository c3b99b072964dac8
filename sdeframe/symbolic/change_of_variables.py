"""The rows of the same process in other variables, or in another unit of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from sdeframe.symbolic.algebra import equal, tidy
from sdeframe.symbolic.equations import Equations
from sdeframe.symbolic.rows import Rows, expression
from sdeframe.symbolic.symbols import Parameter, StateVariable, time
from sdeframe.symbolic.wirtinger import wirtinger

__all__ = ["changed_rows", "scaled_rows"]


def changed_rows(ito: Equations, generator: Callable[[Any], Any], new: Rows, inverse: Rows) -> tuple[Rows, Rows]:
    """Return drift and noise in other variables, by Itô's formula; see `SDE.change_variables`.

    Raises
    ------
    ValueError
        If the inverse does not give the old variables back, or a real variable would move by a complex row.
    """
    _check_inverse(ito, new, inverse)
    kept = {x: x for x in ito.state if x not in inverse}
    everything = {**new, **kept}
    drift = {y: generator(f) for y, f in everything.items()}
    noise = {y: _noise_of(ito, f) for y, f in everything.items()}
    for y in new:
        for row in (drift[y], noise[y]):
            if y.is_real and not equal(row, sp.conjugate(row)):
                raise ValueError(f"new variable {y} is real, but {new[y]} moves by {row}: declare it complex")
    drift, noise = ({y: tidy(row.xreplace(inverse)) for y, row in rows.items()} for rows in (drift, noise))
    return drift, noise


def _noise_of(equations: Equations, f: Any) -> Any:
    """Return the noise of a function: Σ_u noise_u ∂_u f over the coordinates."""
    rows = {sp.conjugate(x): sp.conjugate(row) for x, row in equations.noise.items()} | dict(equations.noise)
    return sp.Add(*[row * wirtinger(f, u) for u, row in rows.items()])


def _check_inverse(equations: Equations, new: Rows, inverse: Rows) -> None:
    for x in inverse:
        if x not in equations.variables.values():
            raise ValueError(f"inverse for {x}: the system has no such variable, only {', '.join(equations.variables)}")
    stay = {x for x in equations.state if x not in inverse}
    for y in new:
        if not isinstance(y, StateVariable) or y in stay:
            what = "stays as it is: give its inverse too" if y in stay else "is no variable: declare it as one"
            raise ValueError(f"new variable {y} {what}")
    for x, g in inverse.items():
        for symbol in g.free_symbols:
            if not (symbol in new or symbol in stay or isinstance(symbol, Parameter) or symbol == time):
                raise ValueError(
                    f"inverse for {x} holds {symbol}: give it in the new variables {', '.join(map(str, new))}"
                )
        returned = g.xreplace(new)
        if not equal(returned, x):
            raise ValueError(
                f"inverse for {x} is {g}, which gives {sp.simplify(returned)} back: this must be {x}, and be seen to be"
            )


def scaled_rows(equations: Equations, rate: Any) -> tuple[Rows, Rows]:
    """Return drift and noise in another unit of time; see `SDE.scale_time`.

    Raises
    ------
    ValueError
        If the rate is not a positive number or an expression in positive parameters.
    """
    rate = expression(rate, "rate")
    if not (rate.is_positive and all(isinstance(s, Parameter) for s in rate.free_symbols)):
        raise ValueError(f"rate={rate}: must be positive; declare its parameters with parameters(..., positive=True)")
    back = {time: time / rate}
    drift = {x: tidy(a.xreplace(back) / rate) for x, a in equations.drift.items()}
    noise = {x: tidy(n.xreplace(back) / sp.sqrt(rate)) for x, n in equations.noise.items()}
    return drift, noise
