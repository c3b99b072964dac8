"""Each shipped check fails on a plugin that is wrong."""

from contextlib import contextmanager

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr

from sdeframe import SDE, Model, SolvableModel, conformance, log_weight, poisson_noises, real_noises, real_variables
from sdeframe.compiled.program import Value
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.interfaces.filing import Filing
from sdeframe.interfaces.gauge import Gauge
from sdeframe.interfaces.observer import Observer
from sdeframe.models import (
    OrnsteinUhlenbeck,
    TavisCummings,
)
from tests.support.paper_forms import a46


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


class OneSignPerNoise(StochasticRK2):
    """Gives the real and the imaginary part of a complex noise one sign."""

    def step(self, f, x, t, dW):
        shared = np.array([self._shared(s) for s in dW.signs], dtype=dW.path.dtype)
        K1 = dW.dt * f.drift(x, t) + f.noise(x, t, dW.path - shared)
        K2 = dW.dt * f.drift(x + K1, t) + f.noise(x + K1, t, dW.path + shared)
        return x + (K1 + K2) / 2

    @staticmethod
    def _shared(sign):
        if isinstance(sign, Value):
            return sign if sign.is_real else Value(sign.real_node, sign.real_node)
        return (1 + 1j) * sign.real if np.iscomplexobj(sign) else sign


@pytest.mark.long
def test_one_sign_per_complex_noise_is_caught():
    with pytest.raises(AssertionError, match=r"OneSignPerNoise, complex noises, .* near 0 means to another process"):
        conformance.check_integrator(OneSignPerNoise)


class NoDrift(EulerMaruyama):
    """Forgets the drift."""

    def step(self, f, x, t, dW):
        return x + f.noise(x, t, dW.path)


class OwnStep(EulerMaruyama):
    """Takes the step from itself, which is wrong in the coarse run."""

    def step(self, f, x, t, dW):
        return x + self.dt * f.drift(x, t) + f.noise(x, t, dW.path)


class Undeclared(StochasticRK2):
    """Does not say that it needs signs."""

    signs = False


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (NoDrift, "NoDrift, real noises, Gaussian: <xx> converges with order"),
        (OwnStep, "with dW.dt as the step"),
        (Undeclared, "declare `signs"),
    ],
)
def test_a_wrong_step_is_caught(scheme, message):
    with pytest.raises(AssertionError, match=message):
        conformance.check_integrator(scheme)


class SignsMultiply(StochasticRK2):
    """Says that its signs stand beside path increments only."""

    signs_multiply_path = True


def test_signs_that_stand_alone_are_caught():
    with pytest.raises(AssertionError, match=r"SignsMultiply.*: signs_multiply_path is True, but signs decide where"):
        conformance.check_integrator(SignsMultiply)


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
    def runaway_variables(self):
        return (real_variables("q"),) if self.fault == "runaway" else super().runaway_variables

    def initial_state(self):
        return {} if self.fault == "initial" else super().initial_state()

    def parameters(self):
        return {} if self.fault == "parameter" else super().parameters()

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
        ("runaway", "runaway variable q"),
        ("initial", "variable x has no initial value"),
        ("parameter", "parameter sigma has no value"),
        ("exact", "x: real part"),
        ("", r"observables are .*exact\(\) gives \[\]"),
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


class Drifting(Model):
    """Calls constant what drifts slowly without noise."""

    def system(self):
        x, W = real_variables("x w"), real_noises("W")
        return SDE(drift={x[0]: sp.Rational(1, 10**9), x[1]: 0}, noise={x[1]: W})

    def initial_state(self):
        return dict.fromkeys(real_variables("x w"), sp.Integer(0))

    def parameters(self):
        return {}

    @property
    def invariants(self):
        return {"x": real_variables("x")}


def test_a_slow_drift_without_noise_is_caught():
    with pytest.raises(AssertionError, match="invariant 'x' has no noise, but the drift 1/1000000000"):
        conformance.check_model(Drifting(), EulerMaruyama(dt=1 / 64))


class OnlyWhenFull(Observer):
    """Writes another name where there is nothing to write."""

    def start(self, ensemble):
        return np.zeros(len(ensemble.times))

    def update(self, record, snapshot):
        record[snapshot.index] += snapshot.alive.sum()

    def finish(self, record):
        return xr.Dataset({"count" if record.any() else "nothing": ("time", record)})


def test_a_name_that_comes_and_goes_is_caught():
    with pytest.raises(AssertionError, match=r"\['count', 'nothing'\] is written for no or for all"):
        conformance.check_observer(OnlyWhenFull(), TavisCummings(10, 10.0), StochasticRK2(dt=0.05), [0.0, 2.0])


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


TIMES = [1.0, 2.0]


class Mean(Observer):
    """A mean of expressions that are added up exactly, with a fault."""

    def __init__(self, fault=""):
        self.fault, self.kept = fault, []

    def start(self, ensemble):
        self.kept = []
        if self.fault == "" and log_weight in ensemble.variables:
            raise ValueError("Mean: takes no weights")
        if self.fault == "balance" and ensemble.replicate_size > 1:
            raise ValueError("not this way")
        if self.fault == "weight" and log_weight in ensemble.variables:
            raise ValueError("not this way")
        return Counts(np.zeros((2, len(ensemble.times)), dtype=int), [])

    def update(self, record, snapshot):
        record.counts[:, snapshot.index] += snapshot.alive.sum(), (snapshot.state[0].real > 0.1).sum()
        if self.fault == "holds":
            record.kept.append(snapshot.state.copy())
        if self.fault == "flags":
            record.kept = [(snapshot.state[0].real > 0).astype(np.int8)]
        if self.fault == "itself":
            self.kept = [*self.kept, snapshot.state.copy()]
        if self.fault == "lambda":
            record.kept = lambda: None

    def finish(self, record):
        n, above = record.counts
        with np.errstate(invalid="ignore"):
            share = above / n
        if self.fault == "shape" and n.any():
            share = share[:1]
        return xr.Dataset({"share": ("t", share), "share_se": ("t", np.sqrt(share))})


