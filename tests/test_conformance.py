"""The shipped checks pass on every registered plugin, and each of them fails on a bad one."""

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr

from sdeframe import SDE, conformance, registry
from sdeframe.gauge import Gauge
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observer import Observer
from sdeframe.observers import Moments, Runaways, Trajectories
from tests.paper_forms import a39, a46

MODELS = {
    "tavis-cummings": [TavisCummings(10, 10.0), TavisCummings(10, 10.0, start="excited", form="A39")],
    "ornstein-uhlenbeck": [OrnsteinUhlenbeck(rate=0.7, strength=1.3, start=1.0)],
    "geometric-brownian-motion": [registry.find("models", "geometric-brownian-motion")()],
}
OBSERVERS = {
    "moments": Moments(excited=TavisCummings(10, 10.0).excited),
    "runaways": Runaways(bound=2.0),
    "trajectories": Trajectories([5, 250], path=TavisCummings(10, 10.0).excited),
}


def test_every_registered_plugin_is_tested_here():
    assert set(MODELS) == set(registry.names("models"))
    assert set(OBSERVERS) == set(registry.names("observers"))


@pytest.mark.parametrize("model", [m for models in MODELS.values() for m in models], ids=str)
def test_models(model):
    conformance.check_model(model, StochasticRK2(dt=1 / 64))


@pytest.mark.parametrize("name", registry.names("integrators"))
def test_integrators(name):
    conformance.check_integrator(registry.find("integrators", name))


@pytest.mark.parametrize("name", registry.names("gauges"))
@pytest.mark.parametrize("form", [a39, a46])
def test_gauges(name, form):
    conformance.check_gauge(registry.find("gauges", name)(), form())


@pytest.mark.parametrize("observer", OBSERVERS.values(), ids=OBSERVERS)
def test_observers(observer):
    conformance.check_observer(observer, TavisCummings(10, 10.0), StochasticRK2(dt=0.05), [0.0, 2.0, 4.0])


class SharedSign(StochasticRK2):
    """The obvious reading of the scheme, which converges to another process."""

    def step(self, f, x, t, dW):
        shared = np.array([dW.signs[0]] * len(dW.signs), dtype=dW.path.dtype)
        K1 = dW.dt * f.drift(x, t) + f.noise(x, t, dW.path - shared)
        K2 = dW.dt * f.drift(x + K1, t) + f.noise(x + K1, t, dW.path + shared)
        return x + (K1 + K2) / 2


def test_a_shared_sign_is_caught():
    with pytest.raises(AssertionError, match="SharedSign, real noises"):
        conformance.check_integrator(SharedSign)


class WrongCalculus(EulerMaruyama):
    """Says that it converges to the Stratonovich solution, and does not."""

    interpretation = "stratonovich"


def test_a_wrong_calculus_is_caught():
    with pytest.raises(AssertionError, match="WrongCalculus"):
        conformance.check_integrator(WrongCalculus)


@attrs.frozen
class Wrong(OrnsteinUhlenbeck):
    """An Ornstein-Uhlenbeck process that says something wrong of itself."""

    fault: str = ""

    @property
    def balances(self):
        x = self.observables["x"]
        return {"x": (x, x)} if self.fault == "balance" else {}

    @property
    def invariants(self):
        return {"x": self.observables["x"]} if self.fault == "invariant" else {}

    def exact(self, times):
        return {"x": np.ones(1), "x_squared": np.ones(1)} if self.fault == "exact" else {}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("balance", "balance 'x': L f is"),
        ("invariant", "invariant 'x' drifts"),
        ("exact", "x: real part"),
        ("", "without an"),
    ],
)
def test_a_wrong_model_is_caught(fault, message):
    with pytest.raises(AssertionError, match=message):
        conformance.check_model(Wrong(start=1.0, fault=fault), EulerMaruyama(dt=1 / 64))


class Shifts(Gauge):
    """Changes the drift and keeps no weight."""

    def transform(self, sde):
        drift = {x: e + 1 for x, e in sde.drift.items()}
        return SDE(drift=drift, noise=dict(sde.noise))


def test_a_gauge_that_changes_averages_is_caught():
    with pytest.raises(AssertionError, match="fails for f = A"):
        conformance.check_gauge(Shifts(), a46())


class RunningSum(Observer):
    """Adds numbers in the order in which they come."""

    def start(self, ensemble):
        return np.zeros(len(ensemble.times))

    def update(self, record, snapshot):
        record[snapshot.index] += np.sum(snapshot.state[2].real ** 3)

    def finish(self, record):
        return xr.Dataset({"sum": ("time", record)})


def test_a_sum_that_depends_on_blocks_is_caught():
    with pytest.raises(AssertionError, match="blocks of 7 give another dataset"):
        conformance.check_observer(RunningSum(), TavisCummings(10, 10.0), StochasticRK2(dt=0.05), [0.5, 1.0, 1.5, 2.0])


def test_the_law_of_a_gauge_sees_the_weight():
    sde = a46()
    noise = {x: e for x, e in sde.noise.items() if e != 0}
    weighted = SDE(drift=dict(sde.drift), noise=noise, log_weight=(sp.Integer(1), 0))

    class Adds(Gauge):
        def transform(self, sde):
            return weighted

    with pytest.raises(AssertionError, match="fails for f = A"):
        conformance.check_gauge(Adds(), sde)
