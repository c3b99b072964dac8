"""Averages over the ensemble as symbols of functions of them."""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["mean"]


class mean(sp.Function):  # noqa: N801
    """The average of an expression over the ensemble, for use in `sdeframe.observers.Functions`.

    ``mean(x)`` stands for `<x>`, and for `<xΩ>/<Ω>` in a run with a log-weight. What is no number of a trajectory
    stands outside: ``mean(n**2) / mean(n)**2``.
    """

    nargs = (1,)

    @classmethod
    def eval(cls, expression: Any) -> Any:
        """Return a number as it is."""
        if expression.has(mean):
            raise ValueError(f"mean({expression}): a mean is no number of a trajectory; take it outside")
        return expression if expression.is_number else None

    def _eval_is_complex(self) -> bool:
        return True

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_real else None
