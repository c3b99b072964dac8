"""Input that looks like something else: refused in one line, where it was taken or ended in another error."""

import datetime

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, Poles, SymbolicModel, choose_dt, parameters, real_noises, real_variables, simulate
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, derive
from sdeframe.gauges import Chain, QuarticDrift
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces import Gauge, Identity
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Trajectories

x, q, W, k = *real_variables("x q"), real_noises("W"), parameters("k")
SYSTEM = SDE({x: -k * x / 2}, {x: W})
a, atoms = Boson("a"), Emitters("rho", levels="ge")
MASTER = Master(k * a.dag() * a)


def model(value=1.0, **settings):
    return SymbolicModel(SYSTEM, {x: 1}, parameters={k: value}, **settings)


def run(given=None, integrator=None, **changes):
    settings = {"observers": [Moments(x=x)], "times": [1.0], "trajectories": 2, "seed": 1, "progress": False}
    return simulate(given or model(), integrator or EulerMaruyama(dt=0.25), **settings | changes)


class Gives(Gauge):
    """Gives something that is no system."""

    def __init__(self, found):
        self.found = found

    def transform(self, sde):
        return self.found


def stepping(step):
    """Return a scheme whose step is a function of the state."""

    class Odd(EulerMaruyama):
        def step(self, f, x, t, dW):
            return step(x)

    return Odd(dt=0.25)


class NoSystem(OrnsteinUhlenbeck):
    """Has no equations."""

    def system(self):
        return 3


BAD = [
    (lambda: run(step_error="no"), "step_error='no': must be True or False"),
    (lambda: run(step_error=1), "step_error=1: must be True or False"),
    (lambda: run(progress="no"), "progress='no': must be True or False"),
    (lambda: run(times=["1"]), "times=['1']: must be increasing numbers"),
    (lambda: run(times=[True]), "times=[True]: must be increasing numbers"),
    (lambda: run(times=[0.5, True]), "times=[0.5, True]: must be increasing numbers"),
    (lambda: run(times=np.array([True])), "must be increasing numbers"),
    (lambda: run(times=[datetime.datetime(2026, 1, 1)]), "must be increasing numbers"),
    (lambda: run(times=np.array(["2026-01-01"], dtype="datetime64[s]")), "must be increasing numbers"),
    (lambda: run(times=np.array([1], dtype="timedelta64[s]")), "must be increasing numbers"),
    (lambda: run(times=[[1.0], [2.0, 3.0]]), "must be increasing numbers"),
    (lambda: run(times=[10**400]), "must be increasing numbers"),
    (lambda: run(trajectories=10**400), "must be a positive integer, below 2**63"),
    (lambda: run(model(True)), "parameter k=True: must be a real number"),
    (lambda: run(model(np.bool_(True))), "parameter k=True: must be a real number"),
    (lambda: run(model("1")), "parameter k='1': must be a real number"),
    (lambda: run(model(10**400)), "must be finite"),
    (lambda: run(model(runaway_variables=("x",))), "runaway variable 'x': the system has only x"),
    (lambda: run(SymbolicModel(SYSTEM, {"x": 1}, {k: 1})), "'x': the system has no such variable, only x; give the sy"),
    (lambda: Moments(z=float("nan")), "z=... is nan: give finite"),
    (lambda: Trajectories(3, x=x), "trajectory_ids=3: must be at least one integer"),
    (lambda: SymbolicModel(sde=3, initial={}), "sde=3 in SymbolicModel: must be like SDE("),
    (lambda: SymbolicModel(SYSTEM, 3), "initial=3 in SymbolicModel: must be like {x: 1.0}"),
    (lambda: SymbolicModel(SYSTEM, {}, parameters=3), "parameters=3 in SymbolicModel: must be like {k: 1.0}"),
    (lambda: SymbolicModel(SYSTEM, {}, runaway_variables=x), "runaway_variables=x in SymbolicModel: must be like (x,)"),
    (lambda: SymbolicModel(SYSTEM, {}, poles=3), "poles=3 in SymbolicModel: must be like Poles("),
    (lambda: Poles(strongest=3), "strongest=3 in Poles: must be a list of expressions"),
    (lambda: run(SYSTEM), "such as SymbolicModel(sde, initial={x: 1.0}, parameters={k: 1.0}) of this system"),
    (lambda: run(MASTER), 'QuantumModel(master, PositiveP(), start={a: 0}, parameters={...}, observables={"n": a.d'),
    (lambda: run(derive(MASTER, PositiveP())), "such as QuantumModel(master, PositiveP(), start={a: 0}"),
    (lambda: run(Master(k * atoms.sum("ee"))), 'such as QuantumModel(master, PositiveP(), start={rho: "g"}'),
    (lambda: run(OrnsteinUhlenbeck), "such as OrnsteinUhlenbeck(...) of this class"),
    (lambda: run(NoSystem()), "gives 3: its system() must return an SDE"),
    (lambda: run(gauge=Gives(None)), "gives None: its transform must return an SDE"),
    (lambda: run(gauge=Chain(Gives(None), Identity())), "gives None: its transform must return an SDE"),
    (lambda: run(integrator=stepping(lambda x: None)), "Odd.step returns None: it must return a vector like x"),
    (lambda: run(integrator=stepping(lambda x: x[:0])), "one entry for each of the 1 variables"),
    (lambda: run(integrator=stepping(lambda x: np.concatenate([x, x]))), "one entry for each of the 1 variables"),
    (lambda: run(integrator=stepping(lambda x: "x")), "Odd.step returns 'x'"),
    (lambda: run(integrator=stepping(lambda x: ["x"])), "Odd.step returns ['x']"),
    (lambda: choose_dt(3, EulerMaruyama(0.25), 0.1, times=[1.0]), "model=3: must be an object of class Model"),
    (lambda: choose_dt(model(), 3, 0.1, times=[1.0], x=x), "integrator=3: must be an object of class Integrator"),
    (lambda: choose_dt(model(), EulerMaruyama(0.25), "a", times=[1.0], x=x), "tolerance='a': must be a positive"),
    (lambda: run().replay([0], window=3), "window=3: must be a first and a last time"),
    (lambda: run().runaway_time("a"), "share='a': must be above 0"),
    (lambda: EulerMaruyama(dt=np.float64(-0.025)), "dt=-0.025 in EulerMaruyama"),
    (lambda: EulerMaruyama(dt=10**400), "... in EulerMaruyama: must be a positive finite number"),
    (lambda: TavisCummings(10, np.float64(-1.0)), "photons of TavisCummings=-1.0"),
    (lambda: run(times=[0.03], integrator=EulerMaruyama(dt=np.float64(0.025))), "such as dt=0.015"),
    (lambda: run(times=[0.5], integrator=EulerMaruyama(dt=0.03)), "such as dt=0.025"),
    (lambda: run(times=[1 / 6], integrator=EulerMaruyama(dt=0.02)), "such as dt=1/54"),
    (lambda: run(observers=Moments(x=x)), "must be a list, such as [Moments(...)]"),
    (lambda: Master(a.dag), "or call it, as in dag()"),
    (lambda: Master(a.dag() * a, [0.5 * a]), "of a rate and an operator, such as (1, 1/2*a)"),
    (lambda: run(times=[0.5], integrator=EulerMaruyama(dt=0.06), step_error=True), "such as dt=0.05"),
    (lambda: run(observers=[Moments(y=q * sp.Rational(-1, 2) * x)]), "q has no value here: known are x, k, t"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_odd_input_is_refused_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError)) as refusal:
        call()
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "np.float64" not in str(refusal.value)


