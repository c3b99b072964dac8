"""Addressed random numbers: published answers, a literal twin, any lanes, and which seeds are taken."""

import itertools
import math
import re

import mpmath
import numpy as np
import pytest

from sdeframe.compiled import random_numbers as rn
from tests.support.philox_twin import twin_philox, twin_words
from tests.support.random_streams import (
    SIGMA,
    add,
    box_muller,
    fill,
    ids,
    normals,
    philox,
    signs,
    uniforms,
)


def twin_normals(x: int, y: int) -> tuple[mpmath.mpf, mpmath.mpf]:
    """Return the normals of two 64-bit words to 50 digits (u rounded to a double as the layout says of x | 1)."""
    with mpmath.workdps(50):
        r = mpmath.sqrt(-2 * mpmath.log(mpmath.mpf(float(x | 1)) / 2**64))
        angle = mpmath.pi / 2 * (mpmath.mpf(y % 2**52) / 2**52 - mpmath.mpf(1) / 2)
        g0, g1 = r * mpmath.cos(angle), r * mpmath.sin(angle)
        if y >> 62 & 1:
            g0, g1 = g1, g0
        return (-g0, -g1) if y >> 63 else (g0, g1)


KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


@pytest.mark.parametrize(("inputs", "outputs"), KNOWN_ANSWERS)
def test_philox_gives_the_answers_published_with_random123(inputs: str, outputs: str) -> None:
    counter_and_key = [int(word, 16) for word in inputs.split()]
    expected = [int(word, 16) for word in outputs.split()]
    assert list(philox(*map(np.uint64, counter_and_key))) == expected
    assert twin_philox(counter_and_key[:4], counter_and_key[4:]) == expected


ADDRESSES = [
    (0, 0, 0, rn.PATH, 0, 0),
    (2**32 + 5, 7, 3, rn.JUMP, 2, 11),
    (2**64 - 1, 2**32 - 1, 2**16 - 1, 255, 255, 2**63 - 1),
    (12345678901234567890, 4000000000, 40000, rn.BRIDGE, 9, 123456789),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_gives_the_numbers_of_the_public_layout(address: tuple[int, ...]) -> None:
    trajectory, *place, seed = address
    w0, w1, w2, w3 = twin_words(*address)
    x, y = w0 * 2**32 + w1, w2 * 2**32 + w3
    lane = np.array([trajectory], np.uint64)
    assert uniforms(lane, *place, *rn.key(seed)).tolist() == [[(x >> 11) / 2**53, (y >> 11) / 2**53]]
    expected = [float(g) for g in twin_normals(x, y)]
    np.testing.assert_allclose(normals(lane, *place, seed)[:, 0], expected, rtol=1e-15)


KEYS = [[0x7B1DCDAF, 0xE220A839], [0x89025CC1, 0x910A2DEC]]  # the first SplitMix64 outputs of seeds 0 and 1
NORMALS = ["0x1.391c2a16f8d10p+0", "-0x1.b8ba944a6d3d2p+0", "-0x1.b559f153214c2p+0", "-0x1.66d33c28a8a60p-7"]
SIGNS = [[-1, 1, -1, -1], [1, -1, -1, -1], [-1, -1, -1, 1], [-1, 1, 1, -1], [1, -1, -1, -1]]


def test_the_layout_has_not_changed_without_its_version() -> None:
    assert rn.LAYOUT == "sdeframe-philox4x32-10/1"
    assert (
        rn.PATH,
        rn.SIGN,
        rn.INITIAL,
        rn.JUMP,
        rn.BRIDGE,
        rn.BITS,
    ) == (0, 1, 2, 3, 4, 5)
    assert [[int(k) for k in rn.key(seed)] for seed in (0, 1)] == KEYS
    assert [float(g).hex() for g in normals(ids(2), step=3, channel=1).ravel()] == NORMALS
    assert signs(ids(4), step=37, count=5).astype(int).tolist() == SIGNS


def test_normals_are_right_to_four_ulp_and_mostly_to_one() -> None:
    generator = np.random.default_rng(1)
    x, y = generator.integers(0, 2**64, size=(2, 4000), dtype=np.uint64)
    x[:200] >>= np.arange(200, dtype=np.uint64) % 64  # the far tail
    x[200:400] = ~(x[200:400] >> np.arange(200, dtype=np.uint64) % 64)  # u next to 1
    y[400:500] = y[400:500] & ~np.uint64(2**52 - 1) | np.uint64(2**51) + ids(100)  # the axes
    errors = []
    for g, x_i, y_i in zip(box_muller(x, y), x.tolist(), y.tolist(), strict=True):
        for value, exact in zip(g.tolist(), twin_normals(x_i, y_i), strict=True):
            ulp = math.ulp(float(exact)) if exact else math.ulp(0.0)
            errors.append(float((mpmath.mpf(value) - exact) / ulp))
    assert np.max(np.abs(errors)) <= 4.0
    assert np.sqrt(np.mean(np.square(errors))) <= 0.75


def test_the_tails_reach_beyond_nine_sigma_and_stay_finite() -> None:
    words = np.array([0, 2**64 - 1], np.uint64)
    g = box_muller(words, np.full(2, 2**51, np.uint64))
    assert g[0, 0] == pytest.approx(math.sqrt(128 * math.log(2)), rel=1e-15)
    assert g[1, 0] == 0.0


def test_keys_of_neighbouring_seeds_share_nothing() -> None:
    """Bits that differ between the keys of s and s + 1: binomial(64, 1/2), mean over 10,000 seeds within SIGMA."""
    keys = [int(k0) | int(k1) << 32 for k0, k1 in map(rn.key, range(10_001))]
    flips = [(a ^ b).bit_count() for a, b in itertools.pairwise(keys)]
    assert len(set(keys)) == len(keys)
    assert abs(np.mean(flips) - 32) < SIGMA * 4 / math.sqrt(len(flips))
    assert min(flips) > 6  # false alarm 5e-8 for 10,000 draws


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "one", None])
def test_a_seed_out_of_range_is_refused(seed: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"seed {seed!r} is not allowed: give an integer from 0 to")):
        rn.key(seed)


