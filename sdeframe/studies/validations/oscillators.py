"""Two damped oscillators of one mode in the positive-P representation, and what is exact of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from sympy import I

from sdeframe.gauges import DriftGauge
from sdeframe.interfaces.model import SymbolicModel
from sdeframe.interfaces.poles import Poles
from sdeframe.symbolic.symbols import complex_variables, real_noises
from sdeframe.symbolic.system import SDE

a, b = complex_variables("a b")
W1, W2 = real_noises("W1 W2")
NUMBER: Final = a * b
"""The photon number a†a."""

DETUNING, KERR, DRIVE = 1.0, 0.05, 2.4
LEVELS: Final = 60
"""Photon numbers of the driven oscillator that are kept: at 20 photons the rest holds less than 1e-9."""
STEP: Final = 0.01
"""Of the density matrix; its fastest rotation, at rate 135, turns by 1.35 in it."""


def driven_kerr() -> SymbolicModel:
    """Return the driven Kerr oscillator from the vacuum, with photon loss at rate 1 (about 20 photons in the end)."""
    drift = {
        a: I * DETUNING * a - I * KERR * a**2 * b - I * DRIVE - a / 2,
        b: -I * DETUNING * b + I * KERR * b**2 * a + I * DRIVE - b / 2,
    }
    noise = {a: sp.sqrt(-I * KERR) * a * W1, b: sp.sqrt(I * KERR) * b * W2}
    poles = Poles(scale=20.0, strongest=(NUMBER,), power=2.0)
    return SymbolicModel(SDE(drift=drift, noise=noise), initial={a: 0, b: 0}, poles=poles)


def two_photon_loss() -> SymbolicModel:
    """Return the loss of pairs of photons, from a coherent state of one photon; 0.4 are left in the end."""
    system = SDE(drift={a: -(a**2) * b, b: -(b**2) * a}, noise={a: I * a * W1, b: I * b * W2})
    return SymbolicModel(system, initial={a: 1, b: 1}, poles=Poles(scale=0.4, strongest=(NUMBER,), power=2.0))


class PairLossGauge(DriftGauge):
    """The drift gauge that cures `two_photon_loss`: i(n − |n|) on both noises."""

    def kernel(self, sde: SDE) -> sp.Expr:
        """Return the kernel."""
        n = sde["a"] * sde["b"]
        return I * (n - sp.Abs(n)) * (sde.noises["W1"] + sde.noises["W2"])


def driven_kerr_photons(times: ArrayLike) -> NDArray[np.float64]:
    """Return the exact photon number of `driven_kerr` at multiples of the step, from its density matrix."""
    n = np.arange(LEVELS, dtype=float)
    root, energy = np.sqrt(n[1:]), -DETUNING * n + KERR / 2 * n * (n - 1)
    diagonal, jump = (-1j * energy - n / 2)[:, None], np.outer(root, root)
    coupling = -1j * DRIVE * root[:, None]

    def slope(rho: NDArray[Any]) -> NDArray[Any]:
        half = diagonal * rho
        half[1:] += coupling * rho[:-1]
        half[:-1] += coupling * rho[1:]
        out = half + half.conj().T
        out[:-1, :-1] += jump * rho[1:, 1:]
        return out

    rho = np.zeros((LEVELS, LEVELS), dtype=complex)
    rho[0, 0] = 1.0
    steps, photons = np.rint(np.asarray(times, dtype=float) / STEP).astype(int), [0.0]
    for _ in range(steps[-1]):
        k1 = slope(rho)
        k2 = slope(rho + STEP / 2 * k1)
        k3 = slope(rho + STEP / 2 * k2)
        k4 = slope(rho + STEP * k3)
        rho = rho + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        photons.append(float(np.diagonal(rho).real @ n))
    return np.array(photons)[steps]


def two_photon_loss_photons(times: ArrayLike) -> NDArray[np.float64]:
    """Return the exact photon number of `two_photon_loss`: dp_n/dt = (n+1)(n+2) p_(n+2) − n(n−1) p_n."""
    from scipy.linalg import expm
    from scipy.stats import poisson

    n = np.arange(40)
    rates = np.diag(-(n * (n - 1.0))) + np.diag(n[2:] * (n[2:] - 1.0), 2)
    start = poisson.pmf(n, 1.0)
    return np.array([n @ expm(rates * t) @ start for t in np.atleast_1d(np.asarray(times, dtype=float))])
