"""Straight-line programs to machine instructions over lanes, without numba's inference in between.

Every operation of a program is on floats or truth values, so there is nothing to infer; numba spends some 2 ms on each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sdeframe.compiled import functions
from sdeframe.compiled.chunks import MOST_INLINED
from sdeframe.compiled.emitter import INT64, Emitter, Tables, Write
from sdeframe.compiled.functions.tables import row_of
from sdeframe.compiled.program import Node, Outputs, reachable
from sdeframe.compiled.shared_calls import write_chunks
from sdeframe.compiled.vectors import AS_COMPILED, prefer


def listing(outputs: Outputs) -> list[str]:
    """Return a program as lines of text, the same for equal programs."""
    return [
        *(f"{n.number} {n.op} {n.data!r} {' '.join(str(a.number) for a in n.args)}" for n in _nodes(outputs)),
        *(f"row {row}: {node.number}" for row, node in outputs),
    ]


def straight_line(outputs: Outputs, lanes: int, bits: int = AS_COMPILED) -> Any:
    """Return a program as a function for jitted code: `f(z, p, t, out, stride, start)`.

    It reads row r of lane l from z[r*lanes + l], parameters from p and the time t, and writes the output of row q to
    out[q*stride + start + l]; z, p and out are flat float64 arrays, and out may be z. What is the same for all lanes
    is computed once. Its vectors have so many bits, and those of the function that calls it.
    """
    nodes = _nodes(outputs)
    calls = {(str(n.data), len(n.args)) for n in nodes if n.op == "call"}

    @intrinsic
    def program(typing: Any, z: Any, p: Any, t: Any, out: Any, stride: Any, start: Any) -> Any:
        signature = types.void(z, p, types.float64, out, types.int64, types.int64)
        called = {name: _typed(typing, name, count) for name, count in calls}
        finder = _finder(typing, p) if any(n.op == "row_of" for n in nodes) else None

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            prefer(builder.function, bits)
            kinds = signature.args
            rows, given, target = (context.make_array(kinds[i])(context, builder, args[i]) for i in (0, 1, 3))
            find = context.get_function(*finder) if finder else None
            tables = Tables(args[1], given.nitems, given.data, find)
            emitter = Emitter(context, builder, lanes, called, rows.data, given.data, tables, args[2])

            def write(lane: Any, value: Callable[[Node], Any]) -> None:
                for row, node in outputs:
                    place = builder.add(builder.mul(ir.Constant(INT64, row), args[4]), args[5])
                    builder.store(value(node), builder.gep(target.data, [builder.add(place, lane)], inbounds=True))

            if sum(node.op == "call" for node in nodes) > MOST_INLINED:
                write_chunks(emitter, nodes, [node for _, node in outputs], write)
            else:
                write_loop(emitter, nodes, write)
            return context.get_dummy_value()

        return signature, generate

    return program


def write_loop(emitter: Emitter, nodes: list[Node], write: Write) -> None:
    """Write a program as one loop over lanes."""
    for node in nodes:
        if node.uniform:
            emitter.emit(node)
    with cgutils.for_range(emitter.builder, ir.Constant(INT64, emitter.lanes)) as loop:
        emitter.lane = loop.index
        for node in nodes:
            if not node.uniform:
                emitter.emit(node)
        write(loop.index, lambda node: emitter.values[node.number])


def _nodes(outputs: Outputs) -> list[Node]:
    return list(reachable(node for _, node in outputs))


def _typed(typing: Any, name: str, count: int) -> tuple[Any, Any]:
    """Return an elementary function with its signature, as numba knows them."""
    kind = typing.resolve_value_type(getattr(functions, name))
    return kind, kind.get_call_type(typing, (types.float64,) * count, {})


def _finder(typing: Any, parameters: Any) -> tuple[Any, Any]:
    """Return what finds a row of a table, with its signature, as numba knows them."""
    kind = typing.resolve_value_type(row_of)
    return kind, kind.get_call_type(typing, (parameters, types.float64, types.float64), {})
