"""The random numbers: published answers, a literal twin, distribution, independence, and vector instructions.

Every statistical check accepts within `SIGMA` = 6.5 standard deviations (two-sided false alarm 8e-11 for a normal
statistic, below 1e-8 for the few skewed ones) or a p-value above `P_VALUE` = 1e-9. No test makes more than 550 of them,
so that the false-alarm probability of each test is below 1e-7. Seeds are fixed.
"""

import itertools
import math
import platform
import re
from collections.abc import Callable

import llvmlite.binding
import mpmath
import numpy as np
import pytest
from numba import njit, types
from numpy.typing import NDArray
from scipy import special, stats

from sdeframe.compiled import random_numbers as rn

SIGMA = 6.5
P_VALUE = 1e-9
Array = NDArray[np.float64]


@njit
def fill(z, base, trajectories, step, channel, purpose, level, k0, k1, scale):
    rn.fill_normals(z, base, trajectories.size, trajectories, step, channel, purpose, level, k0, k1, scale)


@njit
def add(z, base, trajectories, step, channel, purpose, level, k0, k1, scale):
    rn.add_normals(z, base, trajectories.size, trajectories, step, channel, purpose, level, k0, k1, scale)


@njit
def sign_words(words, trajectories, step, groups, k0, k1):
    rn.fill_words(words, 0, trajectories.size, trajectories, step, groups, rn.SIGN, k0, k1)


@njit
def sign_row(z, base, lanes, words, j, step, scale):
    rn.fill_signs(z, base, lanes, words, j, step, scale)


@njit
def philox(c0, c1, c2, c3, k0, k1):
    return rn.philox(c0, c1, c2, c3, k0, k1)


@njit
def box_muller(x, y):
    g = np.empty((x.size, 2))
    for i in range(x.size):
        g[i, 0], g[i, 1] = rn._box_muller(x[i], y[i])
    return g


@njit
def uniforms(trajectories, step, channel, purpose, level, k0, k1):
    u = np.empty((trajectories.size, 2))
    for i in range(trajectories.size):
        u[i, 0], u[i, 1] = rn.uniform_pair(trajectories[i], step, channel, purpose, level, k0, k1)
    return u


def normals(trajectories, step=0, channel=0, purpose=rn.PATH, level=0, seed=1) -> Array:
    """Return g0 and g1 as rows."""
    z = np.empty(2 * trajectories.size)
    fill(z, 0, trajectories, step, channel, purpose, level, *rn.key(seed), 1.0)
    return z.reshape(2, -1)


