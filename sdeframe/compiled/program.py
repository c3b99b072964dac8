"""Light expression nodes: real straight-line programs, and complex values that trace into them.

A :class:`Graph` holds hash-consed real nodes. A :class:`Value` is a complex number whose parts are nodes; its
arithmetic builds nodes, so any formula in plain arithmetic becomes a program when it is run on values.

Zeros that are known while tracing are exact zeros: ``0*x`` and ``x - x`` are 0 and ``x + 0`` is x. A sign is only
ever turned by a true negation, so that a signed zero in an imaginary part reaches the branch cut of a square root
unharmed.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import attrs
import numpy as np

ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: float(np.float64(a) / np.float64(b)),
}


@attrs.define(eq=False, repr=False)
class Node:
    """One real operation; `uniform` nodes are the same for all trajectories (constants, parameters, time)."""

    graph: Graph
    number: int
    op: str
    args: tuple[Node, ...]
    data: float | int | str | None
    uniform: bool

    def constant(self) -> float | None:
        """Return the number this node stands for, or None where it is not known while tracing."""
        return float(self.data) if self.op == "constant" and self.data is not None else None


Outputs = tuple[tuple[int, Node], ...]
"""What a program writes: rows with the nodes that fill them."""


@attrs.define(eq=False)
class Graph:
    """The nodes of one program, each distinct operation once."""

    _nodes: dict[tuple[object, ...], Node] = attrs.field(factory=dict, init=False)

    def node(
        self,
        op: str,
        args: tuple[Node, ...] = (),
        data: float | int | str | None = None,
        *,
        uniform: bool | None = None,
    ) -> Node:
        """Return the node of this operation, made once."""
        bits = struct.pack("d", data) if isinstance(data, float) else data
        key = (op, bits, *(a.number for a in args))
        if key not in self._nodes:
            same = all(a.uniform for a in args) if uniform is None else uniform
            self._nodes[key] = Node(self, len(self._nodes), op, args, data, same)
        return self._nodes[key]

    def constant(self, value: float) -> Node:
        """Return the node of a number."""
        return self.node("constant", data=float(value), uniform=True)

    def row(self, number: int) -> Node:
        """Return the node that reads a row of the lane buffer."""
        return self.node("row", data=number, uniform=False)

    def parameter(self, number: int) -> Node:
        """Return the node that reads a run-time parameter."""
        return self.node("parameter", data=number, uniform=True)

    def time(self) -> Node:
        """Return the node of the time at which the program starts."""
        return self.node("time", uniform=True)

    def call(self, name: str, args: tuple[Node, ...], outputs: int = 1) -> tuple[Node, ...]:
        """Return the outputs of an elementary function (`sdeframe.compiled.functions`)."""
        whole = self.node("call", args, name)
        return (whole,) if outputs == 1 else tuple(self.node("part", (whole,), i) for i in range(outputs))

    def sqrt(self, a: Node) -> Node:
        """Return the hardware square root."""
        known = a.constant()
        return self.constant(math.sqrt(known)) if known is not None and known >= 0 else self.node("sqrt", (a,))

    def select(self, condition: Node, a: Node, b: Node) -> Node:
        """Return a where the condition holds, else b."""
        return a if a is b else self.node("select", (condition, a, b))

    def compare(self, relation: str, a: Node, b: Node) -> Node:
        """Return the truth of ``a relation b``."""
        return self.node("compare", (a, b), relation)

    def neg(self, a: Node) -> Node:
        """Return −a."""
        known = a.constant()
        if known is not None:
            return self.constant(-known)
        return a.args[0] if a.op == "neg" else self.node("neg", (a,))

    def add(self, a: Node, b: Node) -> Node:
        """Return a + b."""
        if a.constant() == 0:
            return b
        if b.constant() == 0:
            return a
        if b.op == "neg":
            return self.sub(a, b.args[0])
        if a.op == "neg":
            return self.sub(b, a.args[0])
        return self._arithmetic("+", *sorted((a, b), key=lambda n: n.number))

    def sub(self, a: Node, b: Node) -> Node:
        """Return a − b."""
        if a is b:
            return self.constant(0.0)
        if b.constant() == 0:
            return a
        if a.constant() == 0:
            return self.neg(b)
        return self.add(a, b.args[0]) if b.op == "neg" else self._arithmetic("-", a, b)

    def mul(self, a: Node, b: Node) -> Node:
        """Return a·b."""
        a, b = sorted((a, b), key=lambda n: n.number)
        for known, other in ((a.constant(), b), (b.constant(), a)):
            if known == 0:
                return self.constant(0.0)
            if known == 1:
                return other
            if known == -1:
                return self.neg(other)
        if a.op == "neg" or b.op == "neg":
            sign = (a.op == "neg") != (b.op == "neg")
            product = self.mul(a.args[0] if a.op == "neg" else a, b.args[0] if b.op == "neg" else b)
            return self.neg(product) if sign else product
        return self._arithmetic("*", a, b)

    def div(self, a: Node, b: Node) -> Node:
        """Return a/b; by a uniform divisor one multiplies with its reciprocal, formed once."""
        if b.constant() == 1 or a.constant() == 0:
            return a
        if b.uniform and not a.uniform:
            return self.mul(a, self._arithmetic("/", self.constant(1.0), b))
        return self._arithmetic("/", a, b)

    def _arithmetic(self, op: str, a: Node, b: Node) -> Node:
        left, right = a.constant(), b.constant()
        if left is not None and right is not None and not (op == "/" and right == 0):
            return self.constant(ARITHMETIC[op](left, right))
        return self.node(op, (a, b))


@attrs.frozen(eq=False, repr=False)
class Value:
    """A complex number made of nodes; `imag` is None where the number is real by construction."""

    real_node: Node
    imag_node: Node | None = None

    __array_priority__ = 0  # let object arrays take values elementwise

    @property
    def graph(self) -> Graph:
        """The graph that this value's nodes belong to."""
        return self.real_node.graph

    @property
    def imag_or_zero(self) -> Node:
        """The node of the imaginary part."""
        return self.graph.constant(0.0) if self.imag_node is None else self.imag_node

    @property
    def is_real(self) -> bool:
        """Whether the number is real by construction."""
        return self.imag_node is None

    def lift(self, other: object) -> Value | None:
        """Return a number as a value of this graph, or None where it is no scalar."""
        if isinstance(other, Value):
            return other
        if isinstance(other, (int, float, complex, np.number)):
            number = complex(other)
            return complex_value(self.graph.constant(number.real), self.graph.constant(number.imag))
        return None

    def __add__(self, other: object) -> Value:
        o = self.lift(other)
        if o is None:
            return NotImplemented
        g = self.graph
        return complex_value(
            g.add(self.real_node, o.real_node),
            None if self.is_real and o.is_real else g.add(self.imag_or_zero, o.imag_or_zero),
        )

    def __mul__(self, other: object) -> Value:
        o = self.lift(other)
        if o is None:
            return NotImplemented
        g, (a, b), (c, d) = self.graph, (self.real_node, self.imag_node), (o.real_node, o.imag_node)
        if b is None and d is None:
            return Value(g.mul(a, c))
        if b is None:
            return complex_value(g.mul(a, c), g.mul(a, o.imag_or_zero))
        if d is None:
            return complex_value(g.mul(a, c), g.mul(b, c))
        return complex_value(g.sub(g.mul(a, c), g.mul(b, d)), g.add(g.mul(a, d), g.mul(b, c)))

    def __truediv__(self, other: object) -> Value:
        o = self.lift(other)
        if o is None:
            return NotImplemented
        g = self.graph
        if o.is_real:
            return complex_value(
                g.div(self.real_node, o.real_node),
                None if self.imag_node is None else g.div(self.imag_node, o.real_node),
            )
        return self * o.conjugate() / o.abs2()

    def __neg__(self) -> Value:
        g = self.graph
        return Value(g.neg(self.real_node), None if self.imag_node is None else g.neg(self.imag_node))

    def __sub__(self, other: object) -> Value:
        o = self.lift(other)
        return NotImplemented if o is None else self + (-o)

    def __rsub__(self, other: object) -> Value:
        o = self.lift(other)
        return NotImplemented if o is None else o + (-self)

    def __rtruediv__(self, other: object) -> Value:
        o = self.lift(other)
        return NotImplemented if o is None else o / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Value:
        """Integer powers, by repeated squaring."""
        if exponent < 0:
            return 1 / self ** (-exponent)
        if exponent == 0:
            return Value(self.graph.constant(1.0))
        half = self ** (exponent // 2)
        if exponent == 1:
            return self
        return half * half * self if exponent % 2 else half * half

    def conjugate(self) -> Value:
        """Return the complex conjugate."""
        return Value(self.real_node, None if self.imag_node is None else self.graph.neg(self.imag_node))

    def abs2(self) -> Value:
        """Return the squared modulus."""
        g = self.graph
        square = g.mul(self.real_node, self.real_node)
        return Value(square if self.imag_node is None else g.add(square, g.mul(self.imag_node, self.imag_node)))


def complex_value(real: Node, imag: Node | None) -> Value:
    """Return a value, real by construction where its imaginary part is an exact zero."""
    return Value(real, None if imag is None or imag.constant() == 0 else imag)


def reachable(outputs: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes that the outputs need, each after its arguments."""
    found: dict[int, Node] = {}
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node.number not in found:
            found[node.number] = node
            stack.extend(node.args)
    yield from (found[number] for number in sorted(found))


def operations(outputs: Outputs) -> int:
    """Return how many operations a program takes for each lane."""
    return sum(not node.uniform and node.op not in ("row", "part") for node in reachable(n for _, n in outputs))
