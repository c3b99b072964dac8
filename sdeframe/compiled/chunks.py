"""Programs with very many calls of elementary functions, cut into chunks: arithmetic over lanes, then some calls.

A compiler takes more than linear time for a loop with hundreds of inlined functions. In chunks each function is there
once, and what passes from one chunk to a later one stands in slots of memory that are used again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from sdeframe.compiled.program import Node

MOST_INLINED: Final = 64
"""Calls up to which a program stays one loop; no shipped model has more."""
CALLS: Final = 32
"""Calls of a chunk."""


@attrs.define
class Chunk:
    """Arithmetic of all lanes, then calls for all lanes; nodes in the order of the program."""

    nodes: list[Node] = attrs.field(factory=list)
    calls: list[Node] = attrs.field(factory=list)


def is_stored(node: Node) -> bool:
    """Tell whether a value differs between lanes and is not there from the start, in a row of the buffer."""
    return not node.uniform and node.op != "row"


def chunks(nodes: Sequence[Node]) -> list[Chunk]:
    """Return the chunks of a program's nodes, in whose order each node comes after its arguments."""
    varying = [n for n in nodes if is_stored(n)]
    place = _earliest(varying)
    users: dict[int, list[Node]] = defaultdict(list)
    for node in varying:
        for argument in node.args:
            users[argument.number].append(node)
    _delay(varying, users, place)
    found = [Chunk() for _ in range(1 + max(place.values(), default=0))]
    for node in varying:
        if node.op == "call":
            found[place[node.number]].calls.append(node)
        elif node.op != "part":
            found[place[node.number]].nodes.append(node)
    return found


def _earliest(varying: Sequence[Node]) -> dict[int, int]:
    """Return the first chunk that can hold each node, no more than some calls in one."""
    place: dict[int, int] = {}
    full, begin = Counter[int](), dict[int, int]()
    for node in varying:
        known = [place[a.number] + (a.op == "call") for a in node.args if is_stored(a)]
        first = max(known, default=0)
        if node.op == "call":
            here = begin.get(first, first)
            while full[here] == CALLS:
                here += 1
            begin[first] = here
            full[here] += 1
            first = here
        place[node.number] = first
    return place


def _delay(varying: Sequence[Node], users: dict[int, list[Node]], place: dict[int, int]) -> None:
    """Move what needs nothing but values that are kept anyway to the chunk that first uses it."""
    free: set[int] = set()
    for node in varying:
        if node.op not in ("call", "part"):
            kept = (not is_stored(a) or a.number in free or len(users[a.number]) > 1 for a in node.args)
            if all(kept) and users[node.number]:
                free.add(node.number)
    for node in reversed(varying):
        if node.number in free:
            place[node.number] = min(place[user.number] for user in users[node.number])


def source(node: Node) -> Node:
    """Return the call that a part is of, else the node."""
    return node.args[0] if node.op == "part" else node


def slots(pieces: Sequence[Chunk], outputs: Iterable[Node], width: Callable[[Node], int]) -> tuple[dict[int, int], int]:
    """Return the slot of every value that leaves its chunk or goes into a call, and how many slots there are.

    A call has as many slots in a row as it has outputs, its `width`. A slot is used again after its last use.
    """
    last = _last_uses(pieces, outputs)
    found: dict[int, int] = {}
    unused: dict[int, list[int]] = defaultdict(list)
    live: dict[int, tuple[int, int]] = {}
    count = 0
    for k, piece in enumerate(pieces):
        uniform = {a.number for call in piece.calls for a in call.args if a.uniform} - live.keys()
        needed = [(n.number, 1, last[n.number]) for n in piece.nodes if n.number in last]
        needed += [(number, 1, last[number]) for number in sorted(uniform)]
        needed += [(call.number, width(call), last.get(call.number, k)) for call in piece.calls]
        for number, size, until in needed:
            if not unused[size]:
                unused[size].append(count)
                count += size
            found[number] = unused[size].pop()
            live[number] = (size, until)
        for number in [n for n, (_, until) in live.items() if until <= k]:
            unused[live.pop(number)[0]].append(found[number])
    return found, count


def _last_uses(pieces: Sequence[Chunk], outputs: Iterable[Node]) -> dict[int, int]:
    """Return the last chunk that needs a value of an earlier one or of a call, or has it as an argument of a call."""
    place = {n.number: k for k, piece in enumerate(pieces) for n in (*piece.nodes, *piece.calls)}
    last: dict[int, int] = {}

    def use(node: Node, k: int, always: bool) -> None:
        value = source(node)
        needed = value.op != "row" if always else is_stored(value) and (value.op == "call" or place[value.number] < k)
        if needed:
            last[value.number] = max(k, last.get(value.number, 0))

    for k, piece in enumerate(pieces):
        for node in piece.nodes:
            for argument in node.args:
                use(argument, k, always=False)
        for call in piece.calls:
            for argument in call.args:
                use(argument, k, always=True)
    for node in outputs:
        use(node, len(pieces) - 1, always=False)
    return last
