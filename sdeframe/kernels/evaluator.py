"""Expressions of the state as compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from sdeframe.caches import cached
from sdeframe.kernels.time_loop import evaluate_kernel
from sdeframe.kernels.trace import trace_expressions

__all__ = ["evaluator"]


@cached(256)
def evaluator(
    inputs: tuple[sp.Symbol, ...], expressions: tuple[sp.Expr, ...], parameters: tuple[Any, ...], lanes: int
) -> Callable[..., None]:
    """Return the compiled function that evaluates expressions of some inputs: all real parts, then the others.

    Parameters are numbers and tables. See `sdeframe.kernels.time_loop.evaluate_kernel`.
    """
    rows = (
        (row // 2 + row % 2 * len(expressions), node)
        for row, node in trace_expressions(expressions, inputs, parameters)
    )
    return evaluate_kernel(tuple(sorted(rows, key=lambda output: output[0])), lanes)
