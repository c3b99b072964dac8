"""Initial numbers of tied trajectories: their rule, the law of each, mirrors, and what a replicate cancels.

Statistical checks accept a p-value above 1e-9, or 6.5 standard deviations; no test makes more than 100 of them, so that
its probability of a false alarm is below 1e-7.
"""

import numpy as np
import pytest
from scipy import stats

from sdeframe.compiled.random_numbers import key
from sdeframe.running.initial_draws import normal_of
from sdeframe.sampling import initial_numbers, slots
from sdeframe.sampling.initial_numbers import BITS, CODED, signed_numbers
from sdeframe.sampling.plan import Draws, Plan
from tests.support.philox_twin import twin_words
from tests.support.tied_bits import PAIR_INITIAL, SHIFT_INITIAL

P_VALUE, SIGMA = 1e-9, 6.5
SEED = 3
KINDS = {"beside increments": 1, "alone": 0}
kinds = pytest.mark.parametrize("factors", KINDS.values(), ids=KINDS)


def plan(factors, exponent=9, numbers=2, replicates=8):
    return Plan(exponent, Draws(replicates << exponent, 5, factors, 3 * (factors > 0), 0, True, numbers))


def drawn(made, ids=None, seed=SEED):
    """Return the numbers of all trajectories, or of some."""
    ids = np.arange(made.draws.trajectories) if ids is None else np.asarray(ids)
    return signed_numbers(made, ids.astype(np.uint64), *key(seed))


def first_word(trajectory, k, purpose):
    w0, w1, _, _ = twin_words(trajectory, 0, k, purpose, 0, SEED)
    return w0 << 32 | w1


def literal_coded(made, k, i):
    """Return number k of trajectory i: sign and five leading bits by codes, all others those of its pair."""
    replicate, index = divmod(i, 2**made.exponent)
    shift = first_word(replicate, k, SHIFT_INITIAL)
    bits = [(code & index).bit_count() % 2 ^ shift >> j & 1 for j, code in enumerate(made.numbers[k].tolist())]
    modulus = first_word(i >> 1, k, PAIR_INITIAL) >> (64 - BITS + CODED)
    for j, bit in enumerate(bits[1:]):
        modulus |= bit << (BITS - 1 - j)
    return (-1) ** bits[0] * (modulus + 0.5) / 2**BITS


def literal_alone(made, k, i):
    """Return number k of trajectory i: a point of Sobol's sequence, shifted by bits, for i ^ 1 mirrored."""
    replicate, index = divmod(i, 2**made.exponent)
    sequence = stats.qmc.Sobol(made.draws.numbers, scramble=False, bits=52).random_base2(made.exponent - 1)
    point = int(sequence[index >> 1, k] * 2**52) ^ first_word(replicate, k, SHIFT_INITIAL) >> 12
    u = (point + 0.5) / 2**52
    return (2 * u - 1) * (-1) ** (index & 1)


@kinds
def test_numbers_are_those_of_their_rule(factors):
    made = plan(factors, numbers=2 if factors else 3)
    ids = [0, 1, 2, 3, 77, 510, 511, 512, 1301, 4095]
    literal = literal_coded if factors else literal_alone
    for k, found in enumerate(drawn(made, ids)):
        assert found.tolist() == [literal(made, k, i) for i in ids]


