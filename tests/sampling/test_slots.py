"""Slots: disjoint odd vectors, all of which are used."""

import numpy as np
import pytest

from sdeframe.sampling.slots import codes
from tests.support import tied_bits

SHAPES = [(degree, 3) for degree in range(3, 11)] + [(degree, 4) for degree in range(4, 10)]
"""Replicates of 2^6 to 2^13 trajectories."""


def span(vectors):
    """Return the sums of all subsets of some vectors, along the last axis, that of none first."""
    found = np.zeros((len(vectors), 1), dtype=np.int64)
    for k in range(vectors.shape[1]):
        found = np.concatenate([found, found ^ vectors[:, [k]]], axis=1)
    return found


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
    """Each of them once, in the order of another test."""
    own = [tied_bits.vectors(slot, degree, dimension) for slot in range(2**degree)]
    assert sorted(map(tuple, codes(degree, dimension).tolist())) == sorted(own)


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
