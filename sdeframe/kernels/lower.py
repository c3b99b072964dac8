"""Sympy expressions to values: one walk over the tree, each subexpression once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

import sympy as sp
from sympy.logic.boolalg import ITE, Boolean, BooleanFalse, BooleanTrue

from sdeframe.compiled.program import Graph, Node, Value, complex_value
from sdeframe.symbolic.drives.table import Sampled
from sdeframe.symbolic.functions import SUPPORTED
from sdeframe.symbolic.noise_derivatives import InverseRoot

REAL_FUNCTIONS: Final = {
    sp.exp: "exp", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan",
    sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh",
}  # fmt: skip
"""Functions that are real on the real axis, with the name of their kernel; complex ones begin with a c."""

TINY: Final = 1e-300
"""What a squared modulus is divided by where it is smaller."""


class Lowering:
    """Turns expressions into values, with given values for their symbols.

    Parameters
    ----------
    graph
        The graph that receives the nodes.
    symbols
        The value of every symbol that may occur.

    Raises
    ------
    ValueError
        By :meth:`value`, for a function or a symbol that has no value, named.
    """

    def __init__(self, graph: Graph, symbols: Mapping[sp.Symbol, Value]) -> None:
        self.graph = graph
        self._symbols = tuple(symbols)
        self._values: dict[Any, Value] = dict(symbols)
        self._handlers: dict[Any, Callable[[Any], Value]] = {
            sp.Add: self._add, sp.Mul: self._mul, sp.Pow: self._pow,
            sp.log: self._log, sp.sign: self._sign, sp.Abs: self._abs, sp.arg: self._arg, sp.atan2: self._atan2,
            sp.conjugate: lambda e: self.value(e.args[0]).conjugate(),
            sp.re: lambda e: Value(self.value(e.args[0]).real_node),
            sp.im: lambda e: Value(self.value(e.args[0]).imag_or_zero),
            sp.Min: lambda e: self._extremum(e, "minimum"),
            sp.Max: lambda e: self._extremum(e, "maximum"),
            sp.floor: self._floor, sp.ceiling: lambda e: -self.value(sp.floor(-e.args[0])),
            sp.Heaviside: lambda e: self.value(e.rewrite(sp.Piecewise)),
            sp.Piecewise: self._piecewise, InverseRoot: self._inverse_root, Sampled: self._sampled,
        }  # fmt: skip

    def value(self, expr: Any) -> Value:
        """Return the value of an expression."""
        if expr not in self._values:
            self._values[expr] = self._build(expr)
        return self._values[expr]

    def _build(self, expr: Any) -> Value:
        if expr.is_Atom and not expr.is_number:
            raise ValueError(f"{expr} has no value here: known are {', '.join(map(str, self._symbols))}")
        if expr.is_number and not expr.args:
            number = complex(expr)
            return complex_value(self.graph.constant(number.real), self.graph.constant(number.imag))
        if expr.func in self._handlers:
            return self._handlers[expr.func](expr)
        if expr.func in REAL_FUNCTIONS:
            return self._function(REAL_FUNCTIONS[expr.func], self.value(expr.args[0]))
        raise ValueError(f"{expr.func.__name__} in {expr} is not supported: use {', '.join(SUPPORTED)}")

    def _add(self, expr: Any) -> Value:
        terms = [self.value(a) for a in expr.args]
        return reduce(lambda a, b: a + b, sorted(terms, key=lambda v: not _uniform(v)))

    def _mul(self, expr: Any) -> Value:
        """Uniform factors first, real ones before complex ones; quotients as quotients, exponentials as one.

        Of exp(−2000) exp(400 t) exp(−20 t²), an expanded pulse, no factor may be a number.
        """
        args = one_exponential(expr.args)
        over = [a for a in args if a.is_Pow and a.exp.could_extract_minus_sign() and a.exp.is_number]
        factors = [self.value(a) for a in args if a not in over]
        factors.sort(key=lambda v: (not _uniform(v), not v.is_real))
        product = reduce(lambda a, b: a * b, factors, Value(self.graph.constant(1.0)))
        divisors = sorted((self.value(1 / a) for a in over), key=lambda v: not _uniform(v))
        uniform = [v for v in divisors if _uniform(v)]
        if uniform:
            product = (1 / reduce(lambda a, b: a * b, uniform)) * product
        rest = [v for v in divisors if not _uniform(v)]
        return product / reduce(lambda a, b: a * b, rest) if rest else product

    def _pow(self, expr: Any) -> Value:
        base, exponent = expr.args
        if exponent.is_Integer:
            return self.value(base) ** int(exponent)
        if base is sp.E:
            return self._function("exp", self.value(exponent))
        if (2 * exponent).is_Integer:
            root = self._sqrt(self.value(base), nonnegative=bool(base.is_nonnegative))
            return root ** int(2 * exponent)
        b, e = self.value(base), self.value(exponent)
        if base.is_nonnegative and b.is_real and e.is_real:
            return Value(*self.graph.call("power", (b.real_node, e.real_node)))
        return self._complex_call("cpower", b, e)

    def _floor(self, expr: Any) -> Value:
        return Value(self.graph.node("floor", (self.value(expr.args[0]).real_node,)))

    def _sqrt(self, z: Value, nonnegative: bool) -> Value:
        g, x = self.graph, z.real_node
        if not z.is_real:
            return self._complex_call("csqrt", z)
        if nonnegative:
            return Value(g.sqrt(x))
        zero = g.constant(0.0)
        negative = g.compare("<", x, zero)
        root = g.sqrt(g.select(negative, g.neg(x), x))
        return Value(g.select(negative, zero, root), g.select(negative, root, zero))

    def _inverse_root(self, expr: Any) -> Value:
        root = self._sqrt(self.value(expr.args[0]), nonnegative=bool(expr.args[0].is_nonnegative))
        modulus = self.graph.call("maximum", (root.abs2().real_node, self.graph.constant(TINY)))[0]
        return root.conjugate() / Value(modulus)

    def _sampled(self, expr: Any) -> Value:
        """Return a polynomial of a table, in powers of the distance from where its row begins."""
        g, table = self.graph, expr.table
        at = self._real(expr.at, expr)
        row = g.node("row_of", (self.value(table).real_node, at))
        distance = g.sub(at, g.node("entry", (row,), 0))

        def part(first: int) -> Node:
            found = g.constant(0.0)
            for k, factor in expr.factors():
                number = g.mul(g.constant(factor), g.node("entry", (row,), first + k))
                found = g.add(g.mul(found, distance), number)
            return found

        return Value(part(1), part(2 + table.order) if table.has_imaginary else None)

    def _log(self, expr: Any) -> Value:
        z = self.value(expr.args[0])
        if z.is_real and expr.args[0].is_nonnegative:
            return Value(*self.graph.call("log", (z.real_node,)))
        return self._complex_call("clog", z)

    def _abs(self, expr: Any) -> Value:
        z = self.value(expr.args[0])
        if z.is_real:
            return Value(self.graph.node("abs", (z.real_node,)))
        return Value(*self.graph.call("hypot", (z.real_node, z.imag_or_zero)))

    def _sign(self, expr: Any) -> Value:
        z = self.value(expr.args[0])
        g = self.graph
        if z.is_real:
            return Value(*g.call("sign", (z.real_node,)))
        modulus = g.call("hypot", (z.real_node, z.imag_or_zero))[0]
        at_zero = g.compare("==", modulus, g.constant(0.0))
        return z / Value(g.select(at_zero, g.constant(1.0), modulus))

    def _arg(self, expr: Any) -> Value:
        z = self.value(expr.args[0])
        return Value(*self.graph.call("atan2", (z.imag_or_zero, z.real_node)))

    def _atan2(self, expr: Any) -> Value:
        y, x = (self._real(a, expr) for a in expr.args)
        return Value(*self.graph.call("atan2", (y, x)))

    def _extremum(self, expr: Any, name: str) -> Value:
        nodes = [self._real(a, expr) for a in expr.args]
        return Value(reduce(lambda a, b: self.graph.call(name, (a, b))[0], nodes))

    def _piecewise(self, expr: Any) -> Value:
        *branches, last = expr.args
        if last.cond != True:  # noqa: E712 (sympy's true is no bool)
            nan = Value(self.graph.constant(float("nan")))
            return self._choose(expr.args, nan, expr)
        return self._choose(branches, self.value(last.expr), expr)

    def _choose(self, branches: Any, otherwise: Value, expr: Any) -> Value:
        g, result = self.graph, otherwise
        for branch in reversed(branches):
            condition, then = self._condition(branch.cond, expr), self.value(branch.expr)
            real = g.select(condition, then.real_node, result.real_node)
            both_real = then.is_real and result.is_real
            imag = None if both_real else g.select(condition, then.imag_or_zero, result.imag_or_zero)
            result = complex_value(real, imag)
        return result

    def _condition(self, condition: Boolean, expr: Any) -> Node:
        g = self.graph
        if isinstance(condition, (BooleanTrue, BooleanFalse)):
            one = g.constant(1.0)
            return g.compare("==" if condition else "!=", one, one)
        if condition.is_Relational:
            sides = [self._real(a, expr) for a in condition.args]
            return g.compare(condition.rel_op, *sides)
        if isinstance(condition, sp.Not):
            return g.node("not", (self._condition(condition.args[0], expr),))
        if isinstance(condition, (sp.And, sp.Or)):
            parts = [self._condition(a, expr) for a in condition.args]
            op = "and" if isinstance(condition, sp.And) else "or"
            return reduce(lambda a, b: g.node(op, (a, b)), parts)
        if isinstance(condition, ITE):
            test, then, otherwise = (self._condition(a, expr) for a in condition.args)
            return g.node("or", (g.node("and", (test, then)), g.node("and", (g.node("not", (test,)), otherwise))))
        raise ValueError(f"the condition {condition} in {expr} is not supported: use <, <=, >, >=, &, | and ~")

    def _real(self, arg: Any, expr: Any) -> Node:
        value = self.value(arg)
        if not value.is_real:
            raise ValueError(f"{arg} in {expr} must be real: take re({arg}), im({arg}) or Abs({arg})")
        return value.real_node

    def _function(self, name: str, z: Value) -> Value:
        if z.is_real:
            return Value(*self.graph.call(name, (z.real_node,)))
        return self._complex_call("c" + name, z)

    def _complex_call(self, name: str, *args: Value) -> Value:
        parts = tuple(node for z in args for node in (z.real_node, z.imag_or_zero))
        return Value(*self.graph.call(name, parts, outputs=2))


def one_exponential(factors: Sequence[Any]) -> list[Any]:
    """Return factors with one exponential in place of several."""
    powers = [a.exp for a in factors if isinstance(a, sp.exp)]
    if len(powers) < 2:
        return list(factors)
    return [*(a for a in factors if not isinstance(a, sp.exp)), sp.exp(sp.Add(*powers))]


def _uniform(value: Value) -> bool:
    return value.real_node.uniform and (value.imag_node is None or value.imag_node.uniform)
