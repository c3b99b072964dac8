"""Bits of tied trajectories: those of their rule, for neighbours and for any others."""

import numpy as np
import pytest

from sdeframe.compiled.random_numbers import BALANCED, key
from sdeframe.compiled.tied_words import fill_tied_words
from sdeframe.kernels.code_columns import code_columns
from tests.support.tied_layouts import CASES, SEED, expected_bit, made


def filled(plan, layout, ids, window, octagons=None):
    """Return the words of some trajectories, shape (rows, trajectories)."""
    rows = 4 * (layout.sign_groups + layout.bit_groups)
    words = np.zeros((len(ids), rows * ids.shape[1]), dtype=np.uint64)
    if octagons is None:
        octagons = layout.complex_noises if layout.bits_of_complex == 4 else 0
    columns = code_columns(plan, layout)
    fill_tied_words()(words, ids, window, layout.sign_groups, layout.bit_groups, octagons, columns, *key(SEED))
    return np.moveaxis(words.reshape(len(ids), rows, -1), 1, 0).reshape(rows, -1)


def neighbours(first, count, lanes):
    return np.arange(first, first + count, dtype=np.uint64).reshape(-1, lanes)


def spaced(first, apart, lanes):
    return np.arange(first, first + apart * lanes, apart, dtype=np.uint64)[None]


@pytest.mark.parametrize("case", CASES)
def test_bits_are_those_of_their_rule(case):
    plan, layout, twin = made(**CASES[case])
    steps, random = plan.draws.steps, np.random.default_rng(3)
    ids = random.integers(0, plan.draws.trajectories, (1, 5)).astype(np.uint64)
    for window in range(-(-steps // 32)):
        words = filled(plan, layout, ids, window)
        for step in {32 * window, 32 * window + 5, min(32 * window + 31, steps - 1)}:
            for row, lane in np.ndindex(words.shape):
                wanted = expected_bit(twin, layout, int(ids[0, lane]), step, row)
                if wanted is not None:
                    assert words[row, lane] >> np.uint64(step % 32) & np.uint64(1) == wanted, (step, row, lane)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lanes", [1, 2, 16, 64, 256, 512])
def test_neighbours_have_the_bits_of_trajectories_one_by_one(case, lanes):
    """Those of a buffer are doubled; 512 are two replicates of most cases, which are filled one by one."""
    plan, layout, _ = made(**CASES[case])
    ids = neighbours(1024, 1024, lanes)
    order = np.random.default_rng(lanes).permutation(1024)
    shuffled = ids.ravel()[order].reshape(-1, 1)
    for window in (0, 1):
        assert np.array_equal(filled(plan, layout, ids, window)[:, order], filled(plan, layout, shuffled, window))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("apart", [2, 8])
def test_spaced_ones_likewise(case, apart):
    """Buffers whose lanes are 8 apart are what is folded; see `sdeframe.sums.fold`."""
    plan, layout, _ = made(**CASES[case])
    ids = np.arange(1024, 2048, dtype=np.uint64).reshape(-1, 16, apart).swapaxes(1, 2).reshape(-1, 16)
    single = filled(plan, layout, ids.reshape(-1, 1), 1)
    assert np.array_equal(filled(plan, layout, ids, 1), single)


@pytest.mark.parametrize("ids", [
    neighbours(1, 16, 16), neighbours(24, 16, 16), neighbours(240, 48, 48), neighbours(250, 12, 12),
    np.resize(neighbours(1280, 7, 7), (1, 16)), np.arange(31, 15, -1, dtype=np.uint64)[None],
    np.where(np.arange(16) == 9, 77, np.arange(16)).astype(np.uint64)[None],
    np.stack([np.arange(16), np.arange(3, 19)]).astype(np.uint64),
    spaced(3, 4, 16), spaced(5, 8, 16), spaced(64, 3, 16), spaced(0, 16, 32), np.array([[7, 7]], dtype=np.uint64),
], ids=str)  # fmt: skip
def test_any_others_too(ids):
    """From no multiple of their number on, across replicates, filled up, backwards, one exchanged, two groups."""
    plan, layout, _ = made(**CASES["both, signs beside increments"] | {"exponent": 8})
    together = filled(plan, layout, ids, 1)
    for lane, trajectory in enumerate(ids.ravel()):
        assert np.array_equal(together[:, [lane]], filled(plan, layout, np.array([[trajectory]]), 1))


def test_far_trajectories_have_replicates_beyond_32_bits():
    plan, layout, twin = made(real=1, exponent=6)
    for trajectory in (2**38 + 5, 2**50 + 2**38 + 7):
        words = filled(plan, layout, np.array([[trajectory]], dtype=np.uint64), 0)
        for row in range(3):
            assert words[row, 0] >> np.uint64(9) & np.uint64(1) == expected_bit(twin, layout, trajectory, 9, row)


def test_codes_change_no_bit_of_the_rows_that_nobody_reads():
    """They are filled up to whole calls of the generator; a row too many would be read by the next window."""
    plan, layout, _ = made(real=1)
    words = filled(plan, layout, neighbours(256, 4, 4), 0)
    assert words.shape == (4, 4)
    assert (words[3] == words[3, 0]).all()  # the replicate's shift alone
    assert words.max() < 2**32


def test_the_recoding_exchanges_no_more_than_it_must():
    """It is a bijection of the four bits, thus changes no law, and makes a change of bit 3 alone one of z to −z."""
    plan, layout, _ = made(complex_=2, octagon=True)
    ids = neighbours(0, 256, 256)
    plain, coded = (filled(plan, layout, ids, 0, octagons)[: layout.bit_count] for octagons in (0, 2))
    still, diagonal, swap, sign = plain.reshape(2, 4, -1).swapaxes(0, 1)
    assert np.array_equal(coded.reshape(2, 4, -1).swapaxes(0, 1), [still, diagonal, swap ^ diagonal & sign, sign])
    pairs = coded.reshape(2, 4, -1, 2)
    change = pairs[..., 0] ^ pairs[..., 1]
    assert not change[:, :2].any()
    assert np.array_equal(change[:, 2], pairs[:, 1, :, 0])  # a diagonal's other part changes its sign as well
    assert (change[:, 3] == 2**32 - 1).all()


WORDS = ["57cfbcfa", "64406bfe", "024b58a7", "66bc5173", "08499053", "8a26d3ee", "a2d59036", "24f1ff7d"]


def test_the_layout_has_not_changed_without_its_version():
    assert BALANCED == "sdeframe-philox4x32-10/1+balanced/1"
    plan, layout, _ = made(**CASES["initial numbers"])
    words = filled(plan, layout, np.array([[4 * 2**plan.exponent + 77]], dtype=np.uint64), 1)
    assert [f"{word:08x}" for word in words[:8, 0].tolist()] == WORDS
