"""What stands before and behind a later operator in an average at two times."""

from __future__ import annotations

from typing import Any

from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.validators import shown

__all__ = ["left_and_right"]


def left_and_right(A: Any) -> tuple[Operator, Operator]:
    """Return L and R of <L(t₀) B(t) R(t₀)>, for a pair of operators or for L alone.

    Raises
    ------
    TypeError, ValueError
        If these are no operators, or more than two.
    """
    if not isinstance(A, (tuple, list)):
        return as_operator(A), as_operator(1)
    if len(A) != 2:
        raise ValueError(f"A={shown(A)}: give an operator, or two: what stands before B and what stands behind it")
    return as_operator(A[0]), as_operator(A[1])
