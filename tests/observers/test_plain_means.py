"""Plain means of a weighted system: biased, so refused where nobody said that they are wanted."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, choose_dt, log_weight, real_noises, real_variables
from sdeframe.gauges import DriftGauge
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces import Poles
from sdeframe.observers import Moments, TrustHorizon
from tests.support.weighted_systems import girsanov, run, x

OBSERVERS = {"Moments": Moments, "TrustHorizon": TrustHorizon}


def model(owner):
    """Return dx = dW with the weight that gives W the drift 1/2: <x exp(C0)> = t/2."""
    weighted = girsanov()
    return SymbolicModel(weighted.sde, {x: 0}, poles=Poles() if owner == "TrustHorizon" else None)


@pytest.mark.parametrize("owner", OBSERVERS)
def test_a_plain_mean_of_a_weighted_system_is_refused_with_two_ways_out(owner):
    with pytest.raises(ValueError, match=rf"{owner}\(x=\.\.\.\): .* Weighted{owner}, or unweighted=True") as refusal:
        run(model(owner), [OBSERVERS[owner](x=x)])
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("owner", OBSERVERS)
def test_it_is_taken_where_it_is_wanted(owner):
    """Without its weight the mean stays 0, with it it is t/2: 5.5 standard errors, real and imaginary part."""
    mean = OBSERVERS[owner](x=x, with_weight=x * sp.exp(log_weight), unweighted=True)
    ds = run(model(owner), [mean], [1.0], 4000).dataset
    for name, exact in (("x", 0.0), ("with_weight", 0.5)):
        assert abs(ds[name].values[0].real - exact) < 5.5 * ds[f"{name}_se"].values[0]
        assert ds[name].values[0].imag == 0


def test_a_mean_that_holds_the_weight_is_no_plain_one():
    assert run(girsanov(), [Moments(x=x * sp.exp(log_weight))]).dataset["x"].shape == (3,)


@pytest.mark.parametrize("owner", OBSERVERS)
def test_unweighted_is_true_or_false(owner):
    with pytest.raises(TypeError, match=f"unweighted='yes' in {owner}: must be True or False"):
        OBSERVERS[owner](x=x, unweighted="yes")


class HalfTheDrift(DriftGauge):
    """Takes half of the drift of dq = -q dt + W off."""

    def kernel(self, sde):
        return -sde["q"] / 2 * sde.noises["W"]


def test_the_step_of_a_gauged_system_is_chosen_by_its_weighted_means():
    """The mean of q is that without the gauge; its step error is the same to two of their standard errors."""
    q, W = real_variables("q"), real_noises("W")
    plain = SymbolicModel(SDE({q: -q}, {q: W}), {q: 1})
    found = [
        choose_dt(plain, EulerMaruyama(dt=0.125), 0.05, times=[1.0], q=q, **gauge)
        for gauge in ({}, {"gauge": HalfTheDrift()})
    ]
    errors = np.array([[level.step_error, level.uncertainty] for choice in found for level in choice.levels[:1]])
    assert abs(errors[0, 0] - errors[1, 0]) < 3 * np.hypot(*errors[:, 1])