def test_known_symbols_are_symbols():
    with pytest.raises(ValueError, match="q has no value here") as refusal:
        run(observers=[Moments(y=-x / 2 + sp.sqrt(2) * k + x * q)])
    assert str(refusal.value).endswith("known are x, k, t")


@pytest.mark.parametrize("times", [(0.5, 1), np.array([0.5, 1.0]), range(1, 3), [sp.Rational(1, 2), 1], np.int64([1])])
def test_numbers_of_any_kind_are_times(times):
    assert run(times=times).dataset["time"].values.tolist() == [float(t) for t in times]


@pytest.mark.parametrize("value", [1, 1.0, np.float32(1), np.int64(1), sp.Integer(1), sp.pi / sp.pi])
def test_numbers_of_any_kind_are_parameters(value):
    assert run(model(value)).dataset.attrs["parameter_k"] == 1.0


def test_a_step_may_return_plain_numbers():
    assert run(integrator=stepping(lambda x: [2])).dataset["x"].values[0] == 2


def test_numbers_of_numpy_are_written_as_plain_ones():
    observers = [Moments(y=OrnsteinUhlenbeck().observables["x"])]
    result = run(OrnsteinUhlenbeck(np.float64(1.5)), EulerMaruyama(dt=np.float64(0.125)), observers=observers)
    assert type(result.problem.integrator.dt) is float
    assert "rate=1.5" in str(result.dataset.attrs)
    assert not [key for key, value in result.dataset.attrs.items() if "np.float64" in str(value)]


def test_a_gauge_that_is_made_for_another_model_is_refused():
    with pytest.raises(
        ValueError, match=r"QuarticDrift.* does not fit this system: no variable 'A'.*gauge=Identity\(\)"
    ):
        run(gauge=QuarticDrift())
