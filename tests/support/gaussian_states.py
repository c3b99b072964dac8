"""Gaussian states, and the same made by operators."""

from functools import cache

import numpy as np
import sympy as sp
from scipy.linalg import expm

from sdeframe import parameters
from sdeframe.derivation import Squeezed

r, n_th = parameters("r n_th", positive=True)
phi, x0 = parameters("phi x0")
VALUES = {r: 0.7, n_th: 0.3, phi: 1.1, x0: -0.4}


def squeezer(k, phase, size):
    low = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    xi = k * np.exp(1j * phase)
    return expm((np.conj(xi) * low @ low - xi * low.T @ low.T) / 2)


def displacement(amplitude, size):
    low = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    return expm(amplitude * low.T - np.conj(amplitude) * low)


@cache
def made_by_operators(k, phase=0.0, photons=0.0, amplitude=0.0, size=110):
    """D S ρ_thermal S† D†, in a space so large that its end is not seen."""
    m = np.arange(size)
    thermal = (photons / (photons + 1)) ** m / (photons + 1)
    U = displacement(amplitude, size) @ squeezer(k, phase, size)
    return U * thermal @ U.conj().T


STATES = [
    (Squeezed(1.0), (1.0,)),
    (Squeezed(1.0, 0.7), (1.0, 0.7)),
    (Squeezed(-0.5, 2.0), (-0.5, 2.0)),
    (Squeezed(0.4, 2.5, photons=0.6), (0.4, 2.5, 0.6)),
    (Squeezed(0.6, -1.0, photons=0.2, amplitude=0.8 - 0.5j), (0.6, -1.0, 0.2, 0.8 - 0.5j)),
    (Squeezed(0, amplitude=1.5), (0.0, 0.0, 0.0, 1.5)),
    (Squeezed(r, phi, n_th, sp.I * x0), (0.7, 1.1, 0.3, -0.4j)),
]  # fmt: skip
"""States, and what `made_by_operators` takes for them."""


def random_covariance(modes, seed):
    """SDSᵀ with a symplectic S and variances of thermal states."""
    rng = np.random.default_rng(seed)
    form = np.kron(np.eye(modes), [[0.0, 1.0], [-1.0, 0.0]])
    K = rng.normal(size=(2 * modes, 2 * modes)) * 0.3
    S = expm(form @ (K + K.T))
    return S @ np.diag(np.repeat(0.5 + rng.random(modes) * (seed % 2), 2)) @ S.T
