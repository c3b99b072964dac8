"""The same problem in QuTiP: its averages are the exact ones."""

import builtins

import numpy as np
import pytest
import qutip
import sympy as sp

from sdeframe import QuantumModel, complex_parameters, parameters, time
from sdeframe.derivation import Boson, Emitters, Fock, Master, PositiveP, Thermal, TwoModeSqueezed

g = parameters("g")
kappa, gamma = parameters("kappa gamma", positive=True)
a, b = Boson("a"), Boson("b")
TIMES = np.linspace(0, 1.5, 4)
ACCURATE = {"rtol": 1e-9, "atol": 1e-11, "nsteps": 100_000}


def check(model, cutoffs, least=1e-2):
    exact = model.exact(TIMES)
    found = qutip.mesolve(tlist=TIMES, options=ACCURATE, **model.to_qutip(cutoffs))
    assert set(found.e_data) == set(exact)
    for name, values in exact.items():
        assert np.abs(np.array(found.e_data[name]) - values).max() < 1e-6
        assert np.abs(values - values[0]).max() > least  # something happens


def test_modes_with_losses():
    F = complex_parameters("F")
    H = g * (a.dag() * b + b.dag() * a) + F * a.dag() + sp.conjugate(F) * a + a.dag() ** 2 * a**2 / 4
    check(
        QuantumModel(
            Master(H, [(kappa, a), (gamma, b.dag())]), PositiveP(), start={a: Fock(1), b: Thermal(0.01)},
            parameters={"g": 0.7, "F": 0.1 - 0.1j, "kappa": 1.0, "gamma": 0.01},
            observables={"n": a.dag() * a, "a": a, "ab": a * b.dag(), "n2": a.dag() ** 2 * a**2},
        ),
        {a: 8, b: 8},
    )  # fmt: skip


@pytest.mark.parametrize("individual", [False, True])
def test_emitters_in_a_cavity(individual):
    at = Emitters("rho", levels="ge", size=3, individual=individual)
    H = g * (at.sum("eg") * a + at.sum("ge") * a.dag())
    check(
        QuantumModel(
            Master(H, [(kappa, a), (gamma, at.each("ge")), (gamma / 3, at.sum("ge"))]), PositiveP(),
            start={a: 0.2, at: "e"}, parameters={"g": 0.6, "kappa": 0.5, "gamma": 0.2},
            observables={"e": at.sum("ee"), "n": a.dag() * a, "J": at.sum("eg") * at.sum("ge")},
        ),
        {"a": 12},
    )  # fmt: skip


def test_coefficients_that_depend_on_time():
    pulse = sp.exp(-((time - 1) ** 2))
    check(
        QuantumModel(
            Master(g * pulse * (a + a.dag()), [(kappa * pulse, a)]), PositiveP(), start={a: 0.5j},
            parameters={"g": 0.6, "kappa": 0.5}, observables={"n": a.dag() * a},
        ),
        {a: 16},
    )  # fmt: skip


def test_what_cannot_be_written_is_refused(monkeypatch):
    H = g * (a.dag() * b + b.dag() * a)
    given = {"parameters": {"g": 1.0}, "observables": {"n": a.dag() * a}}
    model = QuantumModel(Master(H), PositiveP(), start={a: 0, b: 1}, **given)
    with pytest.raises(ValueError, match=r"the mode b has none; give one, such as cutoffs={'b': 20}"):
        model.to_qutip({a: 10})
    with pytest.raises(ValueError, match="elements of the density matrix; give lower ones"):
        model.to_qutip({a: 100, b: 100})
    joint = QuantumModel(Master(H), PositiveP(), start={(a, b): TwoModeSqueezed(0.2)}, **given)
    with pytest.raises(ValueError, match="knows product states only"):
        joint.to_qutip({a: 5, b: 5})
    plain = builtins.__import__

    def without(name, *rest):
        if name == "qutip":
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'sdeframe\[qutip\]'"):
        model.to_qutip({a: 5, b: 5})
