"""What a beginner forgets of a plugin is named by the check of its kind, in one line."""

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr

from sdeframe import conformance
from sdeframe.gauges import DiffusionGauge
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces import Integrator, Observer
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from tests.support.paper_forms import a46

TIMES = [1.0, 2.0]


@attrs.frozen
class Counts:
    numbers: np.ndarray

    def __add__(self, other):
        return Counts(self.numbers + other.numbers)


class Beginner(Observer):
    """Counts, and has a method that returns something else."""

    def __init__(self, fault=""):
        self.fault = fault

    def start(self, ensemble):
        record = Counts(np.zeros(len(ensemble.times)))
        return {"record": {}, "none": None}.get(self.fault, record)

    def update(self, record, snapshot):
        record.numbers[snapshot.index] += snapshot.alive.sum()

    def finish(self, record):
        written = xr.Dataset({"count": ("time", record.numbers)})
        others = {"dict": {"count": record.numbers}, "unnamed": xr.Dataset({"count": record.numbers})}
        return others.get(self.fault, written)


class AddsNothing(Beginner):
    """Has records whose sum is None."""

    def start(self, ensemble):
        return Forgetful(super().start(ensemble).numbers)


class Forgetful(Counts):
    def __add__(self, other):
        return None


@pytest.mark.parametrize(
    ("observer", "message"),
    [
        (Beginner, r"must be an object of class Observer, such as Beginner\(...\) of this class"),
        (Beginner("none"), r"Beginner.start\(\) returns None, which does not add"),
        (Beginner("record"), r"Beginner.start\(\) returns {}, which does not add"),
        (Beginner("dict"), r"Beginner.finish\(\) returns .*: must return a dataset"),
        (Beginner("unnamed"), r"Beginner.finish\(\) writes no variable: name its dimension"),
        (AddsNothing(), "AddsNothing: the sum of two of its records is None"),
    ],
)
def test_what_a_beginner_forgets_of_an_observer_is_named(observer, message):
    with pytest.raises((AssertionError, TypeError), match=message):
        conformance.check_observer(observer, OrnsteinUhlenbeck(), EulerMaruyama(dt=1 / 16), TIMES)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("system", property(lambda self: None), "system is no method: write `def system"),
        ("initial_state", lambda self: [1], r"initial_state\(\) gives \[1\]: must return a dict, {x: 1.0}"),
        ("parameters", lambda self: None, r"parameters\(\) gives None: must return a dict"),
        ("observables", lambda self: {}, "observables is a method: write @property above it"),
        ("observables", {"x": "x"}, "'x' is 'x': must be an expression"),
        ("balances", {"x": sp.Integer(1)}, "balance 'x' is 1: must be a pair"),
        ("poles", 3, r"poles is 3: must be Poles"),
        ("exact", lambda self, times: None, r"exact\(\) gives None: must return a dict of arrays"),
        ("exact", lambda self, times: {"x": 1.0}, r"exact\(\): 'x' has the shape \(\) for one time"),
    ],
)
def test_what_a_beginner_forgets_of_a_model_is_named(name, value, message):
    model = type("Uncertain", (OrnsteinUhlenbeck,), {name: value})()
    with pytest.raises((AssertionError, TypeError), match=f"Uncertain.*{message}"):
        conformance.check_model(model, EulerMaruyama(dt=1 / 64))


def test_a_class_in_place_of_a_model_is_named():
    with pytest.raises(TypeError, match=r"must be an object of class Model, such as OrnsteinUhlenbeck\(...\)"):
        conformance.check_model(OrnsteinUhlenbeck, EulerMaruyama(dt=1 / 64))


class Undeclaring(Integrator):
    """Says nothing of itself."""

    def step(self, f, x, t, dW):
        return x


class Returns(EulerMaruyama):
    """Forgets to return."""

    def step(self, f, x, t, dW):
        _ = x + dW.dt * f.drift(x, t)


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (EulerMaruyama(dt=0.1), "must be a class derived from Integrator, not an object"),
        (Undeclaring, "Undeclaring: class data is missing: write `strong_order"),
        (Returns, "Returns: no step can be made, TypeError: Returns.step returns None"),
    ],
)
def test_what_a_beginner_forgets_of_a_scheme_is_named(scheme, message):
    with pytest.raises((AssertionError, TypeError), match=message):
        conformance.check_integrator(scheme)


class NoRows(DiffusionGauge):
    """Forgets to return."""

    def noise(self, sde):
        _ = sde.noise


@pytest.mark.parametrize(
    ("gauge", "sde", "message"),
    [
        (NoRows, a46(), r"such as NoRows\(...\) of this class"),
        (NoRows(), TavisCummings(10, 10.0), r"must be a system, such as model.system\(\)"),
        (NoRows(), a46(), r"noise\(\) gives None: must return a dict of noise terms"),
    ],
)
def test_what_a_beginner_forgets_of_a_gauge_is_named(gauge, sde, message):
    with pytest.raises(TypeError, match=message):
        conformance.check_gauge(gauge, sde)
