"""What the order of slots is for: neighbouring increments that hang together no more than others do."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, real_noises, real_variables, simulate
from sdeframe.integrators import W2S4
from sdeframe.sampling import Balanced, plan, slots
from tests.support.replicate_means import ReplicateMeans

x, W = real_variables("x"), real_noises("W")
PROCESS = SymbolicModel(SDE({x: -x}, {x: sp.sqrt(2) * W}), {x: 0})
NAMED = {"far": sp.Piecewise((1, x**2 > 9), (0, True)), "cos": sp.cos(2 * x), "fourth": x**4}
REPLICATES, SIZE = 192, 8192


def ensemble():
    """Return an Ornstein-Uhlenbeck process in ten steps, of which slots are a hundredth."""
    return simulate(
        PROCESS, W2S4(dt=0.1), observers=[ReplicateMeans(**NAMED)], times=[0.4, 0.5, 1.0], seed=1, progress=False,
        trajectories=REPLICATES * SIZE, sampling=Balanced(block=SIZE),
    ).dataset  # fmt: skip


@pytest.fixture
def order_of_the_field(monkeypatch):
    """Plant slots whose vectors are those of the one before but for a constant."""
    monkeypatch.setattr(slots, "independent_order", lambda sets, neighbours: list(range(len(sets))))
    monkeypatch.setattr(plan, "codes", slots.codes.__wrapped__)


@pytest.fixture(scope="module")
def balanced():
    return ensemble()


@pytest.mark.long
def test_what_all_of_some_steps_must_make_is_seen_by_as_many_as_can(balanced):
    """Five large increments of one sign, of probability 2^-14: fifteen bits, whose codes have rank 13.

    So a replicate sees a pair of mirror images or none, the former with probability 1/4: 16 or fewer once in 3e8 times.
    """
    far = balanced["far"].values[:, 1]
    assert set(far * SIZE) == {0.0, 2.0}
    assert np.count_nonzero(far) > 16


def test_variances_are_no_more_than_those_of_independent_trajectories_but_for_a_factor(balanced):
    """Measured .03 or less at t = .4 and .5, 1.2 at 1; 192 replicates tell it to a tenth, 3 is once in 1e9 times."""
    for name in ("cos", "fourth"):
        assert (1 / balanced[f"{name}_gain"].values < 3).all()


def test_the_order_of_the_field_is_caught(order_of_the_field):
    """32 see it at once, in one replicate of 64: of ensembles of 24 replicates 68 % see none, and state the error 0."""
    ds = ensemble()
    assert np.count_nonzero(ds["far"].values[:, 1]) <= 16
    variances = {name: 1 / ds[f"{name}_gain"].values for name in ("cos", "fourth")}
    assert variances["cos"].min() > 3
    assert variances["fourth"][0] > 6
