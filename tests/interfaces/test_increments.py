"""Increments made of bits: their values, moments and addresses, and which schemes take them."""

import itertools
import math

import attrs
import numpy as np
import pytest
from numba import njit

from sdeframe import SDE, SymbolicModel, complex_noises, complex_variables, real_noises, simulate
from sdeframe.compiled import bit_increments, random_numbers
from sdeframe.integrators import W2S4, EulerMaruyama, Heun, Milstein
from sdeframe.interfaces.increments import FourPoint, Gaussian, Octagon
from sdeframe.observers import Moments

SIGMA = 6.0
"""Where a frequency is refused; the false-alarm probability is 2e-9 for each, below 1e-6 for every test."""
LARGE, SMALL = math.sqrt(1 + math.sqrt(6)), math.sqrt(1 - math.sqrt(6) / 3)


def four_point(b0, b1, b2):
    """Return the value of three bits as documented."""
    return (-1 if b0 else 1) * (LARGE if b1 and b2 else SMALL)


def octagon(b0, b1, b2, b3):
    """Return the value of four bits as documented, of variance 2."""
    if b0:
        return 0
    if b1:
        return math.sqrt(2) * ((-1 if b2 else 1) + 1j * (-1 if b3 else 1))
    return (-2 if b3 else 2) * (1j if b2 else 1)


# Laws


def moment(values, chance, power, conjugate=0):
    """Return the mean of v^power v*^conjugate."""
    return (values**power * values.conj() ** conjugate) @ chance


@pytest.mark.parametrize("law", [Gaussian, FourPoint, Octagon])
def test_moments_to_the_fifth_are_those_of_normal_increments(law):
    values, chance = map(np.array, zip(*law.real_atoms, strict=True))
    assert [moment(values, chance, n) for n in range(6)] == pytest.approx([1, 0, 1, 0, 3, 0], abs=1e-14)
    values, chance = map(np.array, zip(*law.complex_atoms, strict=True))
    for n, m in itertools.product(range(6), range(6)):
        if n + m < 6:
            assert moment(values, chance, n, m) == pytest.approx(math.factorial(n) if n == m else 0, abs=1e-13)


def test_only_the_octagon_has_another_sixth_mixed_moment():
    """<x⁴y²> for parts of variance 1: 3 for normal ones; schemes that need it must not be given octagons."""
    for law, expected in ((FourPoint, 3), (Octagon, 2)):
        values, chance = map(np.array, zip(*law.complex_atoms, strict=True))
        x, y = math.sqrt(2) * values.real, math.sqrt(2) * values.imag
        assert (x**4 * y**2) @ chance == pytest.approx(expected)


def collected(values):
    """Return the distinct values with their share."""
    found, counts = np.unique(np.round(np.array(values, dtype=complex), 12), return_counts=True)
    return dict(zip(found.tolist(), (counts / len(values)).tolist(), strict=True))


def test_bits_give_the_values_and_probabilities_of_the_laws():
    def declared(atoms):
        return collected([v for v, p in atoms for _ in range(round(16 * p))])

    assert collected([four_point(*b) for b in itertools.product((0, 1), repeat=3)]) == declared(FourPoint.real_atoms)
    eighths = collected([octagon(*b) / math.sqrt(2) for b in itertools.product((0, 1), repeat=4)])
    assert eighths == declared(Octagon.complex_atoms)


# The functions that read bits


@njit
def add_four_points(z, base, lanes, words, row, step, keep, scale):
    bit_increments.add_four_points(z, base, lanes, words, row, step, keep, scale)


@njit
def add_octagons(z, base, lanes, words, row, step, keep, scale):
    bit_increments.add_octagons(z, base, lanes, words, row, step, keep, scale)


def patterns(bits, row, step):
    """Return words whose rows from `row` on hold every pattern of bits at a step, one a lane, all other bits set."""
    lanes = 2**bits
    words = np.full((row + bits + 1, lanes), 2**32 - 1, dtype=np.uint64)
    for lane, pattern in enumerate(itertools.product((0, 1), repeat=bits)):
        for i, bit in enumerate(pattern):
            words[row + i, lane] ^= np.uint64((1 - bit) << step % 32)
    return words.ravel(), list(itertools.product((0, 1), repeat=bits))


