"""Equations in the Wigner representation."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SymbolicModel, simulate
from sdeframe.conformance import check_derivation
from sdeframe.derivation import Boson, Coherent, Master, Q, Wigner, derive, initial_values
from sdeframe.integrators import W2S4
from sdeframe.observers import Moments
from sdeframe.symbolic.algebra import equal
from tests.support.derivation_cases import (
    F,
    J,
    U,
    a,
    kappa,
    omega,
)


def test_wigner_keeps_conjugates_by_having_one_variable():
    losses = [(kappa, a), (J, a.dag() * a), (U, a.dag())]
    sde = derive(Master(F * (a + a.dag()), loss=losses), Wigner()).sde()
    A = a.mode.variables[0]
    assert sde.state == (A,)
    conj = sp.conjugate(A)
    assert equal(sde.correlator(A, conj), (kappa + U) / 2 + J * A * conj)
    assert equal(sde.correlator(A, A), -J * A**2)
    assert equal(sde.drift[A], -sp.I * F + (U - kappa - J) / 2 * A)


def test_squeezed_losses_in_wigner():
    """L = a + c a†: <dα²> = (c − c)... from commutators: dα = rate/2 ([L†, a]L + L†[a, L]) and its noise."""
    b = Boson("b")
    losses = [(2, a + b), (3, a - 2 * sp.I * b), (1, a + sp.I * a.dag())]
    derived = derive(Master(0 * a, loss=losses), Wigner())
    check_derivation(derived)
    sde, g_wigner = derived.sde(), derived.generator
    A, B = a.mode.variables[0], b.mode.variables[0]
    twins = {y: sp.conjugate(x) for x, y in (a.mode.variables, b.mode.variables)}
    for i, x in enumerate(g_wigner.variables):
        for j, y in enumerate(g_wigner.variables[i:], i):
            found = sde.correlator(twins.get(x, x), twins.get(y, y))
            assert equal(found, g_wigner.expression(g_wigner.D(i, j)).xreplace(twins))
    assert sde.correlator(A, sp.conjugate(B)) != 0


def test_truncated_wigner_reports_what_it_drops():
    derived = derive(Master(U / 2 * a.dag() ** 2 * a**2), Wigner())
    A, Ad = a.mode.variables
    assert set(derived.dropped) == {(A, A, Ad), (A, Ad, Ad)}
    assert equal(derived.dropped[A, A, Ad], sp.I * U * A / 4) or equal(derived.dropped[A, A, Ad], -sp.I * U * A / 4)
    assert "2 terms of third or higher order dropped" in derived.steps[1].title
    assert "dropped" in derived._repr_latex_()
    assert not derive(Master(omega * a.dag() * a), Wigner()).dropped


def test_negative_diffusion_in_wigner():
    """Two-photon loss has <dα dα*> ~ 2|α|² − 1."""
    master = Master(0 * a, loss=[(kappa, a**2)])
    with pytest.raises(ValueError, match=r"negative somewhere.*leading"):
        derive(master, Wigner()).sde()
    A = a.mode.variables[0]
    kept = derive(master, Wigner(negative="leading")).sde()
    assert equal(kept.correlator(A, sp.conjugate(A)), 2 * kappa * A * sp.conjugate(A))


@pytest.mark.parametrize("representation", [Wigner(), Q()], ids=lambda x: x.name)
def test_averages_go_into_what_takes_the_variables_of_the_equations(representation):
    """A damped coherent state, α = 2 and κ = 1: n = 4e^(−t) and <a†²a²> = 16e^(−2t), within 5 standard errors."""
    master = Master(0 * a, loss=[(1, a)])
    derivation = derive(master, representation)
    sde = derivation.sde()
    for operator, rate in ((a.dag() * a, 1), (a.dag() ** 2 * a**2, 2)):
        average, change = derivation.average(operator), derivation.moment_equation(operator)
        assert equal(sde.generator(average), change)
        assert equal(change, -rate * average)
    times = np.array([0.0, 0.5, 1.0])
    result = simulate(
        SymbolicModel(sde, initial_values(master, representation, {a: Coherent(2)})), W2S4(dt=0.05),
        observers=[Moments(n=derivation.average(a.dag() * a), nn=derivation.average(a.dag() ** 2 * a**2))],
        times=times, trajectories=20_000, seed=6, threads=1, progress=False,
    )  # fmt: skip
    for name, exact in {"n": 4 * np.exp(-times), "nn": 16 * np.exp(-2 * times)}.items():
        assert (np.abs(result.dataset[name].values - exact) <= 5 * result.dataset[f"{name}_se"].values).all()
