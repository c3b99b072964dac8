"""The first levels of the tree, of weighted values, merged in whole vectors as `sdeframe.sums.fold` does."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.caches import cached
from sdeframe.sums.fold_programs import FOLD
from sdeframe.sums.weight_programs import (
    CARRIES,
    COMMON,
    COUNTED,
    DIVISOR,
    EXPONENT,
    FACTORS,
    FOUND,
    MERGES,
    MODULUS,
    PHASE,
    POWERS,
    RUN,
    VALUES,
    leaves_program,
    name_program,
    pair_program,
    pairs_program,
    scales_program,
    weight_program,
)

WIDTH: Final = 16
"""Lanes that are merged at a time, of which a table fits into the first-level cache."""

RUN_TYPES: Final = "float64[::1], float64[::1], float64[:,::1], float64[:,:,::1], boolean[::1]"
WEIGHTS_TYPES: Final = f"void(int64, {RUN_TYPES}, boolean[::1], float64[::1], float64[:,::1])"
PAIRS_TYPES: Final = f"void(int64, {RUN_TYPES}, {RUN_TYPES}, boolean[::1], float64, float64[::1], float64[:,::1])"
SOURCE: Final = f"""
import numpy as np
from sdeframe.compiled.functions.exponential import whole_power_of_two
from sdeframe.compiled.jit import inlined, outer

WIDTH = {WIDTH}


@inlined
def powers(table, first, last):
    for place in range(np.uint64(first * WIDTH), np.uint64(last * WIDTH)):
        table[place] = whole_power_of_two(table[place])


@inlined
def read(source, first, lanes, table, row):
    for g in range({FOLD}):
        start, at = np.uint64(first + g * lanes), np.uint64((row + g) * WIDTH)
        for lane in range(np.uint64(WIDTH)):
            table[at + lane] = source[start + lane]


@inlined
def write(table, rows, out, stride, start):
    for row in range(rows):
        at, source = np.uint64(row * stride + start), np.uint64(({FOUND} + row) * WIDTH)
        for lane in range(np.uint64(WIDTH)):
            out[at + lane] = table[source + lane]


@inlined
def read_run(exponent, modulus, phase, carries, first, lanes, table, row):
    read(carries, first, lanes, table, row + {CARRIES})
    read(exponent, first, lanes, table, row + {EXPONENT})
    read(modulus, first, lanes, table, row + {MODULUS})
    for part in range(2):
        read(phase[part], first, lanes, table, row + {PHASE} + {FOLD} * part)


@outer({WEIGHTS_TYPES!r})
def fold_weights(lanes, exponent, modulus, phase, values, carries, counted, table, out):
    names, n, flat = values.shape[1], out.shape[1], out.reshape(-1)
    for at in range(0, n, WIDTH):
        first = {FOLD} * lanes * (at // lanes) + at % lanes
        read_run(exponent, modulus, phase, carries, first, lanes, table, 0)
        read(counted, first, lanes, table, {COUNTED})
        leaves(table, modulus, 0.0, table, WIDTH, 0)
        scales(table, modulus, 0.0, table, WIDTH, 0)
        powers(table, {FACTORS}, {FACTORS + 2 * MERGES})
        write(table, 2, flat, n, at)
        weight(table, modulus, 0.0, table, WIDTH, 0)
        write(table, 7, flat, n, 2 * n + at)
        for name in range(names):
            for part in range(2):
                read(values[part, name], first, lanes, table, {VALUES} + {FOLD} * part)
            merge_name(table, modulus, 0.0, table, WIDTH, 0)
            write(table, 13, flat, names * n, (9 + name) * n + at)


@outer({PAIRS_TYPES!r})
def fold_pairs(
    lanes, exponent, modulus, phase, values, carries, exponent2, modulus2, phase2, values2, carries2, counted, divisor,
    table, out,
):
    names, n, flat = values.shape[1], out.shape[1], out.reshape(-1)
    for lane in range(WIDTH):
        table[{DIVISOR} * WIDTH + lane] = divisor
    for at in range(0, n, WIDTH):
        first = {FOLD} * lanes * (at // lanes) + at % lanes
        read_run(exponent, modulus, phase, carries, first, lanes, table, 0)
        read_run(exponent2, modulus2, phase2, carries2, first, lanes, table, {RUN})
        read(counted, first, lanes, table, {COUNTED})
        leaves(table, modulus, 0.0, table, WIDTH, 0)
        leaves_of_coarse(table, modulus, 0.0, table, WIDTH, 0)
        pairs(table, modulus, 0.0, table, WIDTH, 0)
        powers(table, {POWERS}, {POWERS + 2 * FOLD})
        scales_of_pairs(table, modulus, 0.0, table, WIDTH, 0)
        powers(table, {FACTORS}, {FACTORS + 2 * MERGES})
        write(table, 2, flat, n, at)
        for name in range(names):
            for part in range(2):
                read(values[part, name], first, lanes, table, {VALUES} + {FOLD} * part)
                read(values2[part, name], first, lanes, table, {RUN + VALUES} + {FOLD} * part)
            merge_pair(table, modulus, 0.0, table, WIDTH, 0)
            write(table, 8, flat, names * n, (2 + name) * n + at)
"""


@cached(None)
def weight_fold(name: str) -> Any:
    """Return a compiled function that sums up a folded block's weighted values.

    "fold_weights"
        ``(lanes, *run, counted, table, out)`` writes the nodes that `sdeframe.sums.weights.weight_rules` describes.
    "fold_pairs"
        ``(lanes, *fine, *coarse, counted, divisor, table, out)`` writes those of `sdeframe.sums.weights.scaled_rules`,
        for coarse less fine values OΩ of all names, then for fine ones less this by the divisor.

    A run is given by exponents and moduli of weights, shape (trajectories,), e^(iφ), shape (2, trajectories), values O,
    shape (2, names, trajectories), and who carries a weight; out has the shape (rows, trajectories / FOLD), and the
    table room for `ROWS` rows of `WIDTH` lanes.
    """
    from sdeframe.compiled.cache import compile_source
    from sdeframe.compiled.instructions import listing, straight_line
    from sdeframe.compiled.vectors import vector_width

    programs, width = {
        "leaves": leaves_program(0), "leaves_of_coarse": leaves_program(RUN), "pairs": pairs_program(),
        "scales": scales_program(EXPONENT), "scales_of_pairs": scales_program(COMMON), "weight": weight_program(),
        "merge_name": name_program(), "merge_pair": pair_program(),
    }, vector_width()  # fmt: skip
    lines = [f"# {line}" for outputs in programs.values() for line in listing(outputs)]
    compiled = {key: straight_line(outputs, WIDTH, width) for key, outputs in programs.items()}
    return compile_source("\n".join([SOURCE, f"# vectors of {width} bits", *lines, ""]), compiled)[name]
