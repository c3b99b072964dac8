"""Slots: disjoint odd vectors, all of which are used, and vectors of initial numbers beside them."""

import numpy as np
import pytest

from sdeframe.sampling.slots import codes, number_codes, odd_vectors, slots_of, span
from tests.support import tied_bits

SHAPES = [(degree, 3) for degree in range(3, 11)] + [(degree, 4) for degree in range(4, 10)]
"""Replicates of 2^6 to 2^13 trajectories."""


def planes(table):
    """Return the odd vectors of slots, shape (slots, 2^(dimension − 1)), and the sums of the even ones but 0."""
    even = span(table[:, 1:])
    return table[:, :1] ^ even, even[:, 1:]


def faults(table, exponent):
    """Return what keeps slots from cancelling everything up to third order."""
    odd, even = planes(table)
    found = []
    if len(np.unique(odd)) < odd.size:
        found.append("two odd functions of increments share a character")
    if len(np.unique(odd)) < 2 ** (exponent - 1):
        found.append("odd characters are left over")
    if not (odd & 1).all():
        found.append("an odd function has the same sign for i and i ^ 1")
    if (even & 1).any():
        found.append("a modulus is not that of i ^ 1")
    if not even.all():
        found.append("the bits of a modulus depend on each other")
    if len(np.unique(even)) < even.size:
        found.append("two moduli share a character")
    return found


@pytest.mark.parametrize(("degree", "dimension"), SHAPES)
def test_slots_are_disjoint_and_use_every_odd_vector(degree, dimension):
    assert faults(codes(degree, dimension), degree + dimension) == []


@pytest.mark.parametrize(("degree", "dimension"), SHAPES)
def test_slots_are_those_of_the_field(degree, dimension):
    table = codes(degree, dimension)
    chosen = {0, 1, 2, 3, 2**degree // 3, 2**degree - 2, 2**degree - 1}
    for slot in chosen:
        assert tuple(table[slot].tolist()) == tied_bits.vectors(slot, degree, dimension)


def test_slots_of_four_bits_need_a_field_of_degree_four():
    assert faults(codes(3, 4), 7) != []


def changed(table, what):
    table = table.copy()
    if what == "collision":
        table[5] = table[9]
    elif what == "same odd vector":
        table[5, 0] = table[9, 0] ^ table[9, 2]
    elif what == "sign without coordinate 0":
        table[5, 0] ^= 1
    elif what == "modulus with coordinate 0":
        table[5, 1] ^= 1
    elif what == "moduli shared":
        table[:, 1:] = table[3, 1:]
    elif what == "modulus of one bit":
        table[5, 2] = table[5, 1]
    return table


PLANTED = {
    "collision": {"two odd functions", "odd characters are", "two moduli"},
    "same odd vector": {"two odd functions", "odd characters are"},
    "sign without coordinate 0": {"an odd function"},
    "modulus with coordinate 0": {"a modulus is not"},
    "moduli shared": {"two moduli"},
    "modulus of one bit": {"the bits of a modulus", "two odd functions"},
}


@pytest.mark.parametrize("what", PLANTED)
def test_planted_faults_are_caught(what):
    found = faults(changed(codes(5, 3), what), 8)
    assert all(any(fault.startswith(start) for fault in found) for start in PLANTED[what])


@pytest.mark.parametrize(("degree", "dimension"), [(3, 3), (6, 3), (4, 4), (6, 4)])
def test_every_odd_vector_finds_its_slot(degree, dimension):
    odd, _ = planes(codes(degree, dimension))
    expected = np.broadcast_to(np.arange(len(odd))[:, None], odd.shape)
    assert np.array_equal(slots_of(odd, degree, dimension), expected)


@pytest.mark.parametrize(("degree", "dimension", "numbers"), [(5, 3, 1), (6, 3, 2), (7, 3, 4), (6, 4, 2), (10, 3, 20)])
def test_initial_numbers_have_odd_vectors_of_their_own(degree, dimension, numbers):
    found = number_codes(degree, dimension, numbers)
    assert found.shape == (numbers, 6)
    for code in found.tolist():
        assert len(set(tied_bits.sums(code[1:]))) == 32  # 5 bits of the modulus, independent of each other
        assert code[0] & 1
        assert not any(c & 1 for c in code[1:])
    odd = odd_vectors(found)
    assert sorted(odd[0].tolist()) == sorted(tied_bits.odd(found[0].tolist()))
    assert len(np.unique(odd)) == odd.size == 32 * numbers


def test_initial_numbers_for_which_there_is_no_room_are_refused():
    with pytest.raises(ValueError, match="no slots are left for initial random numbers"):
        number_codes(4, 3, 3)


def test_the_sums_of_no_vectors_are_zero():
    assert span(np.zeros((3, 0), dtype=np.int64)).tolist() == [[0], [0], [0]]
