"""What is refused before anything runs, in one line."""

import math
from concurrent.futures import ThreadPoolExecutor
from inspect import Parameter, signature
from typing import Required, get_origin, get_type_hints

import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    parameters,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces import Integrator
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, Trajectories
from sdeframe.running.compose import RunOptions, compose
from tests.support.small_run import MODEL, run


class OnlyReal(Integrator):
    """Takes real noises only."""

    strong_order, weak_order, interpretation = 0.5, 1.0, "ito"
    noise_kinds = frozenset({"real"})

    def step(self, f, x, t, dW):
        return x + dW.dt * f.drift(x, t)


def run_only_real():
    return simulate(MODEL, OnlyReal(dt=0.1), observers=EXCITED, times=[1.0], trajectories=1, seed=1)


q = sp.Symbol("q")
EXCITED = [Moments(excited=MODEL.excited)]

BAD = [
    (lambda: TavisCummings(atoms=0, photons=1.0), "atoms of TavisCummings=0: must be a positive integer"),
    (lambda: TavisCummings(atoms=-3, photons=1.0), "atoms of TavisCummings=-3"),
    (lambda: TavisCummings(atoms=2.5, photons=1.0), "atoms of TavisCummings=2.5"),
    (lambda: TavisCummings(atoms="ten", photons=1.0), "atoms of TavisCummings='ten'"),
    (lambda: TavisCummings(atoms=1, photons=-1.0), "photons of TavisCummings=-1.0: must be a finite"),
    (lambda: TavisCummings(atoms=1, photons=math.nan), "photons of TavisCummings=nan"),
    (lambda: TavisCummings(atoms=1, photons=math.inf), "photons of TavisCummings=inf"),
    (lambda: TavisCummings(atoms=1, photons=1.0, decay=-0.1), "decay of TavisCummings=-0.1"),
    (lambda: TavisCummings(atoms=1, photons=1.0, start="up"), "='up': must be 'ground' or 'excited'"),
    (lambda: TavisCummings(atoms=1, photons=1.0, form="A40"), "form of TavisCummings='A40': must be 'A46' or 'A39'"),
    (lambda: EulerMaruyama(dt=0), "dt=0 in EulerMaruyama: must be a positive finite number"),
    (lambda: EulerMaruyama(dt=-1e-3), "dt=-0.001 in EulerMaruyama"),
    (lambda: EulerMaruyama(dt=math.nan), "dt=nan in EulerMaruyama"),
    (lambda: EulerMaruyama(dt="small"), "dt='small' in EulerMaruyama"),
    (lambda: Runaways(bound=0), "bound=0 in Runaways: must be a positive number"),
    (lambda: Moments(bound=-1.0, x=MODEL.excited), "bound=-1.0 in Moments"),
    (lambda: Runaways(bound=1e200), "1e-150 to 1e150"),
    (lambda: Moments(), "no expression"),
    (lambda: Moments(x="rho_ee"), "x='rho_ee': must be a sympy expression"),
    (lambda: Moments(x=q, x_se=q), "'x_se' is written for 'x'"),
    (lambda: Moments(time=q), "time=...: is the name of a coordinate"),
    (lambda: run(times=[]), "times=[]: must be a plain list of at least one time"),
    (lambda: run(times=[1.0, 0.5]), "times hold 0.5 after 1: they must increase"),
    (lambda: run(times=[0.5, 0.5]), "times hold 0.5 after 0.5"),
    (lambda: run(times=[-1.0, 0.5]), "times begin at -1"),
    (lambda: run(times=[0.0, math.nan]), "times hold nan"),
    (lambda: run(times="soon"), "times='soon': must be increasing numbers"),
    (lambda: run(times=[0.0, 0.03]), "time 0.03 is not a multiple of 0.0125"),
    (lambda: run(times=[0.0, 0.01]), "dt=0.0125 is larger than the output spacing 0.01"),
    (lambda: run(times=[0.0, 0.0125], step_error=True), "twice that for step_error"),
    (lambda: run(trajectories=0), "trajectories=0: must be a positive integer"),
    (lambda: run(trajectories=1.5), "trajectories=1.5"),
    (lambda: run(seed=-1), "seed=-1: must be an integer from 0"),
    (lambda: run(threads=0), "threads=0: must be a positive integer"),
    (lambda: run(block=0), "block=0"),
    (lambda: run(threads=1, executor=ThreadPoolExecutor(1)), "give one of them"),
    (lambda: Trajectories([1.5], x=q), "trajectory_ids=(1.5,): must be at least one integer, each once"),
    (lambda: Trajectories([1, 1], x=q), "trajectory_ids=(1, 1)"),
    (lambda: run(executor="dask"), "executor='dask': must be a concurrent.futures Executor"),
    (lambda: run(observers=[]), "observers=[]: nothing would be recorded"),
    (lambda: run(observers=EXCITED[0]), "must be a list"),
    (lambda: run(observers=["moments"]), "observers hold 'moments'"),
    (lambda: run(observers=EXCITED * 2), "Moments writes 'excited', and so does Moments"),
    (lambda: run(observers=[Moments(alive=MODEL.excited)]), "'alive', and so does the run itself"),
    (lambda: run(observers=[Moments(q=q)]), "Moments expression q: q has no value here"),
    (lambda: run(observers=[Moments(q=sp.gamma(MODEL.excited))]), "gamma in gamma(rho_ee) is not supported"),
    (lambda: run(observers=[Trajectories([2_000], e=MODEL.excited)]), "trajectory 2000: the run has"),
    (lambda: run(observers=[Trajectories([i], **{f"e{i}": MODEL.excited}) for i in (0, 1)]), "one observer all of"),
    (lambda: run(gauge="identity"), "gauge='identity': must be an object of class Gauge"),
    (lambda: run_only_real(), "OnlyReal takes real noises only, but F of TavisCummings is complex"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_models_are_named():
    x, W, F, k = real_variables("x"), real_noises("W"), complex_noises("F"), parameters("k", positive=True)
    sde = SDE(drift={x: -k * x}, noise={x: W})
    cases = [
        (SymbolicModel(sde, initial={}, parameters={k: 1}), "variable x has no initial value"),
        (SymbolicModel(sde, initial={x: 0}), "parameter k has no value"),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: -1}), "parameter k=-1: must be positive"),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: "one"}), "parameter k='one': must be a real number"),
        (SymbolicModel(sde, initial={x: sp.I}, parameters={k: 1}), "of the real variable x is not real"),
        (SymbolicModel(sde, initial={x: sp.sqrt(-k)}, parameters={k: 1}), "of the real variable x is not real"),
        (SymbolicModel(sde, initial={x: sp.sqrt(random_normal("a"))}, parameters={k: 1}), "x is not real: take re"),
        (SymbolicModel(sde, initial={x: math.nan}, parameters={k: 1}), "initial value of x is nan: give finite"),
        (SymbolicModel(sde, initial={x: 1 / (k - 1)}, parameters={k: 1}), "of x is zoo: must be finite"),
        (SymbolicModel(sde, initial={x: random_normal("k")}, parameters={k: 1}), "another symbol has this name"),
        (
            SymbolicModel(sde, initial={x: random_normal("a") + random_uniform("a")}, parameters={k: 1}),
            "another symbol",
        ),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: 1}, initial_log_weight=5), "initial value of C0"),
        (SymbolicModel(sde, initial={x: F}, parameters={k: 1}), "initial value of x holds F"),
        (SymbolicModel(sde, initial={x: "0"}, parameters={k: 1}), "give a number or an expression"),
        (SymbolicModel(sde, initial={x: 0, q: 1}, parameters={k: 1}), "initial value of q: the system has no such"),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: 1}, runaway_variables=(q,)), "runaway variable q"),
    ]
    for model, message in cases:
        with pytest.raises((ValueError, TypeError), match=message):
            simulate(model, EulerMaruyama(dt=0.1), observers=[Moments(x=x)], times=[1.0], trajectories=1, seed=1)


def test_a_run_has_one_signature():
    """What `cached_run` and `sweep` pass on is what `simulate` and `compose` take, of the same type."""
    options = get_type_hints(RunOptions)
    required = {
        n for n, kind in get_type_hints(RunOptions, include_extras=True).items() if get_origin(kind) is Required
    }
    for function in (simulate, compose):
        given = signature(function).parameters
        hints = get_type_hints(function)
        assert {name: hints[name] for name in options} == options
        assert {name for name in options if given[name].default is Parameter.empty} == required
        assert all(given[name].kind is Parameter.KEYWORD_ONLY for name in options)
