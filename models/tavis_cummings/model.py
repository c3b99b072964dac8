"""The Tavis-Cummings model: N two-level atoms and one mode of light, sampled in the positive-P representation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from sympy import I, conjugate, sqrt

from sdeframe.interfaces.model import Expressions, SolvableModel
from sdeframe.interfaces.poles import Poles
from sdeframe.models.tavis_cummings.sample import STARTS, Sample
from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters
from sdeframe.symbolic.system import SDE
from sdeframe.validators import non_negative, one_of, positive_integer

FORMS: Final = ("A46", "A39")

PER_PHOTON: Final = 0.125
"""Largest step times photons per atom: what the oscillation of a strong field takes."""

LARGEST_WORK: Final = 1e10
"""Elements of a density matrix computed for an exact solution, at 2 to 5 ns each."""
JUMP_TRAJECTORIES: Final = 20_000
"""They leave a standard error of <σee> of 4e-4 at γ = f/2, and of up to 2e-3 at γ = f/40 (N = 100, nph = 1000)."""
JUMP_SEED: Final = 1

A, Ad, ree, reg, rge = complex_variables("A Ad rho_ee rho_eg rho_ge")
F, Fd, S = complex_noises("F Fd S")
N, g, nph = parameters("N", positive=True), parameters("g"), parameters("nph")


class ExactMethod(StrEnum):
    """How the exact solution is found."""

    DICKE_BLOCKS = "Dicke blocks"
    DENSITY_MATRIX = "density matrix"
    QUANTUM_JUMPS = "quantum jumps"


@attrs.frozen
class TavisCummings(SolvableModel):
    """Symmetric atoms in resonance with one mode, in scaled variables A = α/√N, A† -> Ad and scaled time τ = f t.

    Parameters
    ----------
    atoms
        Number N of atoms.
    photons
        Mean photon number of the coherent field at the start.
    decay
        Rate g = γ/f at which each atom decays on its own.
    start
        "ground" or "excited": the state of all atoms at the start.
    form
        "A46" (diffusion-gauged: what the paper simulates) or "A39" (before the diffusion gauge): the same averages.

    Raises
    ------
    ValueError
        If a parameter is outside its range, named.
    """

    atoms: int = attrs.field(validator=positive_integer)
    photons: float = attrs.field(validator=non_negative)
    decay: float = attrs.field(default=0.0, validator=non_negative)
    start: str = attrs.field(default="ground", validator=one_of(*STARTS))
    form: str = attrs.field(default="A46", validator=one_of(*FORMS))

    @property
    def excited(self) -> sp.Symbol:
        """<σee>, the excited share of the atoms."""
        return ree

    @property
    def photon_number(self) -> sp.Expr:
        """<a†a> = N <A Ad>."""
        return N * A * Ad

    @property
    def pair(self) -> sp.Expr:
        """<σeg^μ σge^ν> of two different atoms."""
        return reg * rge

    @property
    def observables(self) -> Expressions:
        """Quantities that `exact` knows."""
        observables = {"excited": self.excited, "photon_number": self.photon_number}
        return observables | ({"pair": self.pair} if self.atoms > 1 else {})

    @property
    def runaway_variables(self) -> tuple[sp.Symbol, ...]:
        """The atomic variables, whose poles are the strongest."""
        return (ree, reg, rge)

    @property
    def poles(self) -> Poles:
        """Poles of ρee, 1/(τ − τs)²; those of A are simple, those of A Ad no stronger than those of ρee."""
        return Poles(scale=1.0, strongest=(ree,), order=2, grows=True)

    @property
    def largest_step(self) -> float | None:
        """What resolves the oscillation in the field that there is at the start."""
        return PER_PHOTON * self.atoms / self.photons if self.photons > 0 else None

    @property
    def invariants(self) -> Expressions:
        """The Bloch length of (A39) without decay; (A46) conserves it in the mean only (Appendix D)."""
        return {"bloch_length": bloch_length()} if self.form == "A39" and self.decay == 0 else {}

    @property
    def balances(self) -> Mapping[str, tuple[sp.Expr, sp.Expr]]:
        """Balance laws in the mean (Appendix D): excitations and Bloch length."""
        return {
            "excitations": (A * Ad + ree, -g * ree),
            "bloch_length": (bloch_length(), -4 * g * (2 * ree**2 - ree + reg * rge)),
        }

    def system(self) -> SDE:
        """Return (A46) or (A39) in scaled variables."""
        drift = {
            A: -I * reg,
            Ad: +I * rge,
            ree: -g * ree + I * (reg * Ad - rge * A),
            reg: -g / 2 * reg + I * (2 * ree - 1) * A,
            rge: -g / 2 * rge - I * (2 * ree - 1) * Ad,
        }
        return SDE(drift=drift, noise=noise_a46() if self.form == "A46" else noise_a39())

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the coherent field and the atoms, all of them in one state."""
        field = sqrt(nph / N)
        return {A: field, Ad: field, ree: sp.Integer(self.start == "excited"), reg: sp.Integer(0), rge: sp.Integer(0)}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return N, g and the photon number at the start."""
        return {N: float(self.atoms), g: float(self.decay), nph: float(self.photons)}

    @property
    def sample(self) -> Sample:
        """What exact solutions take of the model."""
        return Sample(self.atoms, self.photons, self.start, self.decay)

    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact observables at scaled times, float64 of shape (T,), by the method of `exact_method`.

        Each has its standard error under its name with "_se" added: zeros but for quantum jumps, of which
        `JUMP_TRAJECTORIES` are averaged, always the same.

        Raises
        ------
        ValueError
            If the system decays and a time is negative.
        """
        from sdeframe.models.tavis_cummings.closed_exact import closed_solution
        from sdeframe.models.tavis_cummings.density_matrix import open_solution
        from sdeframe.models.tavis_cummings.quantum_jumps import jump_solution

        sample = self.sample
        match self.exact_method(times):
            case ExactMethod.DICKE_BLOCKS:
                means = closed_solution(sample, times)
            case ExactMethod.DENSITY_MATRIX:
                means = open_solution(sample, times)
            case ExactMethod.QUANTUM_JUMPS:
                return jump_solution(sample, times, JUMP_TRAJECTORIES, JUMP_SEED, os.cpu_count() or 1)
        return {f"{name}_se": np.zeros_like(mean) for name, mean in means.items()} | means

    def exact_method(self, times: ArrayLike) -> ExactMethod:
        """Return how `exact` solves for these times.

        "Dicke blocks" without decay, at any size; else "density matrix" where that takes half a minute or so at most,
        and "quantum jumps" where it would take longer.
        """
        from sdeframe.models.tavis_cummings.density_matrix import open_work

        if not self.decay:
            return ExactMethod.DICKE_BLOCKS
        last = float(np.max(times, initial=0.0))
        work = open_work(self.sample, last)
        return ExactMethod.DENSITY_MATRIX if work <= LARGEST_WORK else ExactMethod.QUANTUM_JUMPS

    def photon_distribution(self, times: ArrayLike) -> NDArray[np.float64]:
        """Return the exact probability of n = 0, 1, ... photons at scaled times, shape (T, n_max + 1).

        Raises
        ------
        ValueError
            If `exact_method` names quantum jumps, which have none.
        """
        from sdeframe.models.tavis_cummings.closed_exact import closed_photon_distribution
        from sdeframe.models.tavis_cummings.density_matrix import open_photon_distribution

        match self.exact_method(times):
            case ExactMethod.DICKE_BLOCKS:
                return closed_photon_distribution(self.sample, times)
            case ExactMethod.DENSITY_MATRIX:
                return open_photon_distribution(self.sample, times)
        raise ValueError(
            f"decay={self.decay:g} for atoms={self.atoms}, photons={self.photons:g}: quantum jumps, which solve this "
            f"size, have no photon distribution; take a shorter time, fewer atoms or photons, or "
            f"sdeframe.models.tavis_cummings.density_matrix.open_photon_distribution, whatever it takes"
        )


