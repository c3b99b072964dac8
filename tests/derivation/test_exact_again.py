"""Exact averages that were known before, their cutoffs, and the exponential that makes them."""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import expm

from sdeframe import QuantumModel, clear_caches, parameters
from sdeframe.derivation import Boson, Coherent, Emitters, Master, PositiveP, exact_means
from sdeframe.derivation.exact import solver
from sdeframe.derivation.exact.exponential import FULL, Exponential

F = parameters("F")
loss = parameters("loss", positive=True)
a, at = Boson("a"), Emitters("rho", levels="ge")
MASTER = Master(F * (a + a.dag()), [(loss, a)])
NUMBER = {"n": a.dag() * a}
TIMES = np.linspace(0, 1, 3)


@pytest.fixture
def solved(monkeypatch):
    """Give the cutoffs of what is solved from now on."""
    clear_caches()
    found, solve = [], solver._solve

    def noted(system, *rest):
        found.append(system.cutoffs.copy())
        return solve(system, *rest)

    monkeypatch.setattr(solver, "_solve", noted)
    yield found
    clear_caches()


def model(amplitude=1.0):
    values = {"F": 0.3, "loss": 1.0}
    return QuantumModel(MASTER, PositiveP(), start={a: amplitude}, parameters=values, observables=NUMBER)


def test_equal_questions_are_solved_once(solved):
    first = model().exact(TIMES)["n"]
    searched = len(solved)
    assert searched > 1
    again = model().exact(TIMES.tolist())["n"]
    assert model().cutoffs(TIMES) == solved[-1]
    assert len(solved) == searched
    assert (first == again).all()
    again[:] = 0  # whoever changes what was returned changes nothing else
    assert (model().exact(TIMES)["n"] == first).all()
    model(1.5).exact(TIMES)
    model().exact(TIMES[:2])
    assert len(solved) > searched
    clear_caches()
    model().exact(TIMES)
    assert solved[-1] == solved[searched - 1]


@pytest.mark.parametrize("state", [np.diag([0.25, 0.75]), np.diag([0.75, 0.25])])
def test_states_that_are_arrays_are_told_apart(solved, state):
    master = Master(F * at.sum("ee"), [(loss, at.each("ge"))])
    found = exact_means(master, {"e": at.sum("ee")}, {at: state}, [0.0], {F: 1.0, loss: 1.0})
    assert abs(found["e"][0] - state[1, 1]) < 1e-12
    exact_means(master, {"e": at.sum("ee")}, {at: state.copy()}, [0.0], {F: 1.0, loss: 1.0})
    assert len(solved) == 1


def test_cutoffs_that_are_given_are_those_that_are_told():
    told = solver.exact_solution(MASTER, NUMBER, {a: Coherent(0)}, [0.0], {F: 0.0, loss: 1.0}, cutoffs={a: 9}).cutoffs
    assert told == {"a": 9}


def test_wrong_arguments_are_refused_as_ever():
    with pytest.raises(ValueError, match="tolerance=-1"):
        exact_means(MASTER, NUMBER, {a: Coherent(0)}, [0.0], {F: 0.0, loss: 1.0}, tolerance=-1)
    with pytest.raises(ValueError, match="tolerance=\\[1\\]"):
        exact_means(MASTER, NUMBER, {a: Coherent(0)}, [0.0], {F: 0.0, loss: 1.0}, tolerance=[1])
    with pytest.raises(TypeError, match="values="):
        exact_means(MASTER, NUMBER, {a: Coherent(0)}, [0.0], [1.0])


@pytest.mark.parametrize("size", [FULL, 3 * FULL])
@pytest.mark.parametrize("t", [1e-6, 0.3, 40.0])
def test_the_exponential_is_that_of_full_matrices(size, t):
    """Of a damped oscillator in number states, whose norm is far above that of what the vector sees."""
    n = np.arange(size)
    H = 0.7 * (np.diag(np.sqrt(n[1:]), 1) + np.diag(np.sqrt(n[1:]), -1)) + np.diag(0.3 * n)
    M = -1j * H - np.diag(0.2 * n)
    vector = np.exp(-0.5 * n) * (1 + 0.5j)
    exact = expm(M * t) @ vector
    assert np.abs(Exponential(sparse.csr_array(M))(t, vector) - exact).max() < 1e-11 * np.abs(vector).max()


def test_the_exponential_of_nothing_is_one():
    M = sparse.csr_array((2 * FULL, 2 * FULL), dtype=complex)
    vector = np.ones(2 * FULL, dtype=complex)
    assert (Exponential(M)(3.0, vector) == vector).all()
    assert (Exponential(M)(3.0, 0 * vector) == 0).all()
