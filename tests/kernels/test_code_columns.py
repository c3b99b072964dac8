"""Code vectors as the kernel takes them: a bit a step, in the rows of the words."""

import numpy as np
import pytest

from sdeframe.kernels import code_columns as module
from sdeframe.kernels.code_columns import code_columns, factor_roles
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


BESIDE = {
    "octagons of one noise": {"complex_": 1, "octagon": True, "signs": True, "exponent": 10},
    **{case: CASES[case] for case in ("complex", "both, signs beside increments", "octagons", "initial numbers")},
}


def signs(case):
    """Return the code vectors of signs that multiply increments, shape (signs, steps), and those of the slots."""
    plan, layout, _ = made(**BESIDE[case])
    cycle = plan.slots // plan.draws.slots_of_step
    return vectors(code_columns(plan, layout), 40)[: layout.sign_count, :cycle], plan.codes


@pytest.mark.parametrize("case", BESIDE)
def test_no_two_signs_share_a_vector_before_codes_come_back(case):
    """Nor is one the sign of an increment."""
    found, table = signs(case)
    assert len(np.unique(found)) == found.size
    assert not np.isin(found, table[:, 0]).any()


def test_signs_of_one_octagon_a_step_are_eighty_in_forty_steps(monkeypatch):
    """Planted: with a vector that changes with step and sign, one of a step is the other one of the next."""
    assert len(np.unique(signs("octagons of one noise")[0])) == 80

    def in_turn(plan, first, sign):
        table, which = plan.codes[(first + plan.sign_offset + sign) % plan.slots], (first + sign) % 4
        return table[:, 0] ^ (which & 1) * table[:, 1] ^ (which >> 1) * table[:, 2]

    monkeypatch.setattr(module, "sign_code", in_turn)
    assert len(np.unique(signs("octagons of one noise")[0])) == 41


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
