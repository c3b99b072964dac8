"""Programs to kernels: steps of lanes of trajectories, in one flat buffer (row r at r*L + l)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sdeframe.caches import cached
from sdeframe.compiled.cache import compile_source
from sdeframe.compiled.instructions import listing, straight_line
from sdeframe.compiled.program import Outputs
from sdeframe.compiled.vectors import vector_width
from sdeframe.kernels.jump_source import jump_source
from sdeframe.kernels.jumps import Jumping
from sdeframe.kernels.layout import Layout

ADVANCE_TYPES: Final = (
    "void(float64[:,::1], uint64[:,::1], uint64[:,::1], int64[:,:,::1], int8[:,::1], float64[::1], "
    "float64[::1], float64[::1], int64, int64, int64, int64, float64, bool, uint64, uint64)"
)
RECORD_TYPES: Final = (
    "void(float64[:,::1], uint64[:,::1], uint64[:,::1], int64[:,:,::1], int8[:,::1], float64[::1], "
    "float64[::1], float64[::1], int64, int64[::1], int64, int64, float64, bool, uint64, uint64, "
    "float64[::1], float64[:,:,:,::1])"
)
EVALUATE_TYPES: Final = "void(float64[:,::1], float64[::1], float64, float64[:,:,::1])"

IMPORTS: Final = """
from math import sqrt
from sdeframe.compiled.bit_increments import add_four_points, add_octagons
from sdeframe.compiled.jit import inlined, outer
from sdeframe.compiled.normals import add_normals, fill_normals
from sdeframe.compiled.crossings import cross, outweigh, passed
from sdeframe.compiled.random_numbers import BITS, PATH, SIGN, fill_words
from sdeframe.compiled.signs import fill_signs
"""

NOISE: Final = """
@inlined
def noise(z, words, ids, dt, fine, ratio, filled, k0, k1):
{noise}
"""

ADVANCE: Final = """
@outer({types!r})
def advance(
    buffers, all_words, all_ids, crossed, reason, p, test, levels, first, last, shift, ratio, origin, filled, k0, k1
):
    dt = p[0]{memory}
    for g in range(buffers.shape[0]):
        z, words, ids = buffers[g], all_words[g], all_ids[g]
{steps}
"""

RECORD: Final = """
@outer({types!r})
def record(
    buffers, all_words, all_ids, crossed, reason, p, test, levels, begin, ends, shift, ratio, origin, filled, k0, k1,
    times, out,
):
    dt, flat, size = p[0], out.reshape(-1), {lanes} * buffers.shape[0]{memory}
    for g in range(buffers.shape[0]):
        z, words, ids = buffers[g], all_words[g], all_ids[g]
        first = begin
        for o in range(ends.size):
            last = ends[o]
{steps}
            seen(z, p, times[o], flat, size, out.shape[1] * size * o + {lanes} * g)
            first = last
"""

STEPS: Final = """
for made in range(first + (first > 0), last + 1):
    if made > 0:
        k, fine = made - 1, (made - 1) * ratio
{before}
{noise}
        step(z, p, (k - shift) * dt + origin, z, {lanes}, 0)
{after}
{tested}
{rates}
"""

TESTED: Final = """
bound(z, test, 0.0, z, {lanes}, 0)
if {passed}:
    cross(z, {lanes}, {bookkeeping}, crossed[g], reason[g], levels, made)
{outweigh}
"""

EVALUATE: Final = """
from sdeframe.compiled.jit import outer


@outer({types!r})
def evaluate(buffers, p, t, out):
    flat = out.reshape(-1)
    for g in range(buffers.shape[0]):
        program(buffers[g], p, t, flat, {lanes} * buffers.shape[0], {lanes} * g)
