"""What a plain value must be; every refusal names the value, what is allowed and the way out."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any


def is_whole(value: Any) -> bool:
    """Tell whether a value is an integer; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Tell whether a value is a real number, or infinite, or nan; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Tell whether a value is a real and finite number."""
    return is_real(value) and math.isfinite(float(value))


def positive_count(name: str, value: Any) -> int:
    """Return a positive integer that was given by name, or raise ValueError."""
    if not is_whole(value) or value < 1:
        raise ValueError(f"{name}={value!r}: must be a positive integer")
    return int(value)


def positive_integer(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a positive integer."""
    if not is_whole(value) or value < 1:
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a positive integer, such as 10")


def non_negative(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite number and not negative."""
    if not is_finite(value) or value < 0:
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a finite number, 0 or larger")


def positive(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite positive number."""
    if not is_finite(value) or value <= 0:
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a finite number above 0")


def finite(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite number."""
    if not is_finite(value):
        raise ValueError(f"{_name(instance, attribute)}={value!r}: must be a finite number")


def true_or_false(instance: Any, attribute: Any, value: Any) -> None:
    """Raise TypeError unless the value is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name}={value!r} in {type(instance).__name__}: must be True or False")


def one_of(*allowed: str) -> Callable[[Any, Any, Any], None]:
    """Return a validator that raises ValueError unless the value is one of some words."""

    def validate(instance: Any, attribute: Any, value: Any) -> None:
        if value not in allowed:
            choices = " or ".join(repr(a) for a in allowed)
            raise ValueError(f"{_name(instance, attribute)}={value!r}: must be {choices}")

    return validate


def _name(instance: Any, attribute: Any) -> str:
    return f"{attribute.name} of {type(instance).__name__}"
