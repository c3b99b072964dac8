"""Chunks to machine instructions: a loop for the arithmetic of each, and one function for all calls of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numba.core.cgutils
import numba.core.types
from llvmlite import ir

from sdeframe.compiled.chunks import Chunk, chunks, slots, source
from sdeframe.compiled.emitter import DOUBLE, INT64, Emitter, Write
from sdeframe.compiled.program import Node

cgutils: Final[Any] = numba.core.cgutils
types: Final[Any] = numba.core.types
POINTER: Final = types.CPointer(types.float64)
TRUTHS: Final = ("compare", "and", "or", "not")
"""Operations that give true or false, which stands in memory as 1 or 0."""
ONE, ZERO = ir.Constant(DOUBLE, 1.0), ir.Constant(DOUBLE, 0.0)
MOST_VALUES: Final = 8
"""Arguments and outputs that a call has at most."""


def write_chunks(emitter: Emitter, nodes: Sequence[Node], outputs: Sequence[Node], write: Write) -> None:
    """Write a program chunk by chunk; values that leave a chunk stand in memory."""
    context, build, lanes = emitter.context, emitter.builder, emitter.lanes
    shared = SharedCalls(emitter)
    for node in nodes:
        if node.uniform:
            if node.op == "call":
                emitter.values[node.number] = shared.once(node)
            else:
                emitter.emit(node)
    pieces = chunks(nodes)
    place, count = slots(pieces, outputs, emitter.width)
    memory = context.nrt.allocate(build, ir.Constant(INT64, 8 * lanes * count))
    scratch = build.bitcast(memory, DOUBLE.as_pointer())
    for k, piece in enumerate(pieces):
        with cgutils.for_range(build, ir.Constant(INT64, lanes)) as loop:
            emitter.lane = loop.index
            lane = Lane(emitter, scratch, place)
            lane.write(piece)
            if k == len(pieces) - 1:
                write(loop.index, lane.value)
        for call in piece.calls:
            inputs = [_pointer(emitter, scratch, place, a) for a in call.args]
            first = place[call.number]
            made = [_at(emitter, scratch, first + i) for i in range(emitter.width(call))]
            shared.call(call, lanes, [*inputs, *made])
    context.nrt.free(build, memory)


def _at(emitter: Emitter, scratch: Any, slot: int) -> Any:
    """Return where a slot begins."""
    return emitter.builder.gep(scratch, [ir.Constant(INT64, slot * emitter.lanes)], inbounds=True)


def _slot(place: dict[int, int], node: Node) -> int:
    return place[source(node).number] + (int(node.data or 0) if node.op == "part" else 0)


def _pointer(emitter: Emitter, scratch: Any, place: dict[int, int], node: Node) -> Any:
    """Return where the values of an argument begin."""
    if node.op == "row":
        row = ir.Constant(INT64, int(node.data or 0) * emitter.lanes)
        return emitter.builder.gep(emitter.rows, [row], inbounds=True)
    return _at(emitter, scratch, _slot(place, node))


@attrs.define
class Lane:
    """The values of one lane in the loop of a chunk."""

    emitter: Emitter
    scratch: Any
    place: dict[int, int]
    values: dict[int, Any] = attrs.field(factory=dict)

    def write(self, piece: Chunk) -> None:
        """Write the arithmetic of a chunk, and what leaves it into its slots."""
        for node in piece.nodes:
            self.values[node.number] = self.emitter.instruction(node, [self.value(a) for a in node.args])
            if node.number in self.place:
                self._store(node)
        for argument in {a.number: a for call in piece.calls for a in call.args if a.uniform}.values():
            self._store(argument)

    def value(self, node: Node) -> Any:
        """Return the value of a node: made here, the same in all lanes, or from the buffer or a slot."""
        if node.uniform:
            return self.emitter.values[node.number]
        if node.number not in self.values:
            stored = node.op != "row"
            self.values[node.number] = self._load(node) if stored else self.emitter.instruction(node, [])
        return self.values[node.number]

    def _load(self, node: Node) -> Any:
        build = self.emitter.builder
        found = build.load(self._address(node))
        return build.fcmp_ordered("!=", found, ZERO) if node.op in TRUTHS else found

    def _store(self, node: Node) -> None:
        build, value = self.emitter.builder, self.value(node)
        build.store(build.select(value, ONE, ZERO) if node.op in TRUTHS else value, self._address(node))

    def _address(self, node: Node) -> Any:
        build, place = self.emitter.builder, ir.Constant(INT64, _slot(self.place, node) * self.emitter.lanes)
        return build.gep(self.scratch, [build.add(place, self.emitter.lane)], inbounds=True)


@attrs.define
class SharedCalls:
    """Elementary functions, each there once for all lanes, and once for what is the same in all lanes."""

    emitter: Emitter
    known: dict[tuple[str, int], Any] = attrs.field(factory=dict)

    def call(self, call: Node, lanes: int, pointers: list[Any]) -> None:
        """Write a call for some lanes, of values that stand at the pointers; its outputs come last."""
        context, build = self.emitter.context, self.emitter.builder
        key = (str(call.data), lanes)
        if key not in self.known:
            self.known[key] = self._function(call, lanes)
        context.call_conv.call_function(build, self.known[key], types.none, [POINTER] * len(pointers), pointers)

    def once(self, call: Node) -> Any:
        """Write a call of values that are the same in all lanes, and return its value."""
        build, width = self.emitter.builder, self.emitter.width(call)
        place = cgutils.alloca_once(build, DOUBLE, size=ir.Constant(INT64, MOST_VALUES))
        pointers = [build.gep(place, [ir.Constant(INT64, i)]) for i in range(len(call.args) + width)]
        for argument, pointer in zip(call.args, pointers, strict=False):
            build.store(self.emitter.values[argument.number], pointer)
        self.call(call, 1, pointers)
        found = [build.load(pointer) for pointer in pointers[len(call.args) :]]
        return found[0] if width == 1 else cgutils.pack_array(build, found)

    def _function(self, call: Node, lanes: int) -> Any:
        """Write the function of a call: a loop over lanes, in which the call is inlined."""
        context, count = self.emitter.context, len(call.args)
        implementation, width = self.emitter.implementation(call), self.emitter.width(call)
        convention, module = context.call_conv, self.emitter.builder.module
        kind = convention.get_function_type(types.none, [POINTER] * (count + width))
        name = module.get_unique_name(f"{call.data}_{lanes}")
        function = ir.Function(module, kind, name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        pointers = convention.get_arguments(function)
        for pointer in pointers:
            pointer.add_attribute("noalias")
        build = ir.IRBuilder(function.append_basic_block("entry"))
        with cgutils.for_range(build, ir.Constant(INT64, lanes)) as loop:
            places = [build.gep(pointer, [loop.index], inbounds=True) for pointer in pointers]
            value = implementation(build, [build.load(place) for place in places[:count]])
            values = [value] if width == 1 else cgutils.unpack_tuple(build, value, width)
            for made, place in zip(values, places[count:], strict=True):
                build.store(made, place)
        convention.return_value(build, context.get_dummy_value())
        return function
