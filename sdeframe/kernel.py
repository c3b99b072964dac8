"""Programs to numba: straight-line real code over lanes of trajectories, in one flat buffer (row r at r*L + l)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from sdeframe.compiled import compile_source
from sdeframe.program import Node, reachable
from sdeframe.trace import Layout, Outputs

ADVANCE_TYPES: Final = (
    "void(float64[:,::1], uint64[:,::1], uint64[:,::1], int64[:,:,::1], int8[:,::1], float64[::1], "
    "float64[::1], int64, int64, int64, uint64, uint64)"
)
EVALUATE_TYPES: Final = "void(float64[:,::1], float64[::1], float64, float64[:,:,::1])"

FEWEST_LANES: Final = 16
MOST_LANES: Final = 256

ADVANCE: Final = """
@njit({types!r}, nogil=True, error_model="numpy", cache=True)
def advance(z, words, ids, crossed, reason, p, levels, first, last, ratio, k0, k1):
    limit = levels[levels.shape[0] - 1]
    for g in range(z.shape[0]):
        zg = z[g]
        if first == 0 and bound(zg, limit) > 0:
            note(zg, crossed[g], reason[g], levels, 0)
        for k in range(first, last):
            noise(zg, words[g], ids[g], p[0], k * ratio, ratio, k == first, k0, k1)
            step(zg, p, k * p[0])
            if bound(zg, limit) > 0:
                note(zg, crossed[g], reason[g], levels, k + 1)