@pytest.mark.parametrize("row", [0, 3])
@pytest.mark.parametrize("step", [0, 17, 31, 32, 2**32 - 1])
@pytest.mark.parametrize("keep", [0.0, 1.0])
def test_every_pattern_of_bits_gives_the_documented_value(row, step, keep):
    for bits, function, value, rows in ((3, add_four_points, four_point, 1), (4, add_octagons, octagon, 2)):
        words, cases = patterns(bits, row, step)
        lanes = len(cases)
        z = np.full(2 + rows * lanes + 1, 0.5)
        function(z, 2, lanes, words, row, step, keep, 0.3)
        expected = np.array([value(*case) for case in cases], dtype=complex) * 0.3
        parts = [expected.real, expected.imag][:rows]
        assert z[2:-1] == pytest.approx(0.5 * keep + np.concatenate(parts), abs=1e-15)
        assert [*z[:2], z[-1]] == [0.5] * 3


# Runs

DT, PATHS, STEPS = 1 / 64, 400, 64
z = complex_variables("z")
F, G = complex_noises("F G")
U, V, W = real_noises("U V W")
MODEL = SymbolicModel(SDE({z: -z}, {z: F / 3 + G / 5 + U + V / 2 + W / 3}), {z: 1})


def run(integrator, block=None, step_error=False):
    """Run the model with two complex and three real noises."""
    return simulate(
        MODEL, integrator, observers=[Moments(z=z)], times=[STEPS * DT], trajectories=PATHS, seed=12, progress=False,
        block=block, step_error=step_error,
    )  # fmt: skip


def increments(result):
    """Return increments (noise, trajectories · steps) and the signs as ±1 of every part of a noise."""
    ds = result.replay(range(PATHS))
    return {n: ds[f"d{n}"].values.ravel() for n in "FGUVW"}, {n: ds[f"s_{n}"].values.ravel() for n in "FGUVW"}


@pytest.mark.parametrize("law", [FourPoint, Octagon])
def test_increments_of_a_run_have_the_values_and_frequencies_of_their_law(law):
    path, _ = increments(run(W2S4(dt=DT, increments=law())))
    for name, values in path.items():
        atoms = law.complex_atoms if name in "FG" else law.real_atoms
        distance = np.abs(values[:, None] / math.sqrt(DT) - np.array([v for v, _ in atoms]))
        assert np.max(np.min(distance, axis=1)) < 1e-12
        counts = np.bincount(np.argmin(distance, axis=1), minlength=len(atoms))
        for count, (_, p) in zip(counts, atoms, strict=True):
            assert abs(count - values.size * p) < SIGMA * math.sqrt(values.size * p * (1 - p))


def features(path, signs):
    """Return functions of mean 0 and variance 1 of every noise: parts, their squares and their signs."""
    rows = []
    for x in path.values():
        for part in (x.real, x.imag) if np.iscomplexobj(x) else (x,):
            rows += [part, part**2 - np.mean(part**2)]
    for s in signs.values():
        rows += [s.real, s.imag] if np.iscomplexobj(s) else [s]
    return np.array([row / np.std(row) for row in rows])


@pytest.mark.parametrize("law", [Gaussian, FourPoint])
def test_noises_and_signs_are_independent(law):
    """All correlations of increments, their squares and signs, whose bits have another purpose; not for octagons."""
    rows = features(*increments(run(W2S4(dt=DT, increments=law()))))
    correlation = rows @ rows.T / rows.shape[1] - np.eye(len(rows))
    assert np.max(np.abs(correlation)) < SIGMA / math.sqrt(rows.shape[1])


def test_steps_are_independent_within_a_word_and_from_one_to_the_next():
    path, _ = increments(run(W2S4(dt=DT)))
    x = path["U"].reshape(PATHS, STEPS) / math.sqrt(DT)
    for lag in (1, 2, 31, 32, 33):
        product = x[:, lag:] * x[:, :-lag]
        assert abs(product.mean()) < SIGMA / math.sqrt(product.size)


