"""Density matrices of Gaussian starts, and exact averages from them."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm

from sdeframe.derivation import (
    Boson,
    DensityMatrix,
    Emitters,
    Fock,
    Gaussian,
    Master,
    Squeezed,
    TwoModeSqueezed,
    Wigner,
    exact_means,
    initial_values,
)
from sdeframe.models import KerrOscillator
from tests.support.gaussian_states import STATES, VALUES, made_by_operators, random_covariance

a, b, c = Boson("a"), Boson("b"), Boson("c")


@pytest.mark.parametrize(("state", "made"), STATES, ids=lambda x: str(x)[:40])
def test_matrices_of_one_mode(state, made):
    np.testing.assert_allclose(state.matrix(40, VALUES), made_by_operators(*made)[:40, :40], atol=1e-10)


def test_the_vacuum_squeezed_far():
    """<2m|S|0> = (−e^{iφ} tanh r)^m √(2m)!/(2^m m! √cosh r), and no loss of digits at any cutoff."""
    k, phase = 2.0, 0.3
    rho = Squeezed(k, phase).matrix(400)
    psi = np.zeros(400, dtype=complex)
    for m in range(200):
        log = (sp.loggamma(2 * m + 1) / 2 - m * sp.log(2) - sp.loggamma(m + 1)).evalf()
        psi[2 * m] = (-np.exp(1j * phase) * np.tanh(k)) ** m * np.exp(float(log)) / np.sqrt(np.cosh(k))
    np.testing.assert_allclose(rho, np.outer(psi, psi.conj()), atol=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_one_mode_by_its_covariance_is_squeezed(seed):
    V, mean = random_covariance(1, seed), [0.4, -0.3]
    state = Gaussian(mean, V)
    assert isinstance(state, Squeezed)
    rho, size = state.matrix(90), 90
    low = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    x, p = (low + low.T) / np.sqrt(2), (low - low.T) / (1j * np.sqrt(2))
    for i, A in enumerate((x, p)):
        assert np.trace(A @ rho) == pytest.approx(mean[i], abs=1e-9)
        for j, B in enumerate((x, p)):
            second = np.trace((A @ B + B @ A) @ rho) / 2
            assert second - mean[i] * mean[j] == pytest.approx(V[i, j], abs=1e-7)


def two_modes(size):
    low = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    return np.kron(low, np.eye(size)), np.kron(np.eye(size), low)


def test_matrices_of_two_modes():
    """The two-mode squeezer on the vacuum, and any Gaussian state by its moments; cutoffs may differ."""
    A, B = two_modes(14)
    xi = 0.2 * np.exp(0.7j)
    psi = expm(np.conj(xi) * A @ B - xi * A.T @ B.T)[:, 0].reshape(14, 14)[:7, :5].ravel()
    found = TwoModeSqueezed(0.2, 0.7).matrix([7, 5])
    np.testing.assert_allclose(found, np.outer(psi, psi.conj()), atol=1e-10)
    V = random_covariance(2, 1) * 0.2 + 0.8 * np.eye(4) / 2
    rho = Gaussian([0.1, 0.2, -0.3, 0.0], V).matrix([14, 14])
    X = [op for low in (A, B) for op in ((low + low.T) / np.sqrt(2), (low - low.T) / (1j * np.sqrt(2)))]
    assert np.trace(rho) == pytest.approx(1, abs=1e-8)
    mean = np.array([np.trace(x @ rho) for x in X])
    np.testing.assert_allclose(mean, [0.1, 0.2, -0.3, 0.0], atol=1e-6)
    second = np.array([[np.trace((x @ y + y @ x) @ rho) / 2 for y in X] for x in X]) - np.outer(mean, mean)
    np.testing.assert_allclose(second, V, atol=1e-5)


@pytest.mark.long
def test_exact_means_of_gaussian_starts():
    """A squeezed mode that turns and decays, two that a beam splitter parts, beside an emitter and a third mode."""
    times = [0.0, 0.5, 1.3]
    delta, kappa = 0.8, 0.5
    master = Master(delta * a.dag() * a, loss=[(kappa, a)])
    state = Squeezed(0.5, 0.4, photons=0.1, amplitude=0.3)
    found = exact_means(master, {"n": a.dag() * a, "aa": a * a}, {a: state}, times)
    t = np.array(times)
    n, m = 1.2 * np.sinh(0.5) ** 2 + 0.1 + 0.09, -1.2 * np.exp(0.4j) * np.sinh(0.5) * np.cosh(0.5) + 0.09
    np.testing.assert_allclose(found["n"], n * np.exp(-kappa * t), atol=1e-7)
    np.testing.assert_allclose(found["aa"], m * np.exp(-(2j * delta + kappa) * t), atol=1e-7)
    atom = Emitters("rho", levels="ge", size=1)
    split = Master(0 * (a + c + b) + a.dag() * b + b.dag() * a + 0.3 * atom.sum("ee"), loss=[(kappa, c)])
    start = {c: Fock(1), atom: "e", (b, a): TwoModeSqueezed(0.3, 0.5)}
    found = exact_means(split, {"aa": a * a, "ab": a * b, "c": c.dag() * c}, start, times)
    k = -np.exp(0.5j) * np.sinh(0.3) * np.cosh(0.3)
    np.testing.assert_allclose(found["aa"], -1j * np.sin(2 * t) * k, atol=1e-7)  # a -> a cos t − i b sin t
    np.testing.assert_allclose(found["ab"], np.cos(2 * t) * k, atol=1e-7)
    np.testing.assert_allclose(found["c"], np.exp(-kappa * t), atol=1e-7)


def test_models_start_from_them():
    """Equations, poles in units of the start, and exact averages of a model that is squeezed at the start."""
    model = KerrOscillator(interaction=0.0, drive=0.0, decay=0.0, start=Squeezed(1.0))
    assert model.poles.scale == pytest.approx(np.sinh(1) * np.cosh(1))  # (sinh 1 e + sinh 1/e)/2
    assert set(model.initial_state()) == set(model.system().state)
    assert model.exact([0.0])["photon_number"][0] == pytest.approx(np.sinh(1) ** 2, abs=1e-6)


def test_a_cut_off_state_is_refused_with_the_state_that_was_meant():
    rho = Squeezed(1.0).matrix(12)
    with pytest.raises(ValueError, match=r"cannot be drawn in Wigner.*Squeezed or Gaussian, also in place"):
        initial_values(Master(0 * a), Wigner(), {a: DensityMatrix(rho / np.trace(rho).real)})
