"""Whether an expression is a real number, which alone can be put into bins."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.symbolic.symbols import StateVariable
from sdeframe.symbolic.wirtinger import wirtinger

ROUNDING: Final = 1e-9
"""Of the size of a value, and of the range of the bins: the largest imaginary part that rounding leaves."""


def is_real(expression: sp.Expr) -> bool:
    """Return whether an expression is real whatever the values of its variables are, as far as can be told."""
    return bool(expression.is_extended_real or sp.expand(expression - sp.conjugate(expression)) == 0)


@cached(256)
def is_known_real(name: str, expression: sp.Expr) -> bool:
    """Return whether an expression is known to be real; if not, its values are to be looked at.

    Raises
    ------
    ValueError
        If it is analytic in a complex variable, so that it can be real at few states only.
    """
    if is_real(expression):
        return True
    variables = [z for z in expression.free_symbols if isinstance(z, StateVariable) and not z.is_real]
    if variables and all(_is_analytic(expression, z) for z in variables):
        raise _refusal(name, expression, "is complex")
    return False


def _is_analytic(expression: sp.Expr, z: Any) -> bool:
    try:
        return bool(wirtinger(expression, sp.conjugate(z)) == 0)
    except ValueError:  # its values will tell
        return False


def check_real(
    name: str, expression: sp.Expr, alive: NDArray[Any], real: NDArray[Any], imaginary: NDArray[Any], size: float
) -> None:
    """Raise ValueError where a value is complex beyond rounding.

    Parameters
    ----------
    name, expression
        For the message.
    alive, real, imaginary
        Who counts, and the parts of the values, of any one shape.
    size
        The range of the bins.
    """
    with np.errstate(invalid="ignore"):
        wrong = (alive > 0) & (np.abs(imaginary) > ROUNDING * (np.abs(real) + size))
    if wrong.any():
        value = complex(real[wrong][0], imaginary[wrong][0])
        raise _refusal(name, expression, f"has the value {value:.6g}")


def _refusal(name: str, expression: sp.Expr, what: str) -> ValueError:
    return ValueError(
        f"Histogram({name}={expression}): {what}, and bins are of real numbers: take sympy.re(...) or sympy.im(...) of "
        f"it, or both with two edges"
    )
