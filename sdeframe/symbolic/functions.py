"""What an expression may be made of, so that a kernel can be made of it."""

from __future__ import annotations

from typing import Any, Final

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import ITE, And, Not, Or

from sdeframe.symbolic.drives.table import Sampled
from sdeframe.symbolic.symbols import time

__all__ = ["SUPPORTED", "check_functions"]

FUNCTIONS: Final = (
    sp.exp, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh,
    sp.log, sp.re, sp.im, sp.conjugate, sp.Abs, sp.sign, sp.arg, sp.atan2, sp.Min, sp.Max, sp.Piecewise,
    sp.Heaviside, sp.floor, sp.ceiling,
)  # fmt: skip

OPERATIONS: Final = (sp.Add, sp.Mul, sp.Pow, ExprCondPair, Relational, And, Or, Not, ITE, Sampled)

SUPPORTED: Final = tuple(sorted([f.__name__ for f in FUNCTIONS] + ["sqrt", "powers"], key=str.lower))
"""Names of everything that an expression may hold beside sums, products and numbers."""


def check_functions(expr: Any, where: str) -> None:
    """Raise ValueError where an expression holds something that is no supported function, named with the way out."""
    for part in sp.preorder_traversal(expr):
        if not (part.is_Atom or part.func in FUNCTIONS or isinstance(part, OPERATIONS)):
            raise ValueError(f"{where}: {_name(part)} in {part} is not supported: {_way_out(part)}")


def _name(part: Any) -> str:
    return str(part.func) if isinstance(part, AppliedUndef) else type(part).__name__


def _way_out(part: Any) -> str:
    if isinstance(part, AppliedUndef):
        if any(time in a.free_symbols and a != time for a in part.args):
            return (
                "a system knows its state at the present time only; put variables between that follow one another, "
                "such as dy = n/delay*(x - y) dt, n times"
            )
        return "it is an undefined function; write out what it is, in sdeframe.time, variables and parameters"
    if isinstance(part, (sp.Derivative, sp.Integral, sp.Sum, sp.Product)):
        return "write out what it is; its doit() may do so"
    return f"use {', '.join(SUPPORTED)}"