"""


@cached(64)
def kernel_functions(
    layout: Layout,
    step: Outputs,
    bound: Outputs,
    lanes: int,
    bits: int | None = None,
    seen: Outputs | None = None,
    jumping: Jumping | None = None,
) -> Mapping[str, Any]:
    """Return the compiled function "advance" of blocks of lanes over some steps, and the programs "step" and "bound".

    With a program of what is seen at output times it is "record", which goes on from one to the next while a buffer is
    in the first-level cache.

    Parameters
    ----------
    layout
        The rows of the buffer.
    step
        The program of one step.
    bound
        The program of the test after it.
    lanes
        Trajectories a buffer; no bit of a result depends on it.
    bits
        Those of a vector, likewise; as `sdeframe.compiled.vectors` has them if not given.
    seen
        What is written at output times, to out[o, q, g, l].
    jumping
        The programs of jumps, where there are any.
    """
    width = vector_width() if bits is None else bits
    programs = {"step": step, "bound": bound} | ({} if seen is None else {"seen": seen})
    if jumping is not None and jumping.rates:
        programs["rates"] = jumping.rates
    about = f"# vectors of {width} bits\n" if width else ""
    source = kernel_source(layout, step, bound, lanes, seen, jumping) + about
    functions = {name: straight_line(outputs, lanes, width) for name, outputs in programs.items()}
    if jumping is not None:
        functions["taking"] = straight_line(jumping.taking, 1)
    return compile_source(source, functions)


@cached(64)
def kernel_source(
    layout: Layout, step: Outputs, bound: Outputs, lanes: int, seen: Outputs | None = None,
    jumping: Jumping | None = None,
) -> str:  # fmt: skip
    """Return the source of `kernel_functions`, with the programs that it calls as comments."""
    programs = {"step": step, "bound": bound} | ({} if seen is None else {"seen": seen})
    tested = bound_source(layout, lanes)
    jumps = jump_source(layout, jumping, lanes, tested)
    steps = STEPS.format(
        lanes=lanes, noise=_indented(noise_source(layout, lanes), 8), tested=_indented(tested, 4),
        before=_indented(jumps.before, 8), after=_indented(jumps.after, 8), rates=_indented(jumps.rates, 4),
    )  # fmt: skip
    lines = [line for line in steps.splitlines() if line]
    if jumping is not None:
        programs |= {"taking": jumping.taking, "rates": jumping.rates}
    if seen is None:
        loop = ADVANCE.format(types=ADVANCE_TYPES, steps=_indented(lines, 8), memory=jumps.memory)
    else:
        loop = RECORD.format(types=RECORD_TYPES, lanes=lanes, steps=_indented(lines, 12), memory=jumps.memory)
    return IMPORTS + jumps.function + loop + _comment(**programs)


def bound_source(layout: Layout, lanes: int) -> list[str]:
    """Return the lines that move the next state to where it is within the bound, and note who passed one."""
    bookkeeping = f"{layout.magnitude}, {layout.threshold}, {layout.peak}, {layout.alive}"
    passed = [f"passed(z, {lanes}, {layout.magnitude}, {layout.threshold}, {layout.alive})"]
    outweigh = ""
    if layout.weighted:
        rows = f"{layout.weight}, {layout.weight_threshold}, {layout.alive}"
        passed.append(f"passed(z, {lanes}, {rows})")
        outweigh = f"    outweigh(z, {lanes}, {rows}, crossed[g, -1], made)"
    tested = TESTED.format(lanes=lanes, passed=" | ".join(passed), bookkeeping=bookkeeping, outweigh=outweigh)
    return [line for line in tested.splitlines() if line]


@cached(256)
def evaluate_kernel(outputs: Outputs, lanes: int) -> Any:
    """Return the compiled function `evaluate(z, p, t, out)` that writes expressions of the state to out[q, g, l]."""
    source = EVALUATE.format(types=EVALUATE_TYPES, lanes=lanes) + _comment(program=outputs)
    return compile_source(source, {"program": straight_line(outputs, lanes)})["evaluate"]


def noise_function(layout: Layout, lanes: int) -> Any:
    """Return for jitted code what fills the increments: `noise(z, words, ids, dt, fine, ratio, filled, k0, k1)`.

    `advance` holds the same lines without a function around them, which compiles faster.
    """
    return compile_source(IMPORTS + NOISE.format(noise=_indented(noise_source(layout, lanes), 4)))["noise"]


def _indented(lines: list[str], spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in lines)


def _comment(**programs: Outputs) -> str:
    """Return programs as comments: code that calls them has the hash of all of it."""
    return "\n".join(f"# {line}" for name, outputs in programs.items() for line in (name, *listing(outputs))) + "\n"


def noise_source(layout: Layout, lanes: int) -> list[str]:
    """Return the lines that fill the increments of a step: sums over `ratio` fine steps, signs of the first.

    The words, which hold bits of 32 fine steps, stay those of the step before; those of tied trajectories are filled
    outside (`sdeframe.compiled.tied_words`).
    """
    lines = []
    if layout.sign_count + layout.bit_count:
        bits = layout.sign_groups * 4 * lanes
        lines += [
            "if fine // 32 != (fine - ratio) // 32 and not filled:",
            f"    for base, groups, purpose in ((0, {layout.sign_groups}, SIGN), ({bits}, {layout.bit_groups}, BITS)):",
            f"        fill_words(words, base, {lanes}, ids, fine, groups, purpose, k0, k1)",
        ]
    lines.append("unit, half = sqrt(dt / ratio), sqrt(0.5 * dt / ratio)")
    lines += bit_source(layout, lanes) if layout.bit_count else normal_source(layout, lanes)
    lines.append("unit, half = sqrt(dt), sqrt(0.5 * dt)")
    halves = 2 * layout.complex_noises if layout.has_signs else 0
    for begin, end, scale in ((0, halves, "half"), (halves, layout.sign_count, "unit")):
        if end > begin:
            row = f"({layout.signs} + j) * {lanes}"
            lines += [
                f"for j in range({begin}, {end}):",
                f"    fill_signs(z, {row}, {lanes}, words, j, fine, {scale})",
            ]
    return lines


def normal_source(layout: Layout, lanes: int) -> list[str]:
    """Return the lines that fill normal increments."""
    lines, complex_channels = [], layout.complex_noises
    for begin, end, scale in ((0, complex_channels, "half"), (complex_channels, layout.channels, "unit")):
        if end > begin:
            place, tail = f"({layout.path} + 2 * c) * {lanes}, {lanes}", f"c, PATH, 0, k0, k1, {scale})"
            lines += [
                f"for c in range({begin}, {end}):",
                f"    fill_normals(z, {place}, ids, fine, {tail}",
                "    for j in range(1, ratio):",
                f"        add_normals(z, {place}, ids, fine + j, {tail}",
            ]
    return lines


def bit_source(layout: Layout, lanes: int) -> list[str]:
    """Return the lines that fill increments made of bits."""
    octagon = layout.bits_of_complex == 4
    halves = (1 if octagon else 2) * layout.complex_noises
    lines, row, bit = ["for j in range(ratio):"], layout.path, 4 * layout.sign_groups
    for count, scale in ((halves, "half"), (layout.real_noises, "unit")):
        function, rows, bits = ("add_octagons", 2, 4) if octagon and scale == "half" else ("add_four_points", 1, 3)
        if count:
            place, of = f"({row} + {rows} * i) * {lanes}, {lanes}", f"words, {bit} + {bits} * i"
            lines += [
                f"    for i in range({count}):",
                f"        {function}(z, {place}, {of}, fine + j, 1.0 if j else 0.0, {scale})",
            ]
        row, bit = row + rows * count, bit + bits * count
    return lines
