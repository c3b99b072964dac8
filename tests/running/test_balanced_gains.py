"""What balancing is worth: the variance of means of independent trajectories by that of tied ones.

The latter is told by 24 to 48 replicates, which is off by a factor of 4 less than once in 1e7 times; limits leave that
much beside what was measured.
"""

import numpy as np
import pytest

from sdeframe import SDE, SymbolicModel, parameters, real_noises, real_variables, simulate
from sdeframe.integrators import W2S4, StochasticRK2
from sdeframe.interfaces import FourPoint, Octagon
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments
from sdeframe.running import block
from sdeframe.sampling import Balanced
from tests.support.replicate_means import ReplicateMeans


def run(model, scheme, times, replicates, size, seed=3, step_error=False, **named):
    return simulate(
        model, scheme, observers=[ReplicateMeans(**named), *([Moments(m=next(iter(named.values())))] * step_error)],
        times=times, trajectories=replicates * size, seed=seed, progress=False, sampling=Balanced(block=size),
        step_error=step_error,
    ).dataset  # fmt: skip


def test_means_of_linear_systems_have_no_sampling_error():
    """<x> and <x²> of an Ornstein-Uhlenbeck process, up to the last time that there are codes for."""
    model, times = OrnsteinUhlenbeck(start=0.7), np.linspace(0, 12, 13)
    ds = run(model, W2S4(dt=0.1), times, 24, 1024, **model.observables)
    for name, value in model.exact(times).items():
        assert ds[f"{name}_se"].max() < 1e-15
        assert (ds[f"{name}_gain"][1:] > 1e25).all()
        assert np.abs(ds[name].values - value).max() < 1e-3  # the step's bias
    shared = run(model, W2S4(dt=0.1), [12.0], 24, 512, **model.observables)
    assert shared["x_squared_se"].item() > 1e-5


x, W, strength = real_variables("x"), real_noises("W"), parameters("strength")
NOISY = SDE({x: x - x**2}, {x: strength * x * (1 + x) * W})


@pytest.mark.parametrize(
    "scheme", [W2S4(dt=0.1), StochasticRK2(dt=0.1, increments=FourPoint())], ids=lambda s: type(s).__name__
)
def test_the_gain_grows_as_the_sixth_power_of_small_noise(scheme):
    """From .1 to .02 by 5⁶ = 15,625; measured 1.6e4 with both."""
    assert 15_625 / 4 < growth(scheme) < 15_625 * 4


def growth(scheme):
    gains = [
        run(SymbolicModel(NOISY, {x: 0.5}, {strength: e}), scheme, [1.0], 48, 256, x=x)["x_gain"].item()
        for e in (0.1, 0.02)
    ]
    return gains[1] / gains[0]


class FalselyDeclared(StochasticRK2):
    """Says that its signs stand beside increments only, as those of W2S4 do."""

    signs_multiply_path = True


def test_signs_that_stand_alone_need_codes_of_their_own():
    """Without them the gain grows by 31 to the second power of the noise: a planted error."""
    assert growth(FalselyDeclared(dt=0.1, increments=FourPoint())) < 300


@pytest.mark.parametrize("atoms", [10, 100])
def test_the_gain_grows_as_the_third_power_of_the_number_of_atoms(atoms):
    """As many photons as atoms, by τ = 1."""
    model = TavisCummings(atoms, float(atoms))
    gain = run(model, W2S4(dt=0.05), [1.0], 48, 2048, excited=model.excited)["excited_gain"].item()
    assert 5 < gain / atoms**3 < 20


MODEL = TavisCummings(100, 10.0)
TIMES = [0.0, 1.0, 2.0, 3.0]
LEAST = [1e6, 3e4, 1e3]


def test_a_hundred_atoms():
    ds = run(MODEL, W2S4(dt=0.1), TIMES, 24, 2048, step_error=True, excited=MODEL.excited)
    assert (ds["excited_gain"].values[1:] > LEAST).all()
    off = np.abs(ds["m"].values.real - MODEL.exact(TIMES)["excited"])
    assert (off <= 1e-15 + 5 * ds["m_se"] + 2 * np.abs(ds["m_step_error"].values.real)).all()
    assert off[1] < 2e-5  # sixteen times that of half the step, which is 5e-7, at most
    better = np.abs(ds["m_extrapolated"].values.real - MODEL.exact(TIMES)["excited"])
    assert better[1] < off[1] / 5


def test_octagons_gain_as_much_once_their_bits_are_recoded(monkeypatch):
    """Their old coding, in which i and i ^ 1 are no mirror images, gains 20 to 50 times less."""
    scheme, right = W2S4(dt=0.1, increments=Octagon()), block.fill_tied_words
    recoded = run(MODEL, scheme, TIMES, 24, 2048, excited=MODEL.excited)["excited_gain"].values[1:]
    assert (recoded > LEAST).all()

    def not_recoded():
        return lambda words, ids, window, signs, bits, octagons, *rest: right()(
            words, ids, window, signs, bits, 0, *rest
        )

    monkeypatch.setattr(block, "fill_tied_words", not_recoded)
    old = run(MODEL, scheme, TIMES, 24, 2048, excited=MODEL.excited)["excited_gain"].values[1:]
    assert old[0] < LEAST[0]
    assert old[0] < recoded[0] / 10


@pytest.mark.parametrize("scheme", [W2S4(dt=0.1), W2S4(dt=0.1, increments=Octagon())], ids=str)
def test_neighbours_are_mirror_images(monkeypatch, scheme):
    """Trajectories i and i ^ 1 have opposite increments and signs; without the recoding octagons have not."""
    result = simulate(
        MODEL, scheme, observers=[Moments(m=MODEL.excited)], times=[4.0], trajectories=24 * 1024, seed=1,
        progress=False, sampling=Balanced(block=1024),
    )  # fmt: skip
    path = result.replay(np.arange(2000, 2100))
    for name in [str(k) for k in path if str(k).startswith(("d", "s_"))]:
        assert np.array_equal(path[name].values[0::2], -path[name].values[1::2])
    monkeypatch.setattr(
        block, "fill_tied_words", lambda right=block.fill_tied_words: lambda *a: right()(*a[:5], 0, *a[6:])
    )
    path = result.replay(np.arange(2000, 2100))
    same = [np.array_equal(path[n].values[0::2], -path[n].values[1::2]) for n in path if str(n).startswith("d")]
    assert all(same) == (scheme == W2S4(dt=0.1))
