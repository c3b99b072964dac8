"""Averages over the ensemble as symbols of functions of them."""

from __future__ import annotations

from typing import Any

import sympy as sp

from sdeframe.symbolic.rows import expression

__all__ = ["mean"]


class mean(sp.Function):  # noqa: N801
    """The average of an expression over the ensemble, for use in `sdeframe.observers.Functions`.

    ``mean(x)`` stands for `<x>`, and for `<xΩ>/<Ω>` in a run with a log-weight. What is no number of a trajectory
    stands outside: ``mean(n**2) / mean(n)**2``.
    """

    nargs = (1,)

    def __new__(cls, *averaged: Any, **options: Any) -> Any:
        """Return the average; text is refused before sympy makes an expression of it."""
        return super().__new__(cls, *(expression(each, "what mean(...) is taken of") for each in averaged), **options)

    @classmethod
    def eval(cls, averaged: Any) -> Any:
        """Return a number as it is."""
        if averaged.has(mean):
            raise ValueError(f"mean({averaged}): a mean is no number of a trajectory; take it outside")
        return averaged if averaged.is_number else None

    def _eval_is_complex(self) -> bool:
        return True  # a weight makes that of real values complex too
