"""The order of slots: all of them once, the same everywhere, and neighbours are linearly independent."""

import itertools
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.compiled.random_numbers import key
from sdeframe.sampling import slots
from sdeframe.sampling.order import TRIES, independent_order
from sdeframe.sampling.slots import codes
from tests.support import tied_bits

SHAPES = [(degree, 3) for degree in range(3, 13)] + [(degree, 4) for degree in range(4, 12)]
FIRST = {6: [24, 61, 36, 52, 40, 26, 50, 18, 11, 38, 23, 46], 10: [96, 211, 283, 695, 114, 24, 787, 756]}
"""The slots, in the order of the field, that stand first where they have three vectors, by degree."""


def rank(vectors):
    """Return the rank of vectors over GF(2), by elimination of one bit after the other."""
    left, found = [v for v in vectors if v], 0
    while left:
        pivot, found = left.pop(), found + 1
        lowest = pivot & -pivot
        left = [v for v in (v ^ pivot if v & lowest else v for v in left) if v]
    return found


def dependent(table, neighbours):
    """Return at how many places neighbouring slots are not linearly independent."""
    rows = table.tolist()
    runs = ([v for row in rows[k : k + neighbours] for v in row] for k in range(len(rows) - neighbours + 1))
    return sum(rank(run) < len(run) for run in runs)


def natural(monkeypatch, degree, dimension):
    """Return the slots in the order of the field."""
    monkeypatch.setattr(slots, "independent_order", lambda sets, neighbours: list(range(len(sets))))
    return codes.__wrapped__(degree, dimension)


@pytest.mark.parametrize(("degree", "dimension"), SHAPES)
def test_as_many_neighbours_as_fit_are_independent_but_at_few_places(degree, dimension):
    """Measured at most 4, where few slots are left to choose from."""
    table = codes(degree, dimension)
    assert dependent(table, (degree + dimension) // dimension) <= 4
    assert dependent(table, 2) == 0


@pytest.mark.parametrize(("degree", "dimension"), [(7, 3), (9, 3), (10, 3), (8, 4), (10, 4)])
def test_in_the_order_of_the_field_or_in_any_they_are_not(monkeypatch, degree, dimension):
    """Planted: nowhere but beside y = 0 in the former, at a fifth of all places or more at random."""
    neighbours, right = (degree + dimension) // dimension, codes(degree, dimension)
    assert dependent(np.random.default_rng(1).permutation(right), neighbours) > 2**degree / 10
    assert dependent(natural(monkeypatch, degree, dimension), neighbours) > 2**degree - 8


@pytest.mark.parametrize(("degree", "dimension"), [(6, 3), (9, 3), (8, 4)])
def test_it_is_that_of_the_rule(monkeypatch, degree, dimension):
    """Of the slots that are left, in pseudo-random order, the first of forty that is independent of the last ones."""
    table, neighbours = natural(monkeypatch, degree, dimension).tolist(), (degree + dimension) // dimension
    assert literal(table, neighbours) == independent_order(table, neighbours)
    assert codes(degree, dimension).tolist() == [table[k] for k in literal(table, neighbours)]


def literal(sets, neighbours):
    left, found = sorted(range(len(sets)), key=key), []
    while left:
        before = [v for k in found[::-1][: neighbours - 1] for v in sets[k]]
        fits = [k for k in left[:TRIES] if rank(before + sets[k]) == rank(before) + len(sets[k])]
        found.append((fits or left)[0])
        left.remove(found[-1])
    return found


def test_bits_of_runs_depend_on_it():
    """They are written down, as a change would need another name of the layout."""
    for degree, first in FIRST.items():
        assert tied_bits.places(degree, 3)[: len(first)] == first
    assert zlib.crc32(np.array(tied_bits.places(9, 3), dtype="<u2").tobytes()) == 3922356139  # the last ones too


@given(st.lists(st.lists(st.integers(0, 63), min_size=2, max_size=2), max_size=30), st.integers(1, 4))
def test_every_set_stands_in_it_once(sets, neighbours):
    found = independent_order(sets, neighbours)
    assert sorted(found) == list(range(len(sets)))
    assert independent_order(sets, neighbours) == found


def test_where_none_fits_the_first_one_is_taken():
    plain = independent_order([[1]] * 50, 1)
    assert plain != sorted(plain)
    assert independent_order([[1]] * 50, 2) == plain
    two = independent_order([[1]] * 20 + [[2]] * 20, 2)
    kinds = [k < 20 for k in two]
    assert all(a != b for a, b in itertools.pairwise(kinds))