def signs(trajectories, step, count, seed=1) -> Array:
    """Return `count` rows of signs."""
    words = np.empty(4 * -(-count // 4) * trajectories.size, np.uint64)
    z = np.empty(count * trajectories.size)
    sign_words(words, trajectories, step, -(-count // 4), *rn.key(seed))
    for j in range(count):
        sign_row(z, j * trajectories.size, trajectories.size, words, j, step, 1.0)
    return z.reshape(count, -1)


def ids(count: int, first: int = 0) -> NDArray[np.uint64]:
    return np.arange(first, first + count, dtype=np.uint64)


# The literal twin: Philox4x32-10 as Salmon et al. print it, in Python integers.


def twin_philox(counter: list[int], key: list[int]) -> list[int]:
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return [c0, c1, c2, c3]


def twin_words(trajectory: int, step: int, channel: int, purpose: int, level: int, seed: int) -> list[int]:
    counter = [trajectory % 2**32, trajectory >> 32, step, channel * 65536 + purpose * 256 + level]
    return twin_philox(counter, [int(k) for k in rn.key(seed)])


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


# Distribution.


@njit
def power_sums(z, sums):
    for g in z:
        power = 1.0
        for k in range(sums.size):
            power *= g
            sums[k] += power


@njit
def tail_counts(z, limits, counts):
    for g in z:
        for k in range(limits.size):
            counts[k, 0] += g > limits[k]
            counts[k, 1] += g < -limits[k]


def sample(chunks: int, seed: int = 5):
    """Yield chunks of 2²⁰ normals, all different addresses."""
    for step in range(chunks):
        yield normals(ids(2**19), step=step, seed=seed).ravel()


def check_moments(chunks) -> None:
    sums, count = np.zeros(8), 0
    for z in chunks:
        power_sums(z, sums)
        count += z.size
    exact = np.array([special.factorial2(k - 1) if k % 2 == 0 else 0.0 for k in range(1, 17)])
    sigma = np.sqrt((exact[1::2] - exact[:8] ** 2) / count)  # var gᵏ = <g²ᵏ> - <gᵏ>²
    assert np.all(np.abs(sums / count - exact[:8]) < SIGMA * sigma)


def check_tails(chunks) -> None:
    limits = np.arange(1.0, 6.0)
    counts, total = np.zeros((5, 2), np.int64), 0
    for z in chunks:
        tail_counts(z, limits, counts)
        total += z.size
    for limit, pair in zip(limits, counts.tolist(), strict=True):
        for found in pair:
            assert stats.binomtest(found, total, stats.norm.sf(limit)).pvalue > P_VALUE


def check_uniform(u: Array, bins: int) -> None:
    """Chi-square over `bins` equal bins, too regular counts refused as well, and Kolmogorov-Smirnov."""
    counts = np.bincount((u * bins).astype(np.int64), minlength=bins)
    chi_square = np.sum((counts - u.size / bins) ** 2) / (u.size / bins)
    assert P_VALUE < stats.chi2.sf(chi_square, bins - 1) < 1 - P_VALUE
    assert stats.kstest(u[: 2**20], "uniform").pvalue > P_VALUE


def test_moments_to_eighth_order() -> None:
    check_moments(sample(20))


def test_tail_probabilities_to_five_sigma() -> None:
    check_tails(sample(100))


def test_goodness_of_fit() -> None:
    for z in sample(4):
        check_uniform(special.ndtr(z), 4096)


def test_pairs_fill_the_plane_evenly() -> None:
    """The joint law of (g0, g1): radius and angle together uniform on the square."""
    g0, g1 = normals(ids(2**22), seed=6)
    radius = (np.exp(-(g0**2 + g1**2) / 2) * 64).astype(np.int64)
    angle = ((np.arctan2(g1, g0) / (2 * np.pi) % 1.0) * 64).astype(np.int64)
    check_uniform((64 * radius + angle + 0.5) / 4096, 4096)


def test_uniforms_are_uniform_to_their_last_bits() -> None:
    u = uniforms(ids(2**21), 0, 0, rn.INITIAL, 0, *rn.key(7)).ravel()
    assert 0.0 <= u.min() < u.max() < 1.0
    assert np.array_equal(u * 2.0**53, np.floor(u * 2.0**53))
    check_uniform(u, 4096)
    check_uniform(u * 2.0**21 % 1.0, 4096)
    check_uniform(u * 2.0**41 % 1.0, 4096)


def test_planted_errors_of_distribution_are_caught() -> None:
    z = normals(ids(2**21), seed=8).ravel()
    for wrong in (1.004 * z, z + 0.005, np.clip(z, -3.5, 3.5)):
        with pytest.raises(AssertionError):
            check_moments([wrong])
    for wrong in (np.clip(z, -4.0, 4.0), 1.01 * z):
        with pytest.raises(AssertionError):
            check_tails([wrong])
    for wrong in (special.ndtr(z) ** 1.01, (np.arange(2.0**20) + 0.5) / 2**20):  # biased, and too regular
        with pytest.raises(AssertionError):
            check_uniform(wrong, 4096)


# Independence.

FEATURES: dict[str, Callable[[Array], Array]] = {
    "x": lambda x: x,
    "x^2": lambda x: (x**2 - 1) / math.sqrt(2),
    "sign": np.sign,
    "tail": lambda x: ((np.abs(x) > 2) - 2 * stats.norm.sf(2)) / math.sqrt(2 * stats.norm.sf(2) * special.erf(2**0.5)),
}


def check_independent(a: Array, b: Array) -> None:
    """Every correlation of two features, each of mean 0 and variance 1, vanishes within SIGMA/sqrt(n)."""
    for f in FEATURES.values():
        for g in FEATURES.values():
            assert abs(np.mean(f(a) * g(b))) < SIGMA / math.sqrt(a.size)


def test_planted_dependence_is_caught() -> None:
    x, y = normals(ids(2**19), **HERE)
    for wrong in (x, -x, 0.99 * y + 0.02 * x, np.abs(x) * np.sign(y), np.where(np.abs(x) > 2, -2.0, y)):
        with pytest.raises(AssertionError):
            check_independent(x, wrong)


HERE = {"step": 8, "channel": 3, "purpose": rn.PATH, "level": 0, "seed": 20}
NEIGHBOURS = [
    *({"step": step} for step in (9, 10, 16, 8 + 2**16, 8 + 2**31)),
    *({"channel": channel} for channel in (2, 4, 3 + 2**15)),
    *(
        {"purpose": purpose}
        for purpose in (
            rn.SIGN,
            rn.INITIAL,
            rn.JUMP,
            rn.BRIDGE,
            rn.BITS,
        )
    ),
    *({"level": level} for level in (1, 2)),
    *({"seed": seed} for seed in (19, 21, 22, 20 + 2**32, 20 + 2**62)),
]


@pytest.mark.parametrize("change", NEIGHBOURS, ids=str)
def test_neighbouring_addresses_are_independent(change: dict[str, int]) -> None:
    here, there = (normals(ids(2**19), **place) for place in (HERE, HERE | change))
    check_independent(here.ravel(), there.ravel())
    check_independent(here.ravel(), there[::-1].ravel())


@pytest.mark.parametrize("shift", [1, 2, 8, 2**16, 2**32, 2**63], ids=lambda shift: f"shift{shift}")
def test_neighbouring_trajectories_are_independent(shift: int) -> None:
    here, there = normals(ids(2**19), **HERE), normals(ids(2**19, first=shift), **HERE)
    check_independent(here[0], there[0])
    check_independent(here[0], there[1])
    check_independent(here[1], there[1])


def test_the_two_normals_of_a_call_are_independent() -> None:
    check_independent(*normals(ids(2**21), **HERE))


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


FEATURES_OF_CPU = llvmlite.binding.get_host_cpu_features()
VECTORS = platform.machine() in ("x86_64", "AMD64") and FEATURES_OF_CPU.get("avx2") and FEATURES_OF_CPU.get("fma")


def compile_normals(loop) -> str:
    @njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def kernel(z, trajectories, step, k0, k1):
        for channel in range(3):
            loop(z, 128 * channel, 64, trajectories, step, channel, rn.PATH, 0, k0, k1, 0.1)

    word = types.uint64
    kernel.compile((types.float64[::1], word[::1], types.int64, word, word))
    return next(iter(kernel.inspect_asm().values()))


def compile_signs() -> str:
    @njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def kernel(z, words, trajectories, step, k0, k1):
        rn.fill_words(words, 0, 64, trajectories, step, 2, rn.SIGN, k0, k1)
        for j in range(6):
            rn.fill_signs(z, 64 * j, 64, words, j, step, 0.1)

    word = types.uint64
    kernel.compile((types.float64[::1], word[::1], word[::1], types.int64, word, word))
    return next(iter(kernel.inspect_asm().values()))


def count(pattern: str, assembly: str) -> int:
    return len(re.findall(rf"^\s+{pattern}", assembly, re.MULTILINE))


FLOATS = r"v(?:mul|add|sub|div|sqrt|fn?madd\d+|fn?msub\d+)"


@pytest.mark.skipif(not VECTORS, reason="needs AVX2 and FMA")
@pytest.mark.parametrize("loop", [rn.fill_normals, rn.add_normals])
def test_normals_compile_to_vector_instructions(loop) -> None:
    assembly = compile_normals(loop)
    packed, single = count(rf"{FLOATS}pd\b.*[yz]mm", assembly), count(rf"{FLOATS}sd\b", assembly)
    assert packed > 60
    assert single <= packed  # at most one more copy, for lanes that fill no vector
    check_words_are_packed(assembly)


@pytest.mark.skipif(not VECTORS, reason="needs AVX2 and FMA")
def test_signs_compile_to_vector_instructions() -> None:
    assembly = compile_signs()
    assert count(r"vpsll\w+\b.*[yz]mm", assembly) >= count(r"shlx?[ql]\b", assembly)
    check_words_are_packed(assembly)


def check_words_are_packed(assembly: str) -> None:
    """Check that words are multiplied by 32 bits in vectors, and that nothing is called or fetched lane by lane.

    A processor that multiplies vectors by 64 bits may do so now and then; three times the work, it must stay rare.
    """
    short, long = count(r"vpmuludq\b.*[yz]mm", assembly), count(r"vpmullq\b", assembly)
    assert short > 10
    assert long < short / 10
    assert count(r"imul|mul[ql]\b|mulx", assembly) <= 1.2 * short
    assert not count(r"call|v\w*gather|v\w*scatter", assembly)
