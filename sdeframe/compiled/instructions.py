"""Straight-line programs to machine instructions over lanes, without numba's inference in between.

Every operation of a program is on floats or truth values, so there is nothing to infer; numba spends some 2 ms on each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sdeframe.compiled import functions
from sdeframe.compiled.program import Node, Outputs, reachable

DOUBLE: Final = ir.DoubleType()
INT64: Final = ir.IntType(64)

BINARY: Final = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv", "and": "and_", "or": "or_"}
UNARY: Final = {"neg": "fneg", "not": "not_"}
INSTRUCTIONS: Final = {"sqrt": "llvm.sqrt", "abs": "llvm.fabs", "floor": "llvm.floor"}


def listing(outputs: Outputs) -> list[str]:
    """Return a program as lines of text, the same for equal programs."""
    return [
        *(f"{n.number} {n.op} {n.data!r} {' '.join(str(a.number) for a in n.args)}" for n in _nodes(outputs)),
        *(f"row {row}: {node.number}" for row, node in outputs),
    ]


def straight_line(outputs: Outputs, lanes: int) -> Any:
    """Return a program as a function for jitted code: `f(z, p, t, out, stride, start)`.

    It reads row r of lane l from z[r*lanes + l], parameters from p and the time t, and writes the output of row q to
    out[q*stride + start + l]; z, p and out are flat float64 arrays, and out may be z. What is the same for all lanes
    is computed once.
    """
    nodes = _nodes(outputs)
    calls = {(str(n.data), len(n.args)) for n in nodes if n.op == "call"}

    @intrinsic
    def program(typing: Any, z: Any, p: Any, t: Any, out: Any, stride: Any, start: Any) -> Any:
        signature = types.void(z, p, types.float64, out, types.int64, types.int64)
        called = {name: _typed(typing, name, count) for name, count in calls}

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            rows, parameters, target = (context.make_array(kinds[i])(context, builder, args[i]).data for i in (0, 1, 3))
            emitter = Emitter(context, builder, lanes, called, rows, parameters, args[2])
            for node in nodes:
                if node.uniform:
                    emitter.emit(node)
            with cgutils.for_range(builder, ir.Constant(INT64, lanes)) as loop:
                emitter.lane = loop.index
                for node in nodes:
                    if not node.uniform:
                        emitter.emit(node)
                for row, node in outputs:
                    place = builder.add(builder.mul(ir.Constant(INT64, row), args[4]), args[5])
                    at = builder.gep(target, [builder.add(place, loop.index)], inbounds=True)
                    builder.store(emitter.values[node.number], at)
            return context.get_dummy_value()

        return signature, generate

    return program


def _nodes(outputs: Outputs) -> list[Node]:
    return list(reachable(node for _, node in outputs))


def _typed(typing: Any, name: str, count: int) -> tuple[Any, Any]:
    """Return an elementary function with its signature, as numba knows them."""
    kind = typing.resolve_value_type(getattr(functions, name))
    return kind, kind.get_call_type(typing, (types.float64,) * count, {})


@attrs.define
class Emitter:
    """Writes the instructions of nodes."""

    context: Any
    builder: Any
    lanes: int
    called: dict[str, tuple[Any, Any]]
    rows: Any
    parameters: Any
    time: Any
    lane: Any = None
    values: dict[int, Any] = attrs.field(factory=dict)

    def emit(self, node: Node) -> None:
        """Write a node's instruction, those of its arguments being there."""
        self.values[node.number] = self._instruction(node, [self.values[a.number] for a in node.args])

    def _instruction(self, node: Node, args: list[Any]) -> Any:
        build, op = self.builder, node.op
        if op in BINARY or op in UNARY:
            method: Callable[..., Any] = getattr(build, BINARY.get(op) or UNARY[op])
            return method(*args)
        if op in INSTRUCTIONS:
            kind = ir.FunctionType(DOUBLE, [DOUBLE])
            return build.call(build.module.declare_intrinsic(INSTRUCTIONS[op], [DOUBLE], kind), args)
        match op:
            case "constant":
                return ir.Constant(DOUBLE, node.data)
            case "row":
                place = build.add(ir.Constant(INT64, int(node.data or 0) * self.lanes), self.lane)
                return build.load(build.gep(self.rows, [place], inbounds=True))
            case "parameter":
                return build.load(build.gep(self.parameters, [ir.Constant(INT64, node.data)], inbounds=True))
            case "time":
                return self.time
            case "select":
                return build.select(*args)
            case "compare":
                ordered = build.fcmp_unordered if node.data == "!=" else build.fcmp_ordered
                return ordered(node.data, *args)
            case "call":
                implementation = self.context.get_function(*self.called[str(node.data)])
                self.context.add_linking_libs(getattr(implementation, "libs", ()))
                return implementation(build, args)
            case "part":
                return build.extract_value(args[0], node.data)
        raise AssertionError(op)
