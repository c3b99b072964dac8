"""Averages at two times against matrices written out, formulas and other programs, and what is refused."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm

from sdeframe import parameters, time
from sdeframe.derivation import (
    Boson,
    Coherent,
    Emitters,
    Fock,
    Master,
    Thermal,
    exact_correlations,
    exact_means,
)
from sdeframe.models import KerrOscillator
from tests.support.dense import Space

a, b = Boson("a"), Boson("b")
ad, n = a.dag(), a.dag() * a
k, nb, F = parameters("k nb F", positive=True)
TAU = [0.0, 0.3, 1.1]

DIMER = Master(0.4 * n + 0.7 * (ad * b + b.dag() * a) + 0.25 * (a + ad), [(0.8, a), (0.5, b), (0.1, n)])
spins = Emitters("s", "ge", size=2)
PUMPED = Master(
    0.6 * (ad * spins.sum("ge") + a * spins.sum("eg")),
    [(1.0, a), (0.4, spins.each("eg")), (0.2, spins.each("ge")), (0.3, spins.sum("ge"))],
)


def liouvillian(master, space):
    H, channels = master.counted(space.numbers)
    H = space.matrix(H)
    one = np.eye(len(H))
    L = -1j * (np.kron(H, one) - np.kron(one, H.T))
    for rate, jump in channels:
        J = space.matrix(jump)
        JJ = J.conj().T @ J
        L += complex(rate) * (np.kron(J, J.conj()) - (np.kron(JJ, one) + np.kron(one, JJ.T)) / 2)
    return L


def written_out(master, left, later, right, starts, cutoff, numbers=None):
    """Tr B exp(Lτ)[R exp(L t0)[ρ] L], with the whole matrix of L."""
    space = Space(master.parts, numbers, cutoff)
    L = liouvillian(master, space)
    left, later, right = (space.matrix(x) for x in (left, later, right))
    d = len(left)
    rho = np.zeros(d * d, complex)
    rho[0] = 1  # the vacuum, and every emitter in its first level
    found = []
    for t0 in starts:
        early = right @ (expm(L * t0) @ rho).reshape(d, d) @ left
        found.append([np.trace(later @ (expm(L * t) @ early.ravel()).reshape(d, d)) for t in TAU])
    return np.array(found)


PAIRS = {"g1": (ad, a, 1), "pairs": (a, a, 1), "g2": (ad, n, a), "cross": (b.dag(), n, a), "antinormal": (a, ad, 1)}


@pytest.mark.parametrize("name", PAIRS)
def test_two_modes_are_those_written_out(name):
    left, later, right = PAIRS[name]
    one = left * 0 + right
    A = left if right == 1 else (left, right)
    starts = [0.0, 0.9]
    empty = {a: Coherent(0), b: Coherent(0)}
    found = exact_correlations(DIMER, A, later, starts, TAU, empty, cutoffs={a: 3, b: 3}, tolerance=0.1)
    expected = written_out(DIMER, left, later, one, starts, 3)
    assert np.abs(expected).max() > 1e-4
    assert np.abs(found - expected).max() < 1e-9


@pytest.mark.parametrize(
    ("left", "later", "right"),
    [
        (spins.sum("eg"), spins.sum("ge"), 1),
        (ad, spins.sum("ee"), a),
        (spins.sum("eg"), spins.sum("ee"), spins.sum("ge")),
    ],
)
def test_identical_emitters_are_those_written_out(left, later, right):
    A = left if right == 1 else (left, right)
    start = {a: Coherent(0), spins: "g"}
    found = exact_correlations(PUMPED, A, later, [0.7], TAU, start, cutoffs={a: 4}, tolerance=0.1)
    expected = written_out(PUMPED, left, later, left * 0 + right, [0.7], 4, {"s": 2})
    assert np.abs(expected).max() > 1e-3
    assert np.abs(found - expected).max() < 1e-9


def test_thermal_cavity():
    """g1(τ) = n̄ e^(−κτ/2), g2(τ) = 1 + e^(−κτ)."""
    cavity = Master(0 * n, [(k * (nb + 1), a), (k * nb, ad)])
    tau, values = np.linspace(0, 3, 7), {k: 1.0, nb: 0.5}
    for start, initial in (("steady", Coherent(0)), (0.0, Thermal(0.5)), (40.0, Fock(2))):
        g1 = exact_correlations(cavity, ad, a, start, tau, {a: initial}, values)
        g2 = exact_correlations(cavity, (ad, a), n, start, tau, {a: initial}, values)
        assert np.allclose(g1, 0.5 * np.exp(-tau / 2), rtol=0, atol=1e-7)
        assert np.allclose(g2 / 0.25, 1 + np.exp(-tau), rtol=0, atol=1e-6)


KERR = [
    ({"interaction": 0.5, "drive": 0.2}, 0.1499019, {0: 0.780939, 0.5: 0.792036, 1: 0.816280, 2: 0.872683}),
    ({"detuning": -0.3, "interaction": 1.0, "drive": 0.5}, 0.611837, {0: 0.745455, 1: 0.842108}),
]


@pytest.mark.parametrize(("arguments", "photons", "g2"), KERR)
def test_driven_kerr_site(arguments, photons, g2):
    """Six digits, from another program."""
    model = KerrOscillator(**arguments)
    known = model.start_state(), model.parameters()
    n0 = exact_correlations(model.master, ad, a, "steady", [0.0], *known)[0]
    found = exact_correlations(model.master, (ad, a), n, "steady", list(g2), *known) / n0**2
    assert abs(n0 - photons) < 6e-7
    assert np.abs(found - list(g2.values())).max() < 6e-7


def test_coefficients_in_time():
    """A cavity driven by F(t): <a†(t0) a(t)> is the product of amplitudes, with a step and a slope between."""
    drive = sp.Piecewise((1, time < 1), (sp.Rational(1, 4) * time, True))
    pulsed = Master(drive * (a + ad), [(1, a)])
    starts, tau = [0.5, 1.5], [0.0, 0.25, 0.5, 2.0]
    t = np.array(starts)[:, None] + tau
    amplitude = exact_means(pulsed, {"a": a}, {a: Coherent(0)}, np.unique(t))["a"]
    at = amplitude[np.searchsorted(np.unique(t), t)]
    found = exact_correlations(pulsed, ad, a, starts, tau, {a: Coherent(0)})
    assert np.allclose(found, at[:, :1].conj() * at, rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match="start='steady': a coefficient changes in time"):
        exact_correlations(pulsed, ad, a, "steady", tau, {a: Coherent(0)})


def test_steady_state_is_that_of_the_start():
    """Without a way between them, populations of two levels stay what they were; n of a mode that loses nothing too."""
    still = Master(n * n, [])
    found = exact_correlations(still, n, n, "steady", [0.0, 1.0], {a: Fock(2)})
    assert np.allclose(found, 4)
    lost = Master(0 * n, [(1, a)])
    assert np.allclose(exact_correlations(lost, ad, a, "steady", [0.0, 1.0], {a: Coherent(1)}), 0, atol=1e-9)


def test_cutoffs_hold_what_operators_add():
    """a† on two photons takes a third one, which ρ has not: cutoffs grow for it, or are refused."""
    lossy = Master(n, [(1, a)])
    found = exact_correlations(lossy, a, ad, 0.0, [0.0, 1.0], {a: Fock(2)})
    assert np.allclose(found, [3, 3 * np.exp(-0.5 + 1j)], atol=1e-9)
    up = exact_correlations(lossy, (a, ad), n, 0.0, [0.0, 1.0], {a: Fock(4)})
    assert np.allclose(up, [25, 25 * np.exp(-1)], atol=1e-9)
    with pytest.raises(ValueError, match="the highest number state kept reaches"):
        exact_correlations(lossy, (a, ad), n, 0.0, [0.0, 1.0], {a: Fock(2)}, cutoffs={a: 4})


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"start": -1.0}, "start=-1.0: must be a time from 0 on"),
        ({"start": [2.0, 1.0]}, "start=.*increasing"),
        ({"start": "stationary"}, "start='stationary': must be a time, several, or 'steady'"),
        ({"times": [-1.0]}, r"times=\[-1.0\]: give increasing finite times from 0 on"),
        ({"A": (a, ad, a)}, "give an operator, or two"),
        ({"B": time * a}, "that do not hold the time"),
        ({"A": time * a}, "that do not hold the time"),
        ({"tolerance": 0}, "tolerance=0: must be a positive number"),
    ],
)
def test_refusals(changed, match):
    asked = {"A": ad, "B": a, "start": 0.0, "times": [1.0], "initial": {a: Coherent(1)}} | changed
    with pytest.raises(ValueError, match=match):
        exact_correlations(Master(n, [(1, a)]), **asked)
