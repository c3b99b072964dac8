"""Validators of physical parameters: one line that names the value, what is allowed and the way out."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any


def positive_integer(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a positive integer."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a positive integer, such as 10")


def non_negative(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite number and not negative."""
    if not _is_finite(value) or value < 0:
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a finite number, 0 or larger")


def positive(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite positive number."""
    if not _is_finite(value) or value <= 0:
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a finite number above 0")


def finite(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite number."""
    if not _is_finite(value):
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a finite number")


def one_of(*allowed: str) -> Callable[[Any, Any, Any], None]:
    """Return a validator that raises ValueError unless the value is one of some words."""

    def validate(instance: Any, attribute: Any, value: Any) -> None:
        if value not in allowed:
            choices = " or ".join(repr(a) for a in allowed)
            raise ValueError(f"{_name(instance, attribute)}={value!r}: must be {choices}")

    return validate


def _is_finite(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(float(value))


def _name(instance: Any, attribute: Any) -> str:
    return f"{attribute.name} of {type(instance).__name__}"
