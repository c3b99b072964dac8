"""Other variables and another unit of time for the same process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from sdeframe.symbolic import checks
from sdeframe.symbolic.algebra import equal, tidy
from sdeframe.symbolic.symbols import Parameter, StateVariable, log_weight, time
from sdeframe.symbolic.wirtinger import wirtinger

if TYPE_CHECKING:
    from sdeframe.symbolic.system import SDE

__all__ = ["change_variables", "scale_time"]

Rows = Mapping[Any, Any]


def change_variables(sde: SDE, new: Rows, inverse: Rows) -> SDE:
    """Return a system in other variables; see `SDE.change_variables`."""
    ito = sde.to_ito()
    new = {y: checks.check_function(ito, f) for y, f in new.items()}
    inverse = {x: checks.expression(g, f"inverse for {x}") for x, g in inverse.items()}
    _check_inverse(sde, new, inverse)
    kept = {x: x for x in sde.state if x not in inverse}
    drift = {y: ito.generator(f) for y, f in (new | kept).items()}
    noise = {y: _noise_of(ito, f) for y, f in (new | kept).items()}
    for y in new:
        for row in (drift[y], noise[y]):
            if y.is_real and not equal(row, sp.conjugate(row)):
                raise ValueError(f"new variable {y} is real, but {new[y]} moves by {row}: declare it complex")
    drift, noise = ({y: tidy(row.xreplace(inverse)) for y, row in rows.items()} for rows in (drift, noise))
    weight = (drift.pop(log_weight), noise.pop(log_weight)) if log_weight in drift else None
    changed = type(sde)(drift, noise, covariance=sde.covariance, log_weight=weight)
    return changed if sde.interpretation == "ito" else changed.to_stratonovich()


def _noise_of(sde: SDE, f: Any) -> Any:
    """Return the noise of a function: Σ_u noise_u ∂_u f over the coordinates."""
    rows = {sp.conjugate(x): sp.conjugate(row) for x, row in sde.noise.items()} | dict(sde.noise)
    return sp.Add(*[row * wirtinger(f, u) for u, row in rows.items()])


def _check_inverse(sde: SDE, new: Rows, inverse: Rows) -> None:
    for x in inverse:
        if x not in sde.variables.values():
            raise ValueError(f"inverse for {x}: the system has no such variable, only {', '.join(sde.variables)}")
    stay = {x for x in sde.state if x not in inverse}
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


def scale_time(sde: SDE, rate: Any) -> SDE:
    """Return a system in another unit of time; see `SDE.scale_time`."""
    rate = checks.expression(rate, "rate")
    if not (rate.is_positive and all(isinstance(s, Parameter) for s in rate.free_symbols)):
        raise ValueError(f"rate={rate}: must be positive; declare its parameters with parameters(..., positive=True)")
    back = {time: time / rate}
    drift = {x: tidy(a.xreplace(back) / rate) for x, a in sde.drift.items()}
    noise = {x: tidy(n.xreplace(back) / sp.sqrt(rate)) for x, n in sde.noise.items()}
    return sde.with_rows(drift, noise)