@pytest.mark.parametrize("law", [FourPoint, Octagon])
def test_increments_follow_the_public_layout(law):
    """Bits of a noise lie next to each other, complex noises first, from Philox called for the window of 32 steps."""
    ds = run(W2S4(dt=DT, increments=law())).replay([0, 7])
    per_complex = 4 if law is Octagon else 6
    first = {"F": 0, "G": per_complex} | {n: 2 * per_complex + 3 * i for i, n in enumerate("UVW")}
    for i, trajectory in enumerate((0, 7)):
        for step in (0, 31, 32, 63):
            for name, start in first.items():
                bits = [_bit(trajectory, step, start + j) for j in range(3 if name in "UVW" else per_complex)]
                expected = math.sqrt(DT) * _value(bits)
                assert ds[f"d{name}"].values[i, step] == pytest.approx(expected, rel=1e-14, abs=1e-16)


def _value(bits):
    """Return the unit increment that some bits make."""
    if len(bits) == 6:
        return (four_point(*bits[:3]) + 1j * four_point(*bits[3:])) / math.sqrt(2)
    return four_point(*bits) if len(bits) == 3 else octagon(*bits) / math.sqrt(2)


@njit
def _philox(c0, c1, c2, c3, k0, k1):
    return random_numbers.philox(c0, c1, c2, c3, k0, k1)


def _bit(trajectory, step, number):
    counter = (trajectory, 0, step // 32, (number // 4) << 16 | random_numbers.BITS << 8)
    words = _philox(*map(np.uint64, counter), *random_numbers.key(12))
    return int(words[number % 4]) >> step % 32 & 1


@pytest.mark.parametrize("law", [FourPoint, Octagon])
def test_a_coarse_increment_is_the_sum_of_two_fine_ones(law):
    """With the drift 0 and additive noise the states of the coarse run are those of the fine one."""
    model = SymbolicModel(SDE({z: 0}, dict(MODEL.system().noise)), {z: 1})
    result = simulate(
        model, EulerMaruyama(dt=DT, increments=law()), observers=[Moments(z=z)], times=[0.5, 1.0], trajectories=50,
        seed=3, progress=False, step_error=True,
    )  # fmt: skip
    assert np.max(np.abs(result.dataset["z_step_error"].values)) < 1e-14
    assert np.max(np.abs(result.dataset["z_step_error_se"].values)) < 1e-14
    assert np.all(result.dataset["z_se"].values > 0.01)


@pytest.mark.parametrize("law", [FourPoint, Octagon])
@pytest.mark.parametrize("step_error", [False, True])
def test_block_size_changes_no_bit(law, step_error):
    whole = run(W2S4(dt=DT, increments=law()), step_error=step_error)
    parts = run(W2S4(dt=DT, increments=law()), block=37, step_error=step_error)
    assert whole.dataset.identical(parts.dataset)


@pytest.mark.parametrize("law", [FourPoint, Octagon])
def test_lane_count_changes_no_bit(law, monkeypatch):
    datasets = []
    for lanes in (16, 128):
        monkeypatch.setattr("sdeframe.running.problem.choose_lanes", lambda *_, lanes=lanes: lanes)
        result = run(W2S4(dt=DT, increments=law()))
        assert result.problem.lanes == lanes
        datasets.append(result.dataset)
    assert datasets[0].identical(datasets[1])


# Which scheme takes which


def test_default_increments():
    assert W2S4(dt=0.1).increments == FourPoint()
    assert Heun(dt=0.1).increments == Gaussian()
    assert EulerMaruyama(dt=0.1, increments=Octagon()).increments == Octagon()


@attrs.frozen
class OnlyNormal(EulerMaruyama):
    """A scheme for normal increments."""

    admits = (Gaussian,)
    why = "it counts on their tails"


def test_a_wrong_pair_is_refused_with_the_reason():
    with pytest.raises(ValueError, match=r"FourPoint\(\): Milstein takes Gaussian\(\) only, since strong order 1"):
        Milstein(dt=0.1, increments=FourPoint())
    with pytest.raises(ValueError, match=r"OnlyNormal takes Gaussian\(\) only, since it counts on their tails"):
        OnlyNormal(dt=0.1, increments=Octagon())
    assert OnlyNormal(dt=0.1).increments == Gaussian()


@pytest.mark.parametrize("value", [FourPoint, "four-point", None, 3])
def test_increments_must_be_a_law(value):
    with pytest.raises(TypeError, match=r"increments=.* in W2S4: must be Gaussian\(\) or FourPoint\(\) or Octagon\(\)"):
        W2S4(dt=0.1, increments=value)
