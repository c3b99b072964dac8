"""Nodes of a program to machine instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs
from llvmlite import ir

from sdeframe.compiled.program import Node

DOUBLE: Final = ir.DoubleType()
INT64: Final = ir.IntType(64)

BINARY: Final = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv", "and": "and_", "or": "or_"}
UNARY: Final = {"neg": "fneg", "not": "not_"}
INSTRUCTIONS: Final = {"sqrt": "llvm.sqrt", "abs": "llvm.fabs", "floor": "llvm.floor"}

Write = Callable[[Any, Callable[[Node], Any]], None]
"""Writes the outputs of a lane: its number, and what gives the value of a node there."""


@attrs.frozen
class Tables:
    """Reads the tables behind the parameters, see `sdeframe.compiled.functions.tables`."""

    array: Any
    size: Any
    numbers: Any
    find: Any
    """Writes the instructions of `row_of`."""

    def begin(self, build: Any, number: int) -> Any:
        """Return where a table begins, which stands as far from the end as its number says."""
        return self._at(build, build.sub(self.size, ir.Constant(INT64, 1 + number)))

    def row_of(self, build: Any, args: list[Any]) -> Any:
        """Return the place of the row that holds at an argument, of the table that begins at a place."""
        return self.find(build, [self.array, *args])

    def entry(self, build: Any, row: Any, number: int) -> Any:
        """Return a number of a row."""
        return self._at(build, build.add(build.fptosi(row, INT64), ir.Constant(INT64, number)))

    def _at(self, build: Any, place: Any) -> Any:
        return build.load(build.gep(self.numbers, [place], inbounds=True))


@attrs.define
class Emitter:
    """Writes the instructions of nodes."""

    context: Any
    builder: Any
    lanes: int
    called: dict[str, tuple[Any, Any]]
    rows: Any
    parameters: Any
    tables: Tables
    time: Any
    lane: Any = None
    values: dict[int, Any] = attrs.field(factory=dict)

    def emit(self, node: Node) -> None:
        """Write a node's instruction, those of its arguments being there."""
        self.values[node.number] = self.instruction(node, [self.values[a.number] for a in node.args])

    def instruction(self, node: Node, args: list[Any]) -> Any:
        """Write a node's instruction and return its value, those of its arguments being given."""
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
            case "table":
                return self.tables.begin(build, int(node.data or 0))
            case "row_of":
                return self.tables.row_of(build, args)
            case "entry":
                return self.tables.entry(build, args[0], int(node.data or 0))
            case "time":
                return self.time
            case "select":
                return build.select(*args)
            case "compare":
                ordered = build.fcmp_unordered if node.data == "!=" else build.fcmp_ordered
                return ordered(node.data, *args)
            case "call":
                return self.implementation(node)(build, args)
            case "part":
                return build.extract_value(args[0], node.data)
        raise AssertionError(op)

    def implementation(self, call: Node) -> Any:
        """Return what writes the instructions of an elementary function."""
        found = self.context.get_function(*self.called[str(call.data)])
        self.context.add_linking_libs(getattr(found, "libs", ()))
        return found

    def width(self, call: Node) -> int:
        """Return how many outputs a call has."""
        _, signature = self.called[str(call.data)]
        return int(getattr(signature.return_type, "count", 1))
