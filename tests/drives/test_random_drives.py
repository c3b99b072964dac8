"""Random numbers in drift and noise: one a trajectory, the same wherever its name stands."""

import pickle

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    QuantumModel,
    SymbolicModel,
    complex_variables,
    random_normal,
    random_uniform,
    real_variables,
    sampled,
    simulate,
    time,
)
from sdeframe.derivation import Boson, Coherent, Master, PositiveP
from sdeframe.integrators import RK4, W2S4
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.observers import Moments

TIMES = np.linspace(0, 10, 201)
eps = sampled("eps", times=TIMES, values=np.exp(-((TIMES - 5) ** 2) / 2), outside=0)
a = complex_variables("a")
amp, delay = random_normal("amp delay")
phase = random_uniform("phase")


def test_amplitude_phase_and_delay_are_drawn_once_a_trajectory():
    """Each path is that of the numbers that it was drawn with, in the initial value as in the drift."""
    drive = (1 + amp / 5) * sp.exp(2 * sp.pi * sp.I * phase) * eps(time - delay / 2)
    model = pickle.loads(pickle.dumps(SymbolicModel(SDE(drift={a: -a / 2 - sp.I * drive}), {a: amp})))
    result = simulate(
        model, RK4(dt=0.05), observers=[Moments(a=a)], times=[0, 5], trajectories=4, seed=1
    )  # fmt: skip
    path = result.replay(2)
    numbers = {name: complex(path[name].values.ravel()[0]) for name in ("amp", "delay", "phase")}
    assert abs(numbers["amp"]) != abs(numbers["delay"])
    known = {amp: numbers["amp"].real, delay: numbers["delay"].real, phase: numbers["phase"].real}
    same = SymbolicModel(SDE(drift={a: -a / 2 - sp.I * drive.subs(known)}), {a: known[amp]})
    alone = simulate(same, RK4(dt=0.05), observers=[Moments(a=a)], times=[0, 5], trajectories=1, seed=1)
    np.testing.assert_allclose(path["a"].values.ravel()[[0, -1]], alone.dataset["a"].values, atol=1e-9)


def test_a_master_equation_with_a_random_drive():
    """<n> = <amp²> |a|² by the sample's own <amp²>, as a cavity is linear; a density matrix knows no random numbers."""
    mode = Boson("a")
    master = Master(amp * eps(time) * (mode + mode.dag()), loss=[(1, mode)])
    model = QuantumModel(master, PositiveP(), start={mode: 0}, observables={"n": mode.dag() * mode})
    square = model.system()["amp"] ** 2
    observers = [Moments(square=square, **model.observables)]
    found = simulate(model, W2S4(dt=0.05), observers=observers, times=[5], trajectories=200, seed=1).dataset
    assert found["n"].values[0] / found["square"].values[0] == pytest.approx(0.876364**2, abs=2e-4)
    with pytest.raises(ValueError, match=r"amp in the coefficient .* is random"):
        model.exact([5])


@pytest.mark.parametrize("chirp", [0, 0.3j])
def test_the_exact_solution_sees_the_same_table(chirp):
    """A coherent state stays one: <n> = |α|² with the table's own α, and a rate that is a drive."""
    drive = sampled("f", times=TIMES, values=np.exp(-((TIMES - 2) ** 2) + chirp * TIMES**2))
    mode = Boson("a")
    H = drive(time) * mode.dag() + sp.conjugate(drive(time)) * mode
    master = Master(H, loss=[(eps(time) ** 2, mode)])
    model = QuantumModel(master, PositiveP(), start={mode: Coherent(0.5)}, observables={"n": mode.dag() * mode})
    run = simulate(model, RK4(dt=0.025), observers=[Moments(**model.observables)], times=[2, 8], trajectories=1, seed=1)
    np.testing.assert_allclose(run.dataset["n"].values, model.exact([2, 8])["n"], atol=2e-6)
    with pytest.raises(ValueError, match="known from 0 to 10 and needed from 0 to 11"):
        model.exact([11])


def test_a_random_number_has_a_variable_of_its_name():
    sde = SDE(drift={a: -amp * a})
    assert sde["amp"].start == amp
    assert sde.drift[sde["amp"]] == 0
    with pytest.raises(ValueError, match=r"has a variable of this name, system\['amp'\]"):
        sde.generator(amp * a)
    with pytest.raises(ValueError, match="two symbols are named amp"):
        SDE(drift={a: -amp * a, complex_variables("amp"): 0})


def test_a_program_in_chunks_reads_tables_too():
    """68 functions of the state in a step, which no loop holds at once, with drives at places of their own."""
    x = real_variables("x:17")
    rows = {u: sp.sin(u) * eps(time - delay / 4 - u / 9) + eps(time) / (k + 1) for k, u in enumerate(x)}
    model = SymbolicModel(SDE(drift=rows), {u: k / 17 for k, u in enumerate(x)})
    result = simulate(model, RK4(dt=0.5), observers=[Moments(x=x[16])], times=[4.5, 5], trajectories=3, seed=4)
    path = result.replay(1)
    state = np.array([path[v.name].values.ravel() for v in result.problem.sde.state])
    system = EagerSystem(result.problem.sde)
    expected = RK4(dt=0.5).step(system, state[:, 9:10], 4.5, Increments(0.5, np.zeros((0, 1)), None))
    np.testing.assert_allclose(state[:, 10], expected[:, 0], rtol=1e-8)  # steps see times moved within them
