"""From expressions to a compiled function that evaluates them."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from sdeframe.caches import cached
from sdeframe.kernels.time_loop import evaluate_kernel
from sdeframe.kernels.trace import trace_expressions


@cached(256)
def evaluator(
    inputs: tuple[sp.Symbol, ...], expressions: tuple[sp.Expr, ...], symbols: tuple[sp.Symbol, ...], lanes: int
) -> Callable[..., None]:
    """Return the function that writes all real parts of expressions of some inputs and parameters, then the others."""
    rows = (
        (row // 2 + row % 2 * len(expressions), node) for row, node in trace_expressions(expressions, inputs, symbols)
    )
    return evaluate_kernel(tuple(sorted(rows, key=lambda output: output[0])), lanes)
