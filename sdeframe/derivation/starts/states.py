"""States of a mode at the start: as density matrices or as random numbers in phase space."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.derivation.operators.coefficients import coefficient, given
from sdeframe.derivation.phase_space.representations import Representation
from sdeframe.derivation.starts.density_matrix import Qobj, density_matrix
from sdeframe.derivation.starts.husimi import HusimiLaw
from sdeframe.derivation.starts.wigner_function import lowest_value
from sdeframe.symbolic.symbols import random_complex_normal, random_map
from sdeframe.validators import is_whole, shown

__all__ = [
    "NO_VALUES",
    "Coherent",
    "DensityMatrix",
    "Fock",
    "JointState",
    "Matrix",
    "ModeState",
    "Thermal",
    "mode_state",
    "not_negative",
]

Matrix = NDArray[np.complex128]

NO_VALUES: Final[Mapping[Any, Any]] = MappingProxyType({})

SMALLEST: Final = 1e-9
"""In units of its highest value, what a Wigner function may be below 0 and still be drawn."""
ROUNDED: Final = 1e-6
"""In the same units, what rounding may do to the law that is drawn from."""


class ModeState(ABC):
    """A state of one mode."""

    @abstractmethod
    def matrix(self, cutoff: int, values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on fewer than `cutoff` photons, shape (cutoff, cutoff).

        Parameters
        ----------
        cutoff
            Number of number states kept.
        values
            Of parameters in the state.
        """

    @abstractmethod
    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return <|α|²> of the positive-P distribution that is drawn from, for values of parameters."""

    @abstractmethod
    def sampled(self, representation: Representation, name: str) -> tuple[Any, Any]:
        """Return α and α† as expressions in parameters and in random symbols whose names end in `name`.

        Raises
        ------
        ValueError
            If the representation has no positive distribution of this state.
        """


class JointState(ABC):
    """A state of several modes, which a start names together."""

    @property
    @abstractmethod
    def modes(self) -> int:
        """How many modes it is a state of."""

    @abstractmethod
    def matrix(self, cutoffs: Sequence[int], values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on so many number states of every mode.

        Its shape is (C, C) with the product C of the cutoffs, the last mode running fastest.
        """

    @abstractmethod
    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return the largest <|α|²> of a mode of the positive-P distribution that is drawn from."""

    @abstractmethod
    def sampled(self, representation: Representation, name: str) -> list[tuple[Any, Any]]:
        """Return α and α† of every mode, as expressions in parameters and in random symbols named after `name`."""


def not_negative(instance: Any, field: Any, photons: Any) -> None:
    """Raise ValueError unless a number of photons is known not to be negative."""
    if not photons.is_nonnegative:
        raise ValueError(
            f"photons={photons} of {type(instance).__name__}: give a number that is not negative, or a parameter "
            f"declared positive"
        )


@attrs.frozen
class Thermal(ModeState):
    """A thermal state, moved by `amplitude` in phase space: a normal distribution in every representation.

    Parameters
    ----------
    photons
        Mean number of thermal photons, a number or an expression in positive parameters.
    amplitude
        <a>, a number or an expression in parameters.
    """

    photons: Any = attrs.field(converter=coefficient, validator=not_negative)
    amplitude: Any = attrs.field(default=0, converter=coefficient)

    @usual_arithmetic
    def matrix(self, cutoff: int, values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on fewer than `cutoff` photons: D(α) ρ_thermal D†(α)."""
        from scipy.linalg import expm

        n, alpha = complex(given(self.photons, values)), complex(given(self.amplitude, values))
        if not n:
            return np.outer(psi := _coherent(alpha, cutoff), psi.conj())
        room = 2 * cutoff + 40 if alpha else cutoff  # the cut of a and a† must stay away from what is kept
        k = np.arange(room)
        p = (n.real / (n.real + 1)) ** k / (n.real + 1)
        if not alpha:
            return np.diag(p).astype(complex)
        a = np.diag(np.sqrt(k[1:].astype(float)), 1)
        D = expm(alpha * a.T - np.conj(alpha) * a)
        return (D * p @ D.conj().T)[:cutoff, :cutoff]

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return the thermal photons and |amplitude|²."""
        return float(given(self.photons, values)) + abs(complex(given(self.amplitude, values))) ** 2

    def sampled(self, representation: Representation, name: str) -> tuple[Any, Any]:
        """Return α = amplitude + √(n + (1−s)/2) g with a complex normal g, and its conjugate."""
        width = sp.sqrt(self.photons + sp.Rational(1 - representation.s, 2))
        alpha = self.amplitude + (width * random_complex_normal(f"g_{name}") if width != 0 else 0)
        return alpha, sp.conjugate(alpha)


def Coherent(amplitude: Any) -> Thermal:
    """Return the coherent state |amplitude>."""
    return Thermal(0, amplitude)


def mode_state(value: Any) -> ModeState:
    """Return a state of a mode; a number is the amplitude of a coherent one."""
    return value if isinstance(value, ModeState) else Coherent(value)


def _coherent(alpha: complex, cutoff: int) -> Matrix:
    n = np.arange(1, cutoff)
    return np.exp(-(abs(alpha) ** 2) / 2) * np.cumprod(np.concatenate([[1.0 + 0j], alpha / np.sqrt(n)]))


def _whole(instance: Any, field: Any, photons: Any) -> None:
    if not is_whole(photons) or photons < 0:
        raise ValueError(f"photons={shown(photons)} of Fock: give a whole number that is not negative")


@attrs.frozen
class Fock(ModeState):
    """A state with a sharp number of photons.

    Parameters
    ----------
    photons
        The number, whole.
    """

    photons: int = attrs.field(validator=_whole)

    def matrix(self, cutoff: int, values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return |m><m|."""
        if self.photons >= cutoff:
            raise ValueError(f"{self} does not fit a cutoff of {cutoff} photons: give at least {self.photons + 1}")
        rho = np.zeros((cutoff, cutoff), dtype=complex)
        rho[self.photons, self.photons] = 1.0
        return rho

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return <|μ|²> + <|δ|²> = m + 2, 0 of the vacuum."""
        return self.photons + 2.0 if self.photons else 0.0

    def sampled(self, representation: Representation, name: str) -> tuple[Any, Any]:
        """Return μ with |μ|² ~ Gamma(m + 1), a sum of m + 1 squares of complex normals, and the phase of one of them.

        That is the Q function |<μ|m>|²/π. Positive-P adds a complex normal, see `_around`.
        """
        if self.photons == 0:
            return Coherent(0).sampled(representation, name)
        if representation.s == 0:
            return _from_wigner(self, self.matrix(self.photons + 1, {}), name)
        g = random_complex_normal(f"g_{name}_:{self.photons + 1}")
        squares = [z * sp.conjugate(z) for z in g]
        mu = g[0] * sp.sqrt(sp.Add(*squares) / squares[0])
        return _around(mu, representation, name)


def _around(mu: Any, representation: Representation, name: str) -> tuple[Any, Any]:
    """Return (μ, μ*) for the Q function, and α = μ + δ, α† = μ* − δ* with <|δ|²> = 1 for positive-P.

    For μ with the law Q(μ) that is the canonical positive-P distribution of any state.
    """
    delta = random_complex_normal(f"d_{name}") if representation.s == 1 else sp.S.Zero
    return mu + delta, sp.conjugate(mu) - sp.conjugate(delta)


def _from_wigner(state: ModeState, rho: Matrix, name: str) -> tuple[Any, Any]:
    """Return (α, α*) with the Wigner function of ρ.

    Of pure states only Gaussian ones have one that is nowhere negative (Hudson 1974), and of superpositions of finitely
    many number states the vacuum is the only Gaussian one; mixed states may have one.
    """
    way_out = (
        "derive with PositiveP() or Q(), or start from Coherent, Thermal, Squeezed or Gaussian, also in place of such "
        "a state that is cut off"
    )
    lowest, at = lowest_value(rho)
    if lowest < -SMALLEST:
        raise ValueError(
            f"{state} cannot be drawn in Wigner: its Wigner function is no density, but negative at {at:.2g}, "
            f"{-lowest:.2g} of its highest value; {way_out}"
        )
    law = HusimiLaw.of_wigner(rho)
    lost = -law.lowest()[0]
    if lost > ROUNDED:
        raise ValueError(
            f"{state} cannot be drawn in Wigner: with so many number states rounding changes its Wigner function by "
            f"{lost:.1g} of its highest value; leave out those with next to no population, or {way_out}"
        )
    alpha = random_map(f"mu_{name}", law) / sp.sqrt(2)
    return alpha, sp.conjugate(alpha)


def _rows(rho: ArrayLike | Qobj) -> tuple[tuple[complex, ...], ...]:
    return tuple(tuple(map(complex, row)) for row in density_matrix(rho, "DensityMatrix"))


@attrs.frozen
class DensityMatrix(ModeState):
    """Any state of one mode with few photons.

    Parameters
    ----------
    rho
        Elements <m|ρ|n> from 0 photons on, shape (M, M); or a `Qobj` of QuTiP, a ket too.

    Raises
    ------
    ValueError
        If the matrix is not square, Hermitian, positive and of trace 1.
    """

    rho: tuple[tuple[complex, ...], ...] = attrs.field(converter=_rows)

    def __str__(self) -> str:
        return f"DensityMatrix of {len(self.rho)} number states"

    def matrix(self, cutoff: int, values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the matrix, with zeros up to the cutoff."""
        M = len(self.rho)
        if cutoff < M:
            raise ValueError(f"a density matrix of {M} number states does not fit a cutoff of {cutoff}")
        full = np.zeros((cutoff, cutoff), dtype=complex)
        full[:M, :M] = self.rho
        return full

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return <|μ|²> + <|δ|²> = <a†a> + 2."""
        return sum(m * row[m].real for m, row in enumerate(self.rho)) + 2.0

    def sampled(self, representation: Representation, name: str) -> tuple[Any, Any]:
        """Return α and α† around μ with the law Q(μ) = <μ|ρ|μ>/π, or with the Wigner function as their law."""
        if representation.s == 0:
            return _from_wigner(self, np.array(self.rho), name)
        return _around(random_map(f"mu_{name}", HusimiLaw(self.rho)), representation, name)
