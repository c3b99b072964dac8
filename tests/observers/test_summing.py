"""Sums that are taken at several output times at once have the bits of those that are taken at one after the other."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, real_noises, real_variables, simulate
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, TrustHorizon
from sdeframe.running import block
from sdeframe.sampling import Balanced, Independent
from sdeframe.symbolic.symbols import time

CAVITY = TavisCummings(10, 10.0)


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    """Let small runs take the way of large ones."""
    monkeypatch.setattr("sdeframe.running.problem.RECORDING", 0)


def switched():
    """Return a system whose steps are cut where its drive switches."""
    x, w = real_variables("x"), real_noises("w")
    drift = sp.Piecewise((1, time < sp.Rational(33, 100)), (-2, True)) - x
    return SymbolicModel(SDE({x: drift}, {x: w}), initial={x: 1.0}), x


class Shown(Moments):
    """Means of an observer that wants to see every output time."""

    def update(self, record, snapshot):
        super().update(record, snapshot)


def taken(kind, size, sampling, **more):
    observers = [kind(photon_number=CAVITY.photon_number), TrustHorizon(excited=CAVITY.excited), Runaways(10.0, 1e3)]
    return simulate(
        CAVITY, W2S4(dt=0.05), observers=observers, times=np.linspace(0, 4, 21), trajectories=9216, seed=4,
        progress=False, step_error=True, block=size, sampling=sampling, **more,
    )  # fmt: skip


@pytest.mark.parametrize("sampling", [Independent(), Balanced(block=1024)], ids=str)
@pytest.mark.parametrize("size", [2048, 3000])
@pytest.mark.parametrize("numbers", [2**17, 1])
@pytest.mark.filterwarnings("ignore:increments share codes")
def test_bits_do_not_depend_on_how_many_output_times_are_taken_at_once(monkeypatch, sampling, size, numbers):
    one_by_one = taken(Shown, size, sampling)
    monkeypatch.setattr(block, "RECORDED", numbers)
    at_once = taken(Moments, size, sampling)
    assert one_by_one.problem.summed is None
    assert at_once.problem.summed == (CAVITY.photon_number, CAVITY.excited)
    assert at_once.dataset.drop_attrs().identical(one_by_one.dataset.drop_attrs())


def test_an_output_time_may_take_several_calls_of_the_kernel(monkeypatch):
    whole = taken(Moments, 2048, Independent())
    monkeypatch.setattr(block, "UPDATES_PER_CALL", 1)
    assert taken(Moments, 2048, Independent()).dataset.identical(whole.dataset)


def test_steps_of_several_sizes_lie_between_output_times():
    model, x = switched()
    shown, summed = (
        simulate(
            model, W2S4(dt=0.05), observers=[kind(x=x, scaled=x * time)], times=[0.0, 0.1, 0.3, 0.35, 0.9, 1.0],
            trajectories=500, seed=2, progress=False,
        )
        for kind in (Shown, Moments)
    )  # fmt: skip
    assert len(summed.problem.stretches) > 1
    assert summed.dataset.drop_attrs().identical(shown.dataset.drop_attrs())