@attrs.define
class Counts:
    counts: np.ndarray
    kept: object

    def __add__(self, other):
        return Counts(self.counts + other.counts, self.kept or other.kept)


class Knowing(Mean):
    """Says that its errors are right where trajectories are tied."""

    knows_replicates = True


class Bounded(Knowing):
    """Tells an interval in place of an error."""

    def finish(self, record):
        found = super().finish(record)
        return found[["share"]].assign(share_low=found["share"] - found["share_se"])


class Greedy(Mean):
    """Adds to itself."""

    def start(self, ensemble):
        record = super().start(ensemble)
        return Adding(record.counts, record.kept)


class Adding(Counts):
    def __add__(self, other):
        self.counts += other.counts
        return self


class First(Mean):
    """Keeps what came first."""

    def start(self, ensemble):
        record = super().start(ensemble)
        return Earliest(record.counts, record.kept)


class Earliest(Counts):
    def __add__(self, other):
        return Earliest(self.counts if self.counts.any() else other.counts, [])


@pytest.mark.parametrize(
    ("observer", "message"),
    [
        (Mean("shape"), "'share' has the shape {'t': 2} for no trajectories, else {'t': 1}"),
        (First(), "blocks of 7 give another dataset"),
        (Greedy(), "adding changes what is added"),
        (Mean("lambda"), "no checkpoint can hold what it keeps: record.kept is a function"),
        (Mean("holds"), r"keeps \d+ bytes of a block of 256 trajectories and \d+ of one of 16384: sum what "),
        (Mean("flags"), r"keeps \d+ bytes of a block of 256 trajectories"),
        (Mean("itself"), r"keeps \d+ bytes of 256 trajectories on itself, which no other process sees"),
        (Knowing(), "knows_replicates is True, but share_se cannot be right where trajectories are tied"),
        (Bounded(), "knows_replicates is True, but share_low cannot be right where trajectories are tied"),
        (Mean("balance"), "is refused balanced trajectories, but not by name: not this way"),
        (Mean("weight"), "refuses weights, but not by name: not this way"),
        (Mean("weightless"), "share is the same whatever the weights: weigh trajectories"),
    ],
)
def test_a_wrong_observer_is_caught(observer, message):
    with pytest.raises(AssertionError, match=message):
        conformance.check_observer(observer, OrnsteinUhlenbeck(), EulerMaruyama(dt=1 / 16), TIMES)


class Kept(Mean, Filing):
    """Writes a file, and keeps what it has written."""

    file = "kept"

    def __init__(self):
        super().__init__("holds")

    @contextmanager
    def opened(self, ensemble, about):
        yield lambda record: record


def test_an_observer_that_keeps_what_it_files_is_caught():
    with pytest.raises(AssertionError, match=r"and \d+ of one of 16384: sum what"):
        conformance.check_observer(Kept(), OrnsteinUhlenbeck(), EulerMaruyama(dt=1 / 16), TIMES)


def test_an_observer_without_these_faults_passes():
    conformance.check_observer(Mean(), OrnsteinUhlenbeck(), EulerMaruyama(dt=1 / 16), TIMES)


def test_the_law_of_a_gauge_sees_the_weight():
    sde = a46()
    noise = {x: e for x, e in sde.noise.items() if e != 0}
    weighted = SDE(drift=dict(sde.drift), noise=noise, log_weight=(sp.Integer(1), 0))

    class Adds(Gauge):
        def transform(self, sde):
            return weighted

    with pytest.raises(AssertionError, match="fails for f = 1"):
        conformance.check_gauge(Adds(), sde)


left, right = real_variables("left right")
HOP = poisson_noises("N", rate=2 * left, bound=20)


@attrs.frozen
class Hopping(SolvableModel):
    """Ten particles that hop from the left to the right, one by one."""

    arrives: int = 1
    lost: int = 2

    def system(self):
        return SDE({left: 0, right: 0}, jumps={HOP: {left: -1, right: self.arrives}})

    def initial_state(self):
        return {left: 10, right: 0}

    def parameters(self):
        return {}

    @property
    def observables(self):
        return {"left": left}

    @property
    def balances(self):
        return {"left": (left, -self.lost * left)}

    @property
    def invariants(self):
        return {"all": left + right}

    def exact(self, times):
        return {"left": 10 * np.exp(-2 * times)}


@pytest.mark.long
def test_models_with_jumps_pass_and_their_faults_are_caught():
    conformance.check_model(Hopping(), EulerMaruyama(1 / 8))
    with pytest.raises(AssertionError, match=r"invariant 'all' jumps with N, by 1"):
        conformance.check_model(Hopping(arrives=2), EulerMaruyama(1 / 8))
    with pytest.raises(AssertionError, match=r"balance 'left': L f is -2\*left"):
        conformance.check_model(Hopping(lost=3), EulerMaruyama(1 / 8))