def bloch_length() -> sp.Expr:
    """Return (2ρee − 1)² + 4ρeg·ρge."""
    return (2 * ree - 1) ** 2 + 4 * reg * rge


def noise_a46() -> dict[sp.Symbol, sp.Expr]:
    """Return the noise of (A46)."""
    return {
        A:   -I * (sqrt(ree) * F  + reg * S) / sqrt(N),
        Ad:  +I * (sqrt(ree) * Fd + rge * S) / sqrt(N),
        ree:                                -ree * conjugate(S) / sqrt(N),
        reg: (sqrt(ree) * conjugate(Fd) - reg * conjugate(S)) / sqrt(N),
        rge: (sqrt(ree) * conjugate(F)  - rge * conjugate(S)) / sqrt(N),
    }  # fmt: skip


def noise_a39() -> dict[sp.Symbol, sp.Expr]:
    """Return the noise of (A39)."""
    q = (reg * conjugate(F) + rge * conjugate(Fd)) / sqrt(N)
    return {
        A:   -I * F  / sqrt(N),
        Ad:  +I * Fd / sqrt(N),
        ree:                               - ree * q,
        reg: ree * conjugate(Fd) / sqrt(N) - reg * q,
        rge: ree * conjugate(F)  / sqrt(N) - rge * q,
    }  # fmt: skip
