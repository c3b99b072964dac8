"""How many trajectories share a buffer: chosen by a short timing, once for a program and processor.

No bit of a result depends on it, only the time does. Every candidate costs a compilation of some seconds, so nothing
is timed for less than `WORTHWHILE` steps of one trajectory (some 100 s at 20 ns each), which would not earn it back;
such runs take the choice that a long one stored, or the guess. The choice is a number in a text file of the kernel
cache, under the hash of the source; what is not one of the candidates counts as no choice. Before it, the first such
run on a processor times how wide vectors are to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Final

import numpy as np

from sdeframe.compiled.cache import read_private_file, source_key, write_private_file
from sdeframe.compiled.program import Outputs
from sdeframe.compiled.vectors import chosen_width, store_width, widths
from sdeframe.kernels.jumps import Jumping
from sdeframe.kernels.layout import Layout
from sdeframe.kernels.time_loop import kernel_functions, kernel_source
from sdeframe.scratch import zeros

FEWEST_LANES: Final = 16
MOST_LANES: Final = 256
WORTHWHILE: Final = 5_000_000_000
ROUNDS: Final = 7
UPDATES: Final = 2**17
"""Steps of one trajectory in one round: seven rounds are a small part of the shortest run that is timed."""


def lane_count(rows: int) -> int:
    """Return about how many trajectories fit into a buffer of some rows in the first-level cache."""
    lanes = MOST_LANES
    while lanes > FEWEST_LANES and lanes * rows * 8 > 32_768:
        lanes //= 2
    return lanes


def choose_lanes(
    guess: int, layout: Layout, step: Outputs, bound: Outputs, parameters: Sequence[float], updates: int,
    jumping: Jumping | None = None,
) -> int:  # fmt: skip
    """Return how many trajectories are to share a buffer: the guess, half or twice of it, between 16 and 256.

    Parameters
    ----------
    guess
        What is taken where nothing is stored and timing is not worth it.
    layout, step, bound
        The programs; see `sdeframe.kernels.time_loop.kernel_functions`.
    parameters
        The kernel's parameters, the step first.
    updates
        Steps that the run makes, those of all trajectories together.
    jumping
        The programs of jumps, where there are any; none is made while time is taken.
    """
    candidates = sorted({max(guess // 2, FEWEST_LANES), guess, min(2 * guess, MOST_LANES)})
    file = f"lanes_{source_key(kernel_source(layout, step, bound, guess, None, jumping))}.txt"
    choice = {str(lanes): lanes for lanes in candidates}.get(read_private_file(file) or "")
    if choice is None and updates >= WORTHWHILE:
        choose_width(guess, layout, step, bound, parameters, jumping)
        kernels = {
            lanes: (kernel_functions(layout, step, bound, lanes, None, None, jumping)["advance"], lanes)
            for lanes in candidates
        }
        choice = _fastest(kernels, layout, parameters)
        write_private_file(file, str(choice))
    return choice or guess


def choose_width(
    guess: int, layout: Layout, step: Outputs, bound: Outputs, parameters: Sequence[float],
    jumping: Jumping | None = None,
) -> None:  # fmt: skip
    """Time all widths of vectors, once for a processor, and store the fastest."""
    if chosen_width() is None and len(widths()) > 1:
        kernels = {
            bits: (kernel_functions(layout, step, bound, guess, bits, None, jumping)["advance"], guess)
            for bits in widths()
        }
        store_width(_fastest(kernels, layout, parameters))


def _fastest(kernels: dict[int, tuple[Any, int]], layout: Layout, parameters: Sequence[float]) -> int:
    """Return the candidate whose kernel, given with its lanes, has the shortest time of several rounds in turn."""
    arguments = {key: _arguments(lanes, layout, parameters) for key, (_, lanes) in kernels.items()}
    best = dict.fromkeys(kernels, np.inf)
    for _ in range(ROUNDS):
        for key, (advance, _) in kernels.items():
            begin = perf_counter()
            advance(*arguments[key])
            best[key] = min(best[key], perf_counter() - begin)
    return min(best, key=best.__getitem__)


def _arguments(lanes: int, layout: Layout, parameters: Sequence[float]) -> tuple[Any, ...]:
    """Return one buffer's arguments of "advance"; nobody lives, so all is computed and the state stays where it is."""
    z = zeros((1, layout.rows, lanes))
    z[:] = 0.5
    z[:, layout.alive] = 0.0
    words = zeros((1, 4 * (layout.sign_groups + layout.bit_groups) * lanes), np.uint64)
    ids = np.arange(lanes, dtype=np.uint64)[None]
    crossed, reason = np.zeros((1, 1 + layout.weighted, lanes), dtype=np.int64), np.zeros((1, lanes), dtype=np.int8)
    levels, zero = np.array([np.inf]), np.uint64(0)
    test = np.array([np.inf, *parameters[1:]])
    steps = UPDATES // lanes
    return (
        z.reshape(1, -1), words, ids, crossed, reason, np.array(parameters), test, levels,
        0, steps, 0, 1, 0.0, False, zero, zero,
    )  # fmt: skip
