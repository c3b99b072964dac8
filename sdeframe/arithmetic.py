"""Floating-point arithmetic as numpy does it unless told otherwise, whatever a user's `np.seterr` says."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")


def usual_arithmetic(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that computes under numpy's own rules: what is too small is 0, all else warns.

    Weights are scaled by powers of two until some vanish, and matrix exponentials have elements that do.
    """

    @wraps(function)
    def computed(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
            return function(*args, **kwargs)

    return computed
