"""How trajectories are tied: the size of replicates, their number, and what is refused with which way out."""

import re

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sampling import Balanced, Draws, Independent
from sdeframe.sampling.plan import MOST_GROUPS, Plan

PLAIN = Draws(98_304, 60, 6, 3, 6, True, 0, 0)
"""A46 for 60 steps."""


def draws(**changes):
    return attrs.evolve(PLAIN, **changes)


def capacity_needed(d):
    """Return the smallest exponent whose codes are enough, by what every step takes."""
    slots = d.factors + (0 if d.signs_multiply_path else -(-d.signs // 4))
    for degree in range(max(3, d.dimension), 14):
        beside = not d.signs_multiply_path or not d.signs or 2 ** (degree - 1) >= 7 * d.factors + d.signs
        if 2**degree >= d.steps * slots and beside:
            return degree + d.dimension + (d.normals > 0)
    return None


@given(
    steps=st.integers(1, 900), factors=st.integers(1, 9), dimension=st.sampled_from([3, 4]), signs=st.integers(0, 9),
    multiply=st.booleans(), normals=st.integers(0, 1),
)  # fmt: skip
def test_the_smallest_replicates_without_shared_codes_are_taken(steps, factors, dimension, signs, multiply, normals):
    d = Draws(24 << 18, steps, factors, dimension, signs, multiply, normals, normals)
    expected = capacity_needed(d)
    if expected is not None:
        plan = Balanced().plan(d)
        assert plan.exponent == expected
        assert plan.shared_from is None
        assert plan.fits
        assert plan.replicates == d.trajectories >> expected
        assert plan.degree == expected - dimension - normals


@given(st.integers(8, 60), st.integers(512, 300_000), st.integers(1, 3000), st.integers(1, 8))
def test_there_are_as_many_replicates_as_are_asked_for(replicates, trajectories, steps, factors):
    """Where codes must be shared for it, by no smaller replicates than are needed; and the numbers named do."""
    sampling = Balanced(replicates=replicates)
    d = draws(trajectories=trajectories, steps=steps, factors=factors, signs=0)
    try:
        plan = sampling.plan(d)
    except ValueError as error:
        named = [int(n) for n in re.search(r"such as (.*)$", str(error))[1].split(" or ")]
        assert 1 <= len(named) <= 2
        assert all(sampling.plan(attrs.evolve(d, trajectories=n)).replicates >= replicates for n in named)
        assert min(named) < trajectories < max(named) or named == [max(named)] > [trajectories]
        return
    assert plan.replicates >= replicates
    assert plan.replicates << plan.exponent == trajectories
    larger = Plan(plan.exponent + 1, d)
    assert plan.shared_from is None or larger.replicates < replicates


def test_the_nearest_right_numbers_are_named():
    told = (
        r"^trajectories=100000: must be a multiple of 4096 with sampling=Balanced\(block=4096, replicates=24\), and "
        r"32768 at least, such as 98304 or 102400$"
    )
    with pytest.raises(ValueError, match=told):
        Balanced(block=4096).plan(draws(trajectories=100_000))
    with pytest.raises(ValueError, match=r"a multiple of 4096 .* such as 98304 or 102400$"):
        Balanced().plan(draws(trajectories=100_000, steps=1000))
    with pytest.raises(ValueError, match=r"and 32768 at least, such as 32768$"):
        Balanced(block=4096).plan(draws(trajectories=4096))
    with pytest.raises(ValueError, match=r"and 1536 at least, such as 1536$"):
        Balanced().plan(draws(trajectories=1000, factors=1, signs=0))


@pytest.mark.parametrize("trajectories", [1, 7, 999, 1023, 98_303, 98_305])
def test_odd_sizes_are_refused(trajectories):
    for sampling in (Balanced(), Balanced(block=64), Balanced(replicates=8)):
        with pytest.raises(ValueError, match=f"trajectories={trajectories}: must be a multiple of "):
            sampling.plan(draws(trajectories=trajectories, factors=1, signs=0, steps=8))


def test_replicates_of_a_size_that_is_asked_for_may_be_eight():
    plan = Balanced(block=4096).plan(draws(trajectories=32_768))
    assert (plan.exponent, plan.replicates) == (12, 8)
    with pytest.raises(ValueError, match=r"must be a multiple of 4096"):
        Balanced(block=4096).plan(draws(trajectories=28_672))


@pytest.mark.parametrize("block", [0, 1, -64, 3, 4095, 100, 64.0, "64", True])
def test_a_block_that_is_no_power_of_two_is_refused(block):
    with pytest.raises(ValueError, match=re.escape(f"block={block!r} in Balanced: must be a power of 2, such as 4096")):
        Balanced(block=block)


@pytest.mark.parametrize("replicates", [7, 0, -1, 24.0, None, "24"])
def test_too_few_replicates_are_refused(replicates):
    with pytest.raises(ValueError, match=re.escape(f"replicates={replicates!r} in Balanced: must be at least 8")):
        Balanced(replicates=replicates)


@pytest.mark.parametrize(
    ("changes", "fewest", "most"),
    [
        ({"factors": 1, "signs": 0}, 64, 2**16),
        ({"factors": 1, "signs": 1}, 128, 2**16),
        ({"factors": 1, "signs": 0, "dimension": 4}, 256, 2**17),
        ({}, 2**10, 2**16),
        ({"factors": 0, "dimension": 0, "signs": 0, "numbers": 2, "normals": 1}, 2**4, 2**20),
        ({"factors": 1, "signs": 0, "numbers": 1, "normals": 1}, 128, 2**17),
        ({"factors": 1, "signs": 0, "numbers": 1}, 64, 2**16),
    ],
)
def test_a_block_that_there_are_no_codes_for_is_refused_with_the_range(changes, fewest, most):
    d = draws(trajectories=2**24, **changes)
    told = f"with this run it can be {fewest} to {most}"
    for block in (fewest // 2, 2 * most):
        if block > 1:
            with pytest.raises(ValueError, match=f"^block={block} in Balanced: {told}$"):
                Balanced(block=block).plan(d)
    for block in (fewest, most):
        assert Balanced(block=block).plan(d).exponent == block.bit_length() - 1


def test_a_run_in_which_nothing_is_random_is_refused():
    with pytest.raises(ValueError, match=r"^sampling=Balanced\(\): nothing is random in this run: leave it out$"):
        Balanced().plan(draws(factors=0, signs=0, dimension=0))


@pytest.mark.parametrize("sampling", [Balanced(), Balanced(block=1024)])
def test_a_step_that_needs_more_codes_than_there_are_is_refused(sampling):
    d = draws(factors=9000, signs=3)
    told = "sampling=Balanced(): there are no codes for 9000 increments and 3 signs a step: leave it out"
    with pytest.raises(ValueError, match=re.escape(told)):
        sampling.plan(d)


def test_more_initial_numbers_than_the_sequence_has_are_refused():
    alone = {"factors": 0, "signs": 0, "dimension": 0}
    assert Balanced().plan(draws(numbers=21_201, **alone)).exponent == 12
    told = "sampling=Balanced(): ties 21201 initial random numbers at most, this run has 21202: leave it out"
    with pytest.raises(ValueError, match=re.escape(told)):
        Balanced().plan(draws(numbers=21_202, **alone))


def test_signs_stay_away_from_the_slots_of_their_step_and_of_the_next():
    """In the coarse run a sign stands beside the increments of two steps."""
    for normals, exponent in ((0, 10), (0, 11), (1, 11), (1, 12)):
        plan = Plan(exponent, draws(steps=700, numbers=normals, normals=normals))
        assert plan.fits
        for step in range(700):
            first = step * 6
            beside = {(first + k) % plan.slots for k in range(12)}
            assert not beside & {(first + plan.sign_offset + q) % plan.slots for q in range(6)}
    assert not Plan(9, draws()).fits
    assert Plan(9, draws(signs_multiply_path=False)).fits


def test_codes_of_a_run_with_normal_numbers_leave_bit_1_out():
    plain, mirrored = Plan(9, draws(factors=1, signs=0)), Plan(10, draws(factors=1, signs=0, numbers=2, normals=1))
    assert not (mirrored.codes & 2).any()
    assert np.array_equal(mirrored.codes & 1 | mirrored.codes >> 2 << 1, plain.codes)
    uniform = Plan(9, draws(factors=1, signs=0, numbers=2))
    assert np.array_equal(uniform.codes, plain.codes)


def test_when_codes_are_shared():
    assert Plan(10, draws(steps=21)).shared_from is None
    assert Plan(10, draws(steps=22)).shared_from == 21  # 128 slots are 21 steps of six and two increments more
    assert Plan(9, draws(steps=64, factors=1)).shared_from is None
    assert Plan(9, draws(steps=65, factors=1)).shared_from == 64
    assert Plan(6, draws(steps=0)).shared_from is None
    free = {"signs_multiply_path": False, "factors": 1, "signs": 1}
    assert Plan(9, draws(steps=33, **free)).shared_from == 32  # a sign that stands alone takes a slot


def test_signs_that_stand_alone_share_a_slot_by_four():
    counts = [draws(factors=3, signs=n, signs_multiply_path=False).slots_of_step for n in (0, 1, 4, 5, 8, 9)]
    assert counts == [3, 4, 4, 5, 5, 6]
    assert draws(factors=3, signs=9).slots_of_step == 3


@pytest.mark.parametrize(
    ("replicates", "groups"), [(8, 8), (4096, 4096), (4097, 2049), (8192, 4096), (8193, 2049), (10**6, 3907)]
)
def test_no_more_than_4096_groups_are_kept(replicates, groups):
    plan = Plan(6, draws(trajectories=64 * replicates, factors=1))
    assert plan.replicates == replicates
    assert -(-plan.draws.trajectories // 2**plan.kept_level) == groups <= MOST_GROUPS


def test_the_start_alone_takes_the_largest_replicates_that_leave_enough():
    alone = {"factors": 0, "dimension": 0, "signs": 0, "numbers": 2, "normals": 1}
    assert Balanced().plan(draws(trajectories=24 * 2**10, **alone)).exponent == 10
    assert Balanced().plan(draws(trajectories=32 * 2**10, **alone)).exponent == 10
    assert Balanced().plan(draws(trajectories=48 * 2**10, **alone)).exponent == 11
    assert Balanced().plan(draws(trajectories=2**29, **alone)).exponent == 20
    plan = Balanced().plan(draws(trajectories=2**10, **alone))
    assert (plan.exponent, plan.replicates, plan.shared_from) == (5, 32, None)


def test_advice_where_codes_serve_more_than_two_increments():
    few = draws(trajectories=24 * 1024, signs=0)
    assert Balanced().advice(Balanced().plan(attrs.evolve(few, steps=42))) == ""  # 252 increments of 128 codes
    advice = Balanced().advice(Balanced().plan(attrs.evolve(few, steps=43)))
    assert advice == (
        "take trajectories=98304 at least, or 32768 and Balanced(4096), or Balanced(block=1024) where damping forgets"
    )
    for n, sampling in ((98_304, Balanced()), (32_768, Balanced(4096))):
        assert sampling.plan(attrs.evolve(few, steps=43, trajectories=n)).shared_from is None
    assert Balanced(block=1024).advice(Balanced(block=1024).plan(attrs.evolve(few, steps=43))) == ""
    long = attrs.evolve(few, steps=10**5)  # too long for the largest replicates that there are
    assert Balanced().advice(Balanced().plan(long)) == (
        "take larger steps, a shorter run, or Balanced(block=1024) where damping forgets"
    )


def test_independent_trajectories_have_no_plan():
    assert Independent().plan(PLAIN) is None
    assert Independent() == Independent()
    assert repr(Balanced()) == "Balanced(block=None, replicates=24)"
