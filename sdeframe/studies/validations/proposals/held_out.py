"""Systems with exact means on which nothing of the proposal was chosen."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
import sympy as sp

from sdeframe.derivation import Boson, Master, PositiveP
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.integrators import W2S4
from sdeframe.interfaces.model import SymbolicModel
from sdeframe.interfaces.poles import Poles
from sdeframe.models import KerrOscillator
from sdeframe.studies.validations.trust_cases import Case
from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters
from sdeframe.symbolic.system import SDE

a, b = Boson("a"), Boson("b")
kappa, F = parameters("kappa F")
gamma, gamma2 = parameters("gamma gamma2", positive=True)
SPREAD = 2.0
"""s² of `reciprocal`."""


def held_out_cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from (kerr(), pump_depletion(), pair_loss(), reciprocal())


def kerr() -> Case:
    """Return the photon number of a Kerr oscillator that is driven from the vacuum to some 20."""
    model = KerrOscillator(interaction=0.04, drive=2.5, detuning=-0.9)
    return _derived("driven Kerr, vacuum to 20", model, "photon_number", np.arange(151) / 10, W2S4(0.0125), 20.0)


def pump_depletion() -> Case:
    """Return the photon number of a parametric oscillator whose pump is a mode of its own."""
    H = sp.I * kappa / 2 * (b * a.dag() ** 2 - b.dag() * a**2) + sp.I * F * (b.dag() - b)
    model = QuantumModel(
        Master(H, [(gamma, a), (gamma, b)]), PositiveP(), start={a: 0, b: 1},
        parameters={"kappa": 0.8, "F": 0.5, "gamma": 1.0}, observables={"n": a.dag() * a},
    )  # fmt: skip
    return _derived("two modes, pump depletion", model, "n", np.arange(121) / 10, W2S4(0.025))


def pair_loss() -> Case:
    """Return the photon number under loss of pairs and of single photons, from two photons."""
    model = QuantumModel(
        Master(0 * a, [(gamma, a), (gamma2, a**2)]), PositiveP(), start={a: 2**0.5},
        parameters={"gamma": 0.3, "gamma2": 0.6}, observables={"n": a.dag() * a},
    )  # fmt: skip
    return _derived("loss of pairs, from 2", model, "n", np.arange(41) / 20, W2S4(0.005))


def reciprocal() -> Case:
    """Return x = 1/y of dy = dt + s dF, a mean that is 1/(1 + t) where no pole is passed; written by hand.

    It is (1 − exp(−(1+t)²/(s²t)))/(1+t) in truth: what the poles add, nothing else tells.
    """
    x, dF = complex_variables("x"), complex_noises("F")
    system = SDE(drift={x: -(x**2)}, noise={x: -sp.sqrt(SPREAD) * x**2 * dF})
    model = SymbolicModel(system, initial={x: 1}, poles=Poles(scale=1.0, strongest=(x,)))
    times = np.arange(41) / 40
    return Case("reciprocal of a walk", model, W2S4(0.0025), times, x, 1 / (1 + times))


def _derived(
    name: str, model: KerrOscillator | QuantumModel, observed: str, times: np.ndarray, scheme: W2S4, unit: float = 1.0
) -> Case:
    exact = np.real(model.exact(times)[observed])
    return attrs.evolve(Case(name, model, scheme, times, model.observables[observed], exact), unit=unit)
