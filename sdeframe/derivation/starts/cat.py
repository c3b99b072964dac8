"""Superpositions of two opposite coherent states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np

from sdeframe.derivation.phase_space.representations import Representation
from sdeframe.derivation.starts.states import NO_VALUES, DensityMatrix, Matrix, ModeState
from sdeframe.validators import finite, shown

__all__ = ["Cat"]

LARGEST: Final = 8.0
"""Amplitude beyond which factorials of photon numbers are no floats."""
LEFT_OUT: Final = 1e-13
"""Population of the number states that are left out when it is drawn."""


def _amplitude(instance: Any, field: Any, value: Any) -> None:
    number = isinstance(value, (int, float, complex, np.number)) and not isinstance(value, bool)
    if not number or not 0 < abs(value) <= LARGEST:
        raise ValueError(
            f"amplitude={shown(value)} of Cat: must be a number other than 0, of modulus {LARGEST:g} at most"
        )


@attrs.frozen
class Cat(ModeState):
    """The superposition |α> + e^(iφ) |−α>, normalised: φ = 0 has even, φ = π odd photon numbers.

    It is drawn in positive-P and in Q; its Wigner function has negative values.

    Parameters
    ----------
    amplitude
        α, a number.
    phase
        φ.

    Raises
    ------
    ValueError
        If α is no number, 0 or too large, or φ is not finite.
    """

    amplitude: complex = attrs.field(validator=_amplitude)
    phase: float = attrs.field(default=0.0, validator=finite)

    def matrix(self, cutoff: int, values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on fewer than `cutoff` photons."""
        psi = self._state(cutoff)
        return np.outer(psi, psi.conj())

    def _state(self, cutoff: int) -> Matrix:
        """Return e^(−|α|²/2) αⁿ/√n! (1 + (−1)ⁿ e^(iφ)) / √(2 + 2 e^(−2|α|²) cos φ) for fewer than `cutoff` photons."""
        alpha, n, cos = complex(self.amplitude), np.arange(cutoff), np.cos(self.phase)
        size = abs(alpha) ** 2
        norm = 2 * (1 + cos + cos * np.expm1(-2 * size))
        powers = np.exp(-size / 2) * np.cumprod([1.0, *(alpha / np.sqrt(n[1:]))])
        return np.asarray(powers * (1 + np.where(n % 2, -1, 1) * np.exp(1j * self.phase)) / np.sqrt(norm))

    @property
    def _kept(self) -> DensityMatrix:
        """The state on as many number states as it takes."""
        size = abs(self.amplitude) ** 2
        psi = self._state(int(size + 10 * np.sqrt(size) + 40))
        beyond = np.cumsum(np.abs(psi[::-1]) ** 2)[::-1]
        psi = psi[: int(np.count_nonzero(beyond > LEFT_OUT))]
        psi = psi / np.linalg.norm(psi)
        return DensityMatrix(np.outer(psi, psi.conj()))

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return <|μ|²> + <|δ|²> = <a†a> + 2."""
        return self._kept.spread(values)

    def sampled(self, representation: Representation, name: str) -> tuple[Any, Any]:
        """Return α and α† as `DensityMatrix` draws them."""
        if representation.s == 0:
            raise ValueError(
                f"{self} cannot be drawn in Wigner: its Wigner function is no density, but negative between both "
                f"parts; derive with PositiveP() or Q()"
            )
        return self._kept.sampled(representation, name)