"""


def lane_count(rows: int) -> int:
    """Return about how many trajectories fit into a buffer of some rows in the first-level cache; see `tuning`."""
    lanes = MOST_LANES
    while lanes > FEWEST_LANES and lanes * rows * 8 > 32_768:
        lanes //= 2
    return lanes


def kernel_functions(layout: Layout, step: Outputs, tested: tuple[int, ...], lanes: int) -> Mapping[str, Any]:
    """Return the compiled function "advance" of a block of lanes over some steps, and its parts: noise, step, bound.

    Parameters
    ----------
    layout
        The rows of the buffer.
    step
        The program of one step.
    tested
        Positions (in the state) of the variables that the bound tests.
    lanes
        Trajectories a buffer; no bit of a result depends on it.
    """
    return compile_source(kernel_source(layout, step, tested, lanes))


@lru_cache(maxsize=64)
def kernel_source(layout: Layout, step: Outputs, tested: tuple[int, ...], lanes: int) -> str:
    """Return the source of `kernel_functions`."""
    return "\n".join(
        [
            *header(node for _, node in step),
            "from sdeframe.lanes import cross, outweigh",
            "from sdeframe.discrete import add_four_points, add_octagons",
            "from sdeframe.noise import BITS, PATH, SIGN, add_normals, fill_normals, fill_signs, fill_words",
            *step_source(step, lanes),
            *bound_source(layout, tested, lanes),
            *note_source(layout, lanes),
            *noise_source(layout, lanes),
            ADVANCE.format(types=ADVANCE_TYPES),
        ]
    )


@lru_cache(maxsize=256)
def evaluate_kernel(outputs: Outputs, lanes: int) -> Any:
    """Return the compiled function `evaluate(z, p, t, out)` that writes expressions of the state to out[q, g, l]."""
    source = "\n".join(
        [
            *header(node for _, node in outputs),
            f"@njit({EVALUATE_TYPES!r}, nogil=True, error_model='numpy', cache=True)",
            "def evaluate(buffers, p, t, out):",
            "    for g in range(buffers.shape[0]):",
            "        z = buffers[g]",
            *loop_source(outputs, lanes, "        ", lambda row: f"out[{row}, g, l]"),
        ]
    )
    return compile_source(source)["evaluate"]


def header(outputs: Iterable[Node]) -> list[str]:
    """Return the imports that a program needs."""
    calls = sorted({str(n.data) for n in reachable(outputs) if n.op == "call"})
    return [
        "from math import sqrt",
        "import numpy as np",
        "from numba import njit",
        *(f"from sdeframe.functions import {name}" for name in calls),
    ]


def step_source(step: Outputs, lanes: int) -> list[str]:
    """Return the function that makes one step."""
    return [
        "@njit(error_model='numpy')",
        "def step(z, p, t):",
        *loop_source(step, lanes, "    ", lambda row: f"z[{row * lanes} + l]"),
    ]


def loop_source(outputs: Outputs, lanes: int, indent: str, target: Any) -> list[str]:
    """Return a program as code: what all lanes share, then a loop over lanes."""
    nodes = list(reachable(node for _, node in outputs))
    shared = [n for n in nodes if n.uniform and n.op != "constant"]
    single = [n for n in nodes if not n.uniform]
    return [
        *(f"{indent}{name(n)} = {expression(n, lanes)}" for n in shared),
        f"{indent}for l in range({lanes}):",
        *(f"{indent}    {name(n)} = {expression(n, lanes)}" for n in single),
        *(f"{indent}    {target(row)} = {name(node)}" for row, node in outputs),
    ]


def name(node: Node) -> str:
    """Return what a node is called in the code; constants stand for themselves."""
    value = node.constant()
    if value is None:
        return f"v{node.number}"
    return f"({value!r})" if math.isfinite(value) else f"(np.{abs(value)})" if value != -math.inf else "(-np.inf)"


def expression(node: Node, lanes: int) -> str:
    """Return the right-hand side that computes a node."""
    args = [name(a) for a in node.args]
    match node.op:
        case "row":
            return f"z[{int(node.data or 0) * lanes} + l]"
        case "parameter":
            return f"p[{node.data}]"
        case "time":
            return "t"
        case "+" | "-" | "*" | "/":
            return f"{args[0]} {node.op} {args[1]}"
        case "neg":
            return f"-{args[0]}"
        case "sqrt" | "abs":
            return f"{node.op}({args[0]})"
        case "call":
            return f"{node.data}({', '.join(args)})"
        case "part":
            return f"{args[0]}[{node.data}]"
        case "select":
            return f"{args[1]} if {args[0]} else {args[2]}"
        case "compare":
            return f"{args[0]} {node.data} {args[1]}"
        case "and":
            return f"{args[0]} & {args[1]}"
        case "or":
            return f"{args[0]} | {args[1]}"
        case "not":
            return f"not {args[0]}"
    raise AssertionError(node.op)


def bound_source(layout: Layout, tested: tuple[int, ...], lanes: int) -> list[str]:
    """Return the test after a full step: it notes magnitudes and peaks, moves what is in bounds, counts crossings."""
    n, rows = layout.width, layout.state_rows(layout.width)

    def at(row: int) -> str:
        return f"z[{row * lanes} + l]"

    heavy = f" | ({at(n + layout.weight)} > {at(layout.weight_threshold)})" if layout.weighted else ""
    squares = [" + ".join(f"{at(r)} * {at(r)}" for r in rows[i]) for i in tested]
    return [
        "@njit(error_model='numpy')",
        "def bound(z, limit):",
        "    hits = 0",
        f"    for l in range({lanes}):",
        "        m = 0.0",
        *(line for square in squares for line in (f"        s = {square}", "        m = s if s > m else m")),
        f"        finite = ({' + '.join(f'0.0 * {at(n + r)}' for r in range(n))}) == 0.0",
        f"        alive = {at(layout.alive)} > 0.0",
        f"        hits += 1 if alive & ((m > {at(layout.threshold)}) | (not finite){heavy}) else 0",
        f"        {at(layout.magnitude)} = m if finite else np.nan",
        f"        peak = {at(layout.peak)}",
        f"        {at(layout.peak)} = m if alive & (m > peak) else peak",
        "        keep = alive & finite & (m <= limit)",
        *(f"        {at(r)} = {at(n + r)} if keep else {at(r)}" for r in range(n)),
        "    return hits",
    ]


def note_source(layout: Layout, lanes: int) -> list[str]:
    """Return the function that notes who passed which bound, called where the bound test had a hit."""
    bookkeeping = f"{layout.magnitude}, {layout.threshold}, {layout.peak}, {layout.alive}"
    lines = [
        "@njit(error_model='numpy')",
        "def note(z, crossed, reason, levels, step):",
        f"    cross(z, {lanes}, {bookkeeping}, crossed, reason, levels, step)",
    ]
    if layout.weighted:
        weight = f"{layout.weight}, {layout.weight_threshold}, {layout.alive}"
        lines.append(f"    outweigh(z, {lanes}, {weight}, crossed[-1], step)")
    return lines


def noise_source(layout: Layout, lanes: int) -> list[str]:
    """Return the function that fills the increments of a step: sums over `ratio` fine steps, signs of the first."""
    lines = [
        "@njit(error_model='numpy')",
        "def noise(z, words, ids, dt, fine, ratio, fresh, k0, k1):",
        "    unit, half = sqrt(dt / ratio), sqrt(0.5 * dt / ratio)",
    ]
    if layout.sign_count + layout.bit_count:
        signs, bits = f"0, {lanes}, ids, fine, {layout.sign_groups}, SIGN", layout.sign_groups * 4 * lanes
        lines += [
            "    if fresh or fine // 32 != (fine - ratio) // 32:",
            f"        fill_words(words, {signs}, k0, k1)",
            f"        fill_words(words, {bits}, {lanes}, ids, fine, {layout.bit_groups}, BITS, k0, k1)",
        ]
    lines += bit_source(layout, lanes) if layout.bit_count else normal_source(layout, lanes)
    lines.append("    unit, half = sqrt(dt), sqrt(0.5 * dt)")
    for j in range(layout.sign_count):
        scale = "half" if j < 2 * layout.complex_noises else "unit"
        lines.append(f"    fill_signs(z, {(layout.signs + j) * lanes}, {lanes}, words, {j}, fine, {scale})")
    return lines


def normal_source(layout: Layout, lanes: int) -> list[str]:
    """Return the lines that fill normal increments."""
    lines = []
    for channel in range(layout.channels):
        base = (layout.path + 2 * channel) * lanes
        scale = "half" if channel < layout.complex_noises else "unit"
        tail = f"{channel}, PATH, 0, k0, k1, {scale})"
        lines += [
            f"    fill_normals(z, {base}, {lanes}, ids, fine, {tail}",
            "    for j in range(1, ratio):",
            f"        add_normals(z, {base}, {lanes}, ids, fine + j, {tail}",
        ]
    return lines


def bit_source(layout: Layout, lanes: int) -> list[str]:
    """Return the lines that fill increments made of bits."""
    calls, row, bit = [], layout.path, 4 * layout.sign_groups
    for k in range(layout.complex_noises + layout.real_noises):
        is_complex = k < layout.complex_noises
        octagon = is_complex and layout.bits_of_complex == 4
        function, scale = "add_octagons" if octagon else "add_four_points", "half" if is_complex else "unit"
        for _ in range(2 if is_complex and not octagon else 1):
            calls.append(f"{function}(z, {row * lanes}, {lanes}, words, {bit}, {{}}, {{}}, {scale})")
            row, bit = row + (2 if octagon else 1), bit + (4 if octagon else 3)
    first, later = (f"    {call}" for call in ("{0}", "    {0}"))
    return [
        *(first.format(call.format("fine", "0.0")) for call in calls),
        "    for j in range(1, ratio):",
        *(later.format(call.format("fine + j", "1.0")) for call in calls),
    ]