@kinds
def test_neighbours_are_mirror_images(factors):
    for z in drawn(plan(factors)):
        even, odd = z.reshape(-1, 2).T
        assert np.array_equal(even, -odd)
        assert (np.abs(z) < 1).all()
        assert (z != 0).all()
        u = (1 + z) / 2
        assert np.array_equal(u[::2] + u[1::2], np.ones(z.size // 2))
        assert u.max() < 1
        assert u.min() > 0


@kinds
@pytest.mark.parametrize("index", [0, 1, 6, 355])
def test_the_law_of_a_single_number_is_as_it_was(factors, index):
    """Uniform over replicates at any index, and independent of each other: 5 p-values each."""
    made = plan(factors, replicates=20_000)
    one, two = drawn(made, index + 512 * np.arange(20_000))
    for z in (one, two):
        assert stats.kstest(z, "uniform", (-1, 2)).pvalue > P_VALUE
        assert stats.kstest(np.abs(z) * 2**8 % 1, "uniform").pvalue > P_VALUE  # beyond what has codes
    cells = np.histogram2d(one, two, bins=8)[0].ravel()
    assert stats.chisquare(cells).pvalue > P_VALUE


@kinds
def test_a_shift_that_is_not_renewed_is_caught(monkeypatch, factors):
    """Planted: all replicates then have the same numbers, or half of their bits."""
    words = initial_numbers._words
    monkeypatch.setattr(initial_numbers, "_words", lambda i, k, p, *key: words(i * (p != SHIFT_INITIAL), k, p, *key))
    one, _ = drawn(plan(factors, replicates=20_000), 355 + 512 * np.arange(20_000))
    assert stats.kstest(one, "uniform", (-1, 2)).pvalue < 1e-100


def leading(z, bits=6):
    """Return the number of the interval, of 2^bits equal ones, that each number is in."""
    return ((1 + z) * 2 ** (bits - 1)).astype(int)


def test_in_a_replicate_the_leading_bits_take_all_values_equally_often():
    made = plan(1, 12)
    one, two = (leading(z).reshape(8, -1) for z in drawn(made))
    for a, b in zip(one, two, strict=True):
        assert set(np.bincount(a)) == {4096 // 64}
        assert np.bincount(64 * a + b).tolist() == [1] * 4096  # both numbers of the smallest replicate that can


def test_alone_they_are_as_even_as_the_replicate_is_large():
    for z in drawn(plan(0, 9)):
        for replicate in z.reshape(8, 512):
            assert set(np.bincount(leading(replicate, 8))) == {2}


def test_the_bits_beyond_are_those_of_a_pair_alone():
    """Uniform over the pairs of a replicate, and unlike those of the next number: 3 checks."""
    one, two = (np.abs(z[:8192:2]) * 32 % 1 for z in drawn(plan(1, 13)))
    assert stats.kstest(one, "uniform").pvalue > P_VALUE
    assert stats.kstest(two, "uniform").pvalue > P_VALUE
    assert abs(np.corrcoef(one, two)[0, 1]) < SIGMA / np.sqrt(one.size)


def test_a_normal_number_exceeds_its_share():
    z = np.concatenate([np.linspace(-0.999, 0.999, 201), [1 - 2.0**-52, -(1 - 2.0**-52), 2.0**-52]])
    assert np.allclose(stats.norm.cdf(normal_of(z)), (1 + z) / 2, rtol=1e-13, atol=0)
    assert np.abs(normal_of(z)).max() == pytest.approx(8.2, abs=0.1)
    assert np.array_equal(normal_of(-z), -normal_of(z))


def test_seeds_and_numbers_have_nothing_in_common():
    for factors in KINDS.values():
        made = plan(factors)
        one, two, other = *drawn(made), drawn(made, seed=4)[0]
        assert not np.isin(np.abs(one), np.abs(two)).any()
        assert not np.isin(np.abs(one), np.abs(other)).any()


FUNCTIONS = {
    "x": (lambda x, y: x, 1, 1e20),
    "x³": (lambda x, y: x**3, 15, 1e20),
    "x²y": (lambda x, y: x**2 * y, 3, 1e20),
    "x²": (lambda x, y: x**2, 2, 5),
    "xy": (lambda x, y: x * y, 1, 20),
    "|xy|": (lambda x, y: np.abs(x * y), 1 - (2 / np.pi) ** 2, 10),
    "(x² − 1)(y² − 1)": (lambda x, y: (x**2 - 1) * (y**2 - 1), 4, 1.0),
}
"""Functions of two normal numbers with their variance, and how much less that of a replicate's mean is at least."""


def gains(made):
    """Return how much less the variance of means of replicates is than that of means of independent numbers."""
    x, y = (normal_of(z).reshape(made.replicates, -1) for z in drawn(made))
    found = {}
    for name, (function, variance, _) in FUNCTIONS.items():
        means = function(x, y).mean(axis=1)
        with np.errstate(divide="ignore"):
            found[name] = variance / x.shape[1] / means.var()
    return found


@pytest.mark.parametrize("exponent", [9, 10, 12])
def test_what_a_replicate_cancels(exponent):
    """From 64 replicates: a variance is off by a factor of 2.7 or more once in 1e8 times; so far are the limits."""
    found = gains(plan(1, exponent, replicates=64))
    assert {name: gain for name, gain in found.items() if gain < FUNCTIONS[name][2]} == {}


def test_numbers_whose_leading_bits_share_a_code_are_caught(monkeypatch):
    """Planted: the second number begins with the slot with which the first one ends; the larger, the worse it is."""
    monkeypatch.setattr(slots, "EVEN_WEIGHT", np.zeros(31))
    slots.number_codes.cache_clear()
    try:
        found = gains(plan(1, 12, replicates=64))
    finally:
        slots.number_codes.cache_clear()
    assert found["(x² − 1)(y² − 1)"] < 0.1
    assert found["|xy|"] < 0.2


@pytest.mark.parametrize(("exponent", "numbers"), [(8, 2), (9, 2), (10, 4), (11, 8), (12, 8), (13, 16)])
def test_even_functions_of_two_numbers_share_next_to_nothing(exponent, numbers):
    """Weights 4^−j of bit j, of products their products: what two numbers have in common."""
    weight = np.zeros(2**exponent)
    for code in slots.number_codes(exponent - 3, 3, numbers):
        even = slots.span(code[1:])[1:]
        assert weight[even] @ slots.EVEN_WEIGHT < 1e-5
        weight[even] += slots.EVEN_WEIGHT
    assert slots.EVEN_WEIGHT[[0, 1, 2, 3, 30]].tolist() == [4.0**-k for k in (1, 2, 3, 3, 15)]


def test_alone_they_cancel_more():
    """The start of a closed run of 2^12 trajectories a replicate."""
    found = gains(plan(0, 12, replicates=64))
    assert found["x"] > 1e20
    assert min(found["x²"], found["xy"], found["|xy|"]) > 200
    assert found["(x² − 1)(y² − 1)"] > 2
