"""Two damped oscillators of one mode in the positive-P representation, and what is exact of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from sympy import I

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation import Boson, Master, exact_means
from sdeframe.derivation.starts.states import Coherent, Fock
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
LEVELS: Final = 72
"""Number states of the driven oscillator that are kept: at 20 photons the rest holds less than 1e-10."""


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


@usual_arithmetic
def driven_kerr_photons(times: ArrayLike) -> NDArray[np.float64]:
    """Return the exact photon number of `driven_kerr`, from its density matrix."""
    mode = Boson("a")
    n = mode.dag() * mode
    H = -DETUNING * n + KERR / 2 * mode.dag() ** 2 * mode**2 + DRIVE * (mode + mode.dag())
    return exact_means(Master(H, [(1, mode)]), {"n": n}, {mode: Fock(0)}, times, cutoffs={mode: LEVELS})["n"].real


@usual_arithmetic
def two_photon_loss_photons(times: ArrayLike) -> NDArray[np.float64]:
    """Return the exact photon number of `two_photon_loss`, from its density matrix."""
    mode = Boson("a")
    n = mode.dag() * mode
    return exact_means(Master(0 * n, [(1, mode**2)]), {"n": n}, {mode: Coherent(1)}, times)["n"].real
