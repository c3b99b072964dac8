"""Code vectors as the kernel takes them: a bit a step, in the rows of the words."""

import numpy as np
import pytest

from sdeframe.kernels.code_columns import NONE, code_columns, factor_roles
from sdeframe.kernels.layout import Layout
from sdeframe.sampling.plan import Draws, Plan
from tests.support.tied_layouts import CASES, made


def vectors(columns, steps):
    """Return the code vectors that columns hold, shape (rows, steps)."""
    bits = columns.transpose(1, 2, 0)[..., None] >> np.arange(32, dtype=np.uint32) & np.uint32(1)
    rows, exponent, windows, _ = bits.shape
    return np.tensordot(1 << np.arange(exponent), bits.reshape(rows, exponent, 32 * windows), (0, 1))[:, :steps]


@pytest.mark.parametrize("case", CASES)
def test_columns_hold_the_vectors_of_every_step(case):
    plan, layout, twin = made(**CASES[case])
    columns = code_columns(plan, layout)
    steps, groups = plan.draws.steps, 4 * (layout.sign_groups + layout.bit_groups)
    assert columns.shape == (-(-steps // 32), groups, plan.exponent)
    assert columns.dtype == np.uint32
    found = vectors(columns, steps)
    own = np.unique(plan.codes)
    used = [*range(layout.sign_count), *range(4 * layout.sign_groups, 4 * layout.sign_groups + layout.bit_count)]
    for row in range(groups):
        assert (found[row] != 0).all() == (row in used)
        assert found[row].any() == (row in used)
    assert np.isin(found[4 * layout.sign_groups :][: layout.bit_count], own).all()
    assert (found[: layout.sign_count] & 1).all()
    # as the twin has it, at a step of the second window
    for trajectory in (0, 5, 2**plan.exponent - 1):
        for q in range(layout.sign_count):
            parity = int(found[q, 37] & trajectory).bit_count() % 2
            assert parity == twin.sign_bit(trajectory, 37, q) ^ twin.shift(trajectory, 37, q, 6)


def test_each_factor_has_an_odd_vector_for_its_sign_alone():
    for layout, expected in (
        (Layout((True,), 1, 1, False, 3, 6), [[0, 1, 2], [0, 1, 2], [0, 1, 2]]),
        (Layout((True,), 2, 1, False, 3, 4), [[1, 2, 3, 0], [1, 2, 3, 0], [0, 1, 2]]),
    ):
        roles = factor_roles(layout)
        assert [[role for _, role in factor] for factor in roles] == expected
        assert [bit for factor in roles for bit, _ in factor] == list(range(layout.bit_count))


def test_without_noise_there_are_no_columns_to_hold():
    plan = Plan(10, Draws(24 << 10, 100, 0, 0, 0, False, 2, 2))
    assert code_columns(plan, Layout((True,), 0, 0, False)).shape == (4, 0, 10)
    assert NONE.size == 0
