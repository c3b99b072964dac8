"""Which code vector every bit of a balanced run has, packed as the kernel takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.random_numbers import STEPS_PER_WORD
from sdeframe.interfaces.integrator import Integrator
from sdeframe.kernels.layout import Layout
from sdeframe.sampling.plan import Draws, Plan
from sdeframe.sampling.slots import Integers

Columns = NDArray[np.uint32]


def code_columns(plan: Plan, layout: Layout, turns: Integers | None = None) -> Columns:
    """Return bit k of every code vector, shape (windows of 32 steps, rows of words, k): one bit a step.

    Rows are those of the words: signs, then bits of increments, each filled up to whole calls of the generator.

    Parameters
    ----------
    plan
        How trajectories are tied.
    layout
        The rows of the lane buffer.
    turns
        Which place of the slots every step takes; one after the other if not given.
    """
    draws = plan.draws
    turns = np.arange(draws.steps) if turns is None else turns
    windows = -(-turns.size // STEPS_PER_WORD)
    columns = np.zeros((windows, 4 * (layout.sign_groups + layout.bit_groups), plan.exponent), dtype=np.uint32)
    if not draws.factors:
        return columns
    first = turns * draws.slots_of_step
    rows = [(q, sign_code(plan, first, q)) for q in range(draws.signs)]
    for factor, roles in enumerate(factor_roles(layout)):
        table = plan.codes[(first + factor) % plan.slots]
        rows += [(4 * layout.sign_groups + bit, table[:, role]) for bit, role in roles]
    for row, code in rows:
        columns[:, row] = _packed(code, plan.exponent)
    return columns


def draws_of(layout: Layout, integrator: Integrator, trajectories: int, steps: int, uniform: list[bool]) -> Draws:
    """Return the random numbers of a run, of whose initial ones it is told whether they are uniform."""
    roles = factor_roles(layout)
    return Draws(
        trajectories=trajectories,
        steps=steps,
        factors=len(roles),
        dimension=max(map(len, roles), default=0),
        signs=layout.sign_count,
        signs_multiply_path=integrator.signs_multiply_path,
        numbers=len(uniform),
        normals=uniform.count(False),
    )


def factor_roles(layout: Layout) -> list[list[tuple[int, int]]]:
    """Return for every factor its bits with the vectors of the slot that they have, the sign's being vector 0.

    The octagon's sign exchanges z and −z where bit 2 holds swap ^ (diagonal & sign); see `recode_octagons`.
    """
    octagon = layout.bits_of_complex == 4
    complex_bits = ((0, 1), (1, 2), (2, 3), (3, 0)) if octagon else ((0, 0), (1, 1), (2, 2))
    kinds = [complex_bits] * (layout.complex_noises * (1 if octagon else 2))
    kinds += [((0, 0), (1, 1), (2, 2))] * layout.real_noises
    begins = np.cumsum([0, *map(len, kinds)]).tolist()
    return [[(begin + bit, role) for bit, role in kind] for begin, kind in zip(begins, kinds, strict=False)]


def sign_code(plan: Plan, first: Integers, sign: int) -> Integers:
    """Return the code vectors of a sign of every step, whose slots begin at `first`.

    Signs that stand alone have slots of their own, four in one, by its odd vectors. Those that only multiply increments
    of their step are odd vectors of a slot elsewhere, not the one that is the sign's there, nor one of another step.
    """
    draws = plan.draws
    if draws.signs_multiply_path:
        place, which = first + plan.sign_offset + sign, 1 + sign // draws.factors
    else:
        place, which = first + draws.factors + sign // 4, sign % 4
    table = plan.codes[place % plan.slots]
    return table[:, 0] ^ (which & 1) * table[:, 1] ^ (which >> 1) * table[:, 2]


def _packed(code: Integers, exponent: int) -> Columns:
    """Return bit k of one vector a step as words of 32 steps, shape (windows, exponent)."""
    windows = -(-code.size // STEPS_PER_WORD)
    filled = np.zeros(windows * STEPS_PER_WORD, dtype=np.int64)
    filled[: code.size] = code
    bits = filled.reshape(windows, STEPS_PER_WORD, 1) >> np.arange(exponent) & 1
    packed: Columns = (bits << np.arange(STEPS_PER_WORD)[:, None]).sum(axis=1).astype(np.uint32)
    return packed
