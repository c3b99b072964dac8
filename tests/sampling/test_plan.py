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
    multiply=st.booleans(),
)  # fmt: skip
def test_the_smallest_replicates_without_shared_codes_are_taken(steps, factors, dimension, signs, multiply):
    d = Draws(24 << 18, steps, factors, dimension, signs, multiply, 0, 0)
    expected = capacity_needed(d)
    if expected is not None:
        plan = Balanced().plan(d)
        assert plan.exponent == expected
        assert plan.shared_from is None
        assert plan.fits
        assert plan.replicates == d.trajectories >> expected
        assert plan.degree == expected - dimension


@pytest.mark.parametrize("normals", [0, 1])
@pytest.mark.parametrize(("exponent", "taken"), [(11, 11), (12, 12), (16, 16), (20, 16)])
def test_random_initial_numbers_take_the_largest_replicates_that_leave_enough(normals, exponent, taken):
    """Though steps need 2^12 alone; there are codes for 2^16, and one more where a bit is a mirror."""
    d = draws(trajectories=24 << exponent, numbers=2, normals=normals)
    plan = Balanced().plan(d)
    assert plan.exponent == taken + (normals if exponent > 16 else 0)
    assert capacity_needed(d) == 12 + normals
    assert (plan.shared_from is None) == (plan.exponent >= 12 + normals)
    assert Balanced(replicates=8).plan(attrs.evolve(d, trajectories=8 << exponent)).exponent == plan.exponent
    assert Balanced(block=2048).plan(d).exponent == 11


@given(st.integers(8, 60), st.integers(512, 300_000), st.integers(1, 3000), st.integers(1, 8))
def test_there_are_as_many_replicates_as_are_asked_for(replicates, trajectories, steps, factors):
    """Where codes must be shared for it, by no smaller replicates than are needed; and the numbers named do."""
    sampling = Balanced(replicates=replicates)
    d = draws(trajectories=trajectories, steps=steps, factors=factors, signs=0)
    try:
        plan = sampling.plan(d)
    except ValueError as error:
        told = re.search(r"such as ([^;]*)(?:; or take Balanced\(block=(\d+)\))?$", str(error))
        named = [int(n) for n in told[1].split(" or ")]
        if told[2]:
            assert 8 <= Balanced(block=int(told[2])).plan(d).replicates < replicates
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


@pytest.mark.parametrize("trajectories", [512, 1024, 1472])
def test_a_block_is_named_where_it_leaves_eight_replicates(trajectories):
    d = draws(trajectories=trajectories, factors=1, signs=0)
    told = (
        "a multiple of 64 with sampling=Balanced(block=None, replicates=24), and 1536 at least, such as 1536; or take "
    )
    with pytest.raises(ValueError, match=re.escape(f"{told}Balanced(block=64)") + "$"):
        Balanced().plan(d)
    assert Balanced(block=64).plan(d).replicates == trajectories // 64
    for n, sampling in ((448, Balanced()), (trajectories + 1, Balanced()), (448, Balanced(block=64))):
        with pytest.raises(ValueError, match=r"such as [0-9or ]*$"):
            sampling.plan(attrs.evolve(d, trajectories=n))


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


@pytest.mark.parametrize("replicates", [7, 0, -1, 24.0, None, "24", True])
def test_too_few_replicates_are_refused(replicates):
    told = (
        f"replicates={replicates!r} in Balanced: must be an integer, 8 at least, as errors are told by how they differ"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        Balanced(replicates=replicates)


@pytest.mark.parametrize("kind", [np.int64, np.uint16, np.int32])
def test_integers_of_numpy_are_those_of_python(kind):
    """So that a description, and thus the key of a run, is the same."""
    found = Balanced(block=kind(4096), replicates=kind(30))
    assert repr(found) == "Balanced(block=4096, replicates=30)"
    assert found == Balanced(4096, 30)
    assert (type(found.block), type(found.replicates)) == (int, int)


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
    ("replicates", "groups"), [(8, 8), (512, 512), (513, 257), (1024, 512), (1025, 257), (10**6, 489)]
)
def test_no_more_than_512_groups_are_kept(replicates, groups):
    plan = Plan(6, draws(trajectories=64 * replicates, factors=1))
    assert plan.replicates == replicates
    assert -(-plan.draws.trajectories // 2**plan.kept_level) == groups <= MOST_GROUPS == 512


def test_the_start_alone_takes_the_largest_replicates_that_leave_enough():
    alone = {"factors": 0, "dimension": 0, "signs": 0, "numbers": 2, "normals": 1}
    assert Balanced().plan(draws(trajectories=24 * 2**10, **alone)).exponent == 10
    assert Balanced().plan(draws(trajectories=32 * 2**10, **alone)).exponent == 10
    assert Balanced().plan(draws(trajectories=48 * 2**10, **alone)).exponent == 11
    assert Balanced().plan(draws(trajectories=2**29, **alone)).exponent == 20
    plan = Balanced().plan(draws(trajectories=2**10, **alone))
    assert (plan.exponent, plan.replicates, plan.shared_from) == (5, 32, None)


@pytest.mark.parametrize("numbers", [0, 2])
def test_advice_where_codes_are_shared(numbers):
    """The fewest trajectories that are enough, with random initial numbers too."""
    few = draws(trajectories=24 * 1024, signs=0, numbers=numbers)
    assert Balanced().advice(Balanced().plan(attrs.evolve(few, steps=21))) == ""  # 126 increments, 128 codes
    for steps, size in ((22, 2048), (43, 4096)):
        run = attrs.evolve(few, steps=steps)
        assert Balanced().advice(Balanced().plan(run)) == (
            f"take trajectories={24 * size} at least, or {8 * size} and Balanced({size}), or say Balanced(block=1024) "
            f"where this is known"
        )
        for n, sampling in ((24 * size, Balanced()), (8 * size, Balanced(size))):
            assert sampling.plan(attrs.evolve(run, trajectories=n)).shared_from is None
        assert Balanced().plan(attrs.evolve(run, trajectories=12 * size)).shared_from is not None
        assert Balanced(block=1024).advice(Balanced(block=1024).plan(run)) == ""
    long = attrs.evolve(few, steps=10**5)  # too long for the largest replicates that there are
    assert Balanced().advice(Balanced().plan(long)) == (
        "take larger steps, a shorter run, or say Balanced(block=1024) where this is known"
    )


def test_independent_trajectories_have_no_plan():
    assert Independent().plan(PLAIN) is None
    assert Independent() == Independent()
    assert repr(Balanced()) == "Balanced(block=None, replicates=24)"
