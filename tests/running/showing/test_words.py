"""What a result says of itself in words, and when it says nothing."""

import warnings

import attrs

from sdeframe import SDE, SymbolicModel, parameters, real_noises, real_variables, simulate
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Runaways, WeightedMoments
from tests.support.shown_runs import everything

OPTIONS = {"times": [0.0, 0.5, 1.0], "trajectories": 200, "seed": 1, "progress": False}
x, W, k = real_variables("x"), real_noises("W"), parameters("k")


def test_a_quiet_run_says_nothing():
    model = OrnsteinUhlenbeck(start=0.5)
    result = simulate(model, EulerMaruyama(dt=1 / 64), observers=[Moments(**model.observables)], **OPTIONS)
    assert result.warnings == ()


def test_many_lost_where_no_horizon_was_asked_for():
    growing = SymbolicModel(SDE({x: 3 * x}, {x: W}), {x: 1})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = simulate(growing, EulerMaruyama(dt=1 / 16), observers=[Moments(x=x), Runaways(bound=10.0)], **OPTIONS)
    (told,) = result.warnings
    assert told.startswith("0.")
    assert "passed the bound 10, 0.5% by t = " in told


def test_plain_means_under_a_weight():
    sde = SDE({x: 0 * x}, {x: W}, log_weight=(-(k**2) / 2, k * W))
    model = SymbolicModel(sde, {x: 0}, {k: 0.5})
    observers = [WeightedMoments(x=x), Moments(plain=x, unweighted=True)]
    (told,) = simulate(model, EulerMaruyama(dt=1 / 16), observers=observers, **OPTIONS).warnings
    assert told.startswith("plain: means without the weight that trajectories have")
    assert simulate(model, EulerMaruyama(dt=1 / 16), observers=observers[:1], **OPTIONS).warnings == ()


def test_a_step_error_above_the_statistical_one():
    model = OrnsteinUhlenbeck(start=5.0)
    options = OPTIONS | {"step_error": True, "observers": [Moments(**model.observables)]}
    (told, *_) = simulate(model, EulerMaruyama(dt=0.25), **options).warnings
    assert told.startswith("x: the step adds ")
    assert told.endswith("times the standard error; take a smaller dt, or x_extrapolated, which is without it")


def test_means_that_can_never_be_trusted_and_what_is_not_a_number():
    result = everything()
    ds = result.dataset.assign(pairs_horizon=0.0)
    ds["g2_normalised"].attrs["untold"] = "not a number at 3 of 4 delays"
    told = attrs.evolve(result, dataset=ds).warnings
    assert any(line.startswith("pairs: no mean can be trusted at any output time") for line in told)
    assert "g2_normalised: not a number at 3 of 4 delays" in told
    assert not any("nothing tells how long" in line for line in told)
