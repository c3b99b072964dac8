"""Random initial states of tied trajectories: what cancels with the noise that follows, and closed systems."""

import itertools
import math

import attrs
import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_variables,
    parameters,
    random_choice,
    random_complex_normal,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces import FourPoint
from sdeframe.observers import Moments
from sdeframe.running import initial_draws
from sdeframe.sampling import Balanced, Independent
from sdeframe.sampling.plan import Draws
from tests.support.replicate_means import ReplicateMeans

x, y, z = real_variables("x y z")
W = real_noises("W")
START = SymbolicModel(
    SDE({x: 0, y: 0, z: 0}, {x: W}), {x: random_uniform("u"), y: random_normal("n1"), z: random_normal("n2")}
)
STEPS, SIZE, REPLICATES = 32, 512, 8


def numbers():
    """Return a uniform number and two normal ones, shape (replicates, size, 1), and increments, (..., steps)."""
    result = simulate(
        START, EulerMaruyama(dt=1.0, increments=FourPoint()), observers=[Moments(x=x)], times=[STEPS],
        trajectories=REPLICATES * SIZE, seed=2, progress=False, sampling=Balanced(block=SIZE),
    )  # fmt: skip
    path = result.replay(np.arange(REPLICATES * SIZE))
    start = [path[name].values[:, 0].reshape(REPLICATES, SIZE, 1) for name in "xyz"]
    return *start, path["dW"].values.reshape(REPLICATES, SIZE, STEPS)


def worst(values):
    """Return how far a mean of a replicate is from 0, at most."""
    return np.abs(values.mean(axis=1)).max()


def mixed(one, two, dW):
    """Return how far means of products of initial numbers and increments are from their expectation, by name."""
    pairs = [dW[..., [k]] * dW[..., [m]] for k, m in itertools.combinations(range(STEPS), 2)]
    return {
        "odd in numbers": max(worst(f) for f in (one, one**3, one * two**2)),
        "z X": max(worst(one * dW), worst(two**3 * dW)),
        "z² X": max(worst(one**2 * dW), worst(one * two * dW)),
        "z X²": worst(one * dW**2),
        "z X Y": max(worst(one * pair) for pair in pairs),
        "X": worst(dW),
        "X²": worst(dW**2 - 1),
    }


def test_up_to_third_order_in_numbers_and_noise_nothing_is_left():
    u, one, two, dW = numbers()
    assert max(mixed(one, two, dW).values()) < 1e-13
    assert worst(u * dW) < 1e-13
    assert 1e-4 < worst(one**2 - 1) < 0.1  # which a sequence makes small, not zero


def test_signs_on_a_bit_that_moduli_have_codes_of_are_caught(monkeypatch):
    """Planted: with codes of bit 1 the mirror of the normal numbers changes moduli of increments too."""
    monkeypatch.setattr(Draws, "mirrors", 0)
    _, one, two, dW = numbers()
    found = mixed(one, two, dW)
    assert min(found["z X²"], found["z X Y"]) > 0.05
    assert found["z X"] < 1e-13


def test_a_sequence_over_all_of_the_index_is_caught(monkeypatch):
    """Planted: the start of a run without noise, whose points meet the signs of increments."""
    right = initial_draws.initial_numbers

    def wrong(plan, *rest):
        return right(attrs.evolve(plan, draws=attrs.evolve(plan.draws, factors=0)), *rest)

    monkeypatch.setattr(initial_draws, "initial_numbers", wrong)
    _, one, two, dW = numbers()
    assert max(mixed(one, two, dW).values()) > 0.05


a = complex_variables("a")
alpha, U = parameters("alpha U")
KERR = SymbolicModel(
    SDE({a: -sp.I * U * (a * sp.conjugate(a) - 1) * a}),
    {a: alpha + random_complex_normal("n") / sp.sqrt(2)},
    {alpha: 3.0, U: 0.05},
)
"""The truncated Wigner equations of a closed Kerr oscillator: the start alone is random."""


def closed(sampling, replicates=32):
    return simulate(
        KERR, W2S4(dt=0.1), observers=[ReplicateMeans(re=sp.re(a), im=sp.im(a), n=a * sp.conjugate(a))],
        times=[0.0, 2.0, 4.0], trajectories=replicates * 2048, seed=4, progress=False, sampling=sampling,
    ).dataset  # fmt: skip


def test_a_closed_system_gains_by_its_start():
    """Variances of 32 replicates are off by a factor of 4 less than once in 1e7 times; measured 3e3 and more."""
    ds = closed(Balanced())
    assert ds.attrs["replicate_size"] == 2048
    assert (ds["n_gain"] > 500).all()
    assert (ds["re_gain"][1:] > 200).all()
    assert (ds["im_gain"][1:] > 200).all()
    assert ds["re_se"][0] < 1e-15
    # |a|² is conserved, N + 1/2
    assert np.abs(ds["n"].values.mean(axis=0) - 9.5).max() < 5e-3


def test_it_has_the_means_of_independent_trajectories():
    """At 5 standard errors, false alarms below 6e-6 for six of them."""
    tied, free = closed(Balanced()), closed(Independent())
    for name in ("re", "im", "n"):
        difference = tied[name].values.mean(axis=0) - free[name].values.mean(axis=0)
        assert (np.abs(difference) < 5 * np.hypot(tied[f"{name}_se"], free[f"{name}_se"]) + 1e-12).all()


@pytest.mark.parametrize("noise", [{}, {x: W}])
def test_symbols_of_every_kind_have_their_moments(noise):
    """Those of a choice, a complex and a real normal number and a uniform one, to what 32 replicates leave."""
    c = complex_variables("c")
    model = SymbolicModel(
        SDE({x: 0, y: 0, z: 0, c: 0}, noise),
        {x: random_choice("k", [-1, 3], [0.75, 0.25]), y: random_uniform("u"), z: 1 + 2 * random_normal("m"),
         c: random_complex_normal("g")},
    )  # fmt: skip
    named = {
        "c2": (x**2, 3), "u": (y, 1 / 2), "u2": (y**2, 1 / 3), "n": (z, 1), "n2": (z**2, 5), "k": (x, 0),
        "g": (sp.re(c), 0), "gg": (c * sp.conjugate(c), 1), "g2": (sp.re(c**2), 0), "un": (y * z, 1 / 2),
    }  # fmt: skip
    ds = simulate(
        model, W2S4(dt=1.0), observers=[ReplicateMeans(**{name: f for name, (f, _) in named.items()})], times=[0.0],
        trajectories=32 * 1024, seed=3, progress=False, sampling=Balanced(block=1024),
    ).dataset.isel(time=0)  # fmt: skip
    for name, (_, expected) in named.items():
        assert abs(ds[name].mean().item() - expected) < max(8 * ds[f"{name}_se"].item(), 1e-12), name
        assert math.isnan(ds[f"{name}_gain"].item()) or ds[f"{name}_gain"].item() > 10
    assert abs(ds["n"].mean().item() - 1) < 1e-12  # by mirrors
