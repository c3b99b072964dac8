"""What a plain value must be; every refusal names the value, what is allowed and the way out."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 200
"""Letters of a value in a message."""


def shown(value: Any) -> str:
    """Return a value for a message, in one line: a number of numpy as the plain one."""
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def printable(text: str) -> str:
    """Return text that may be anybody's in one line, with the escape of all that a terminal would obey, not print."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(text.split()))


def is_whole(value: Any) -> bool:
    """Tell whether a value is an integer; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Tell whether a value is a real number, or infinite, or nan; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Tell whether a value is a real and finite number, and not too large for a float."""
    try:
        return is_real(value) and math.isfinite(float(value))
    except OverflowError:
        return False


def real_numbers(values: Any) -> NDArray[np.float64] | None:
    """Return an array of real numbers, or None where one is none: True, False, text and dates are none."""
    try:
        array = np.asarray(values)
        among = isinstance(values, (list, tuple)) and any(isinstance(v, (bool, np.bool_)) for v in values)
        if among or not (array.dtype.kind in "iuf" or (array.dtype.kind == "O" and all(map(is_real, array.flat)))):
            return None
        return array.astype(float)
    except (ValueError, TypeError, OverflowError):  # of different lengths, or too large
        return None


def positive_count(name: str, value: Any) -> int:
    """Return a positive integer that was given by name, or raise ValueError."""
    if not is_whole(value) or not 1 <= value < 2**63:
        raise ValueError(f"{name}={shown(value)}: must be a positive integer, below 2**63")
    return int(value)


def consecutive(name: str, value: Any) -> range:
    """Return numbers that were given by name, as a range or as how many there are from 0 on, or raise ValueError."""
    if not isinstance(value, range):
        return range(positive_count(name, value))
    if value.step != 1 or not 0 <= value.start < value.stop < 2**63:
        raise ValueError(
            f"{name}={value}: must be a range in steps of 1 that is not empty, from 0 or more to less than 2**63, such "
            f"as range(50_000, 100_000)"
        )
    return value


def boolean(name: str, value: Any) -> bool:
    """Return True or False that was given by name, or raise TypeError."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={shown(value)}: must be True or False")
    return bool(value)


def positive_integer(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a positive integer."""
    if not is_whole(value) or value < 1:
        raise ValueError(f"{_name(instance, attribute)}={shown(value)}: must be a positive integer, such as 10")


def non_negative(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite number and not negative."""
    if not is_finite(value) or value < 0:
        raise ValueError(f"{_name(instance, attribute)}={shown(value)}: must be a finite number, 0 or larger")


def positive(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite positive number."""
    if not is_finite(value) or value <= 0:
        raise ValueError(f"{_name(instance, attribute)}={shown(value)}: must be a finite number above 0")


def finite(instance: Any, attribute: Any, value: Any) -> None:
    """Raise ValueError unless the value is a finite number."""
    if not is_finite(value):
        raise ValueError(f"{_name(instance, attribute)}={shown(value)}: must be a finite number")


def true_or_false(instance: Any, attribute: Any, value: Any) -> None:
    """Raise TypeError unless the value is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name}={shown(value)} in {type(instance).__name__}: must be True or False")


def one_of(*allowed: str) -> Callable[[Any, Any, Any], None]:
    """Return a validator that raises ValueError unless the value is one of some words."""

    def validate(instance: Any, attribute: Any, value: Any) -> None:
        if value not in allowed:
            choices = " or ".join(repr(a) for a in allowed)
            raise ValueError(f"{_name(instance, attribute)}={shown(value)}: must be {choices}")

    return validate


def _name(instance: Any, attribute: Any) -> str:
    return f"{attribute.name} of {type(instance).__name__}"