# Signs.


@pytest.mark.parametrize("step", [0, 31, 32, 1000, 2**32 - 1])
def test_signs_follow_the_public_layout(step: int) -> None:
    found = signs(ids(3, first=2**33), step, count=11, seed=4)
    for j in range(11):
        for lane in range(3):
            word = twin_words(2**33 + lane, step // 32, j // 4, rn.SIGN, 0, 4)[j % 4]
            assert found[j, lane] == 1 - 2 * (word >> step % 32 & 1)


@pytest.mark.long
def test_signs_are_balanced_and_independent_of_each_other_and_of_the_path() -> None:
    """All pairs among 8 signs at 3 steps and 8 path normals, at the same step and at that of the window's number."""
    lanes = ids(2**20)
    path = [normals(lanes, step=step, channel=channel) for step in (1, 40) for channel in (0, 1)]
    rows = np.concatenate([*(signs(lanes, step, count=8) for step in (40, 63, 72)), *path])
    covariance = rows @ rows.T / lanes.size
    assert np.all(np.abs(rows[:24].mean(axis=1)) < SIGMA / math.sqrt(lanes.size))
    assert np.all(np.abs(covariance - np.diag(np.diag(covariance))) < SIGMA / math.sqrt(lanes.size))
    assert set(np.unique(rows[:24])) == {-1.0, 1.0}


# The lane loops.


@pytest.mark.parametrize("lanes", [1, 2, 7, 8, 33, 256])
@pytest.mark.parametrize("base", [0, 5])
def test_lanes_and_offset_change_no_bit(lanes: int, base: int) -> None:
    trajectories = np.random.default_rng(3).permutation(ids(300))
    whole, scale = normals(trajectories, step=5, channel=2), 0.3
    for start in range(0, 300, lanes):
        part = trajectories[start : start + lanes]
        z = np.full(base + 2 * part.size + 1, 7.0)
        fill(z, base, part, 5, 2, rn.PATH, 0, *rn.key(1), scale)
        assert np.array_equal(z[base:-1], (scale * whole[:, start : start + part.size]).ravel())
        assert np.all(z[:base] == 7.0)
        assert z[-1] == 7.0


def test_a_coarse_increment_is_the_ordered_sum_of_the_fine_ones() -> None:
    trajectories, scale = ids(100), 0.1
    place = (1, rn.PATH, 0, *rn.key(1), scale)
    z = np.empty(203)
    fill(z, 2, trajectories, 12, *place)
    for step in (13, 14):
        add(z, 2, trajectories, step, *place)
    fine = [scale * normals(trajectories, step=step, channel=1).ravel() for step in (12, 13, 14)]
    assert np.array_equal(z[2:202], fine[0] + fine[1] + fine[2])
