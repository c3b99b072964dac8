"""The bounds that observers ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import attrs

from sdeframe.interfaces.observer import Observer
from sdeframe.interfaces.poles import Poles
from sdeframe.validators import is_real, shown


def valid_bound(instance: object, attribute: attrs.Attribute[Any], bound: Any) -> None:
    """Raise ValueError unless a bound is a positive number whose square is one too, or inf (attrs validator)."""
    if not (is_real(bound) and (1e-150 <= bound <= 1e150 or bound == math.inf)):
        raise ValueError(
            f"{attribute.name}={shown(bound)} in {type(instance).__name__}: must be a positive number, such as 1e3 "
            f"(1e-150 to 1e150, or inf)"
        )


SAFE: Final = 1e50
"""The freezing bound of a run in which no observer wants one: squares of squares of such numbers are finite still."""

LARGE_ENSEMBLE: Final = 1_000_000
"""In larger ones a single spike below a bound of 1e3 changes no mean of order one by its standard error; so a relative
bound grows as the square root of their number."""


def freezing_bound(observer: Observer, poles: Poles | None, trajectories: int) -> float | None:
    """Return the bound on the tested variables that an observer asks for in a run, or None.

    A bound in units of a model's scale asks for nothing where no scale is declared.
    """
    if observer.bound is None or not observer.bound_is_relative:
        return observer.bound
    grown = float(observer.bound) * math.sqrt(max(1.0, trajectories / LARGE_ENSEMBLE))
    return None if poles is None else poles.on_variables(grown)


def relative(observers: Sequence[Observer]) -> bool:
    """Return whether any bound is in units of the model's scale."""
    return any(observer.bound_is_relative for observer in observers)


def common_weight_bound(observers: Sequence[Observer]) -> float | None:
    """Return the bound on the weight that observers ask for, or None where none does.

    Raises
    ------
    ValueError
        If they ask for different ones.
    """
    bounds = sorted({float(o.weight_bound) for o in observers if o.weight_bound is not None})
    if len(bounds) > 1:
        raise ValueError(
            f"weight_bound is {' and '.join(f'{b:g}' for b in bounds)} in different observers: "
            f"a run counts weights beyond one bound, so give all of them the same"
        )
    return bounds[0] if bounds else None
