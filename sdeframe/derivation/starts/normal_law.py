"""The normal law that a Gaussian state has in phase space, in every representation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.derivation.operators.coefficients import given
from sdeframe.derivation.phase_space.representations import Representation
from sdeframe.derivation.starts.number_states import gaussian_elements
from sdeframe.symbolic.symbols import random_normal

__all__ = ["Axis", "NormalLaw"]


@attrs.frozen
class Axis:
    """A quadrature that varies independently of the others.

    Parameters
    ----------
    variance
        What it varies by in Wigner, ½ in the vacuum.
    direction
        Where it points: x + ip of every mode, of length 1.
    """

    variance: Any
    direction: tuple[Any, ...]


@attrs.frozen
class NormalLaw:
    """The law of a Gaussian state of some modes, with a variance for each of its axes.

    With the quadratures x = (a + a†)/√2 and p = (a − a†)/(i√2) a representation of order s draws along each axis with
    its variance less s/2. In positive-P that may be negative: the root is imaginary then, and α† is no longer α*, but
    all normally ordered averages are those of the state.

    Parameters
    ----------
    amplitudes
        <a> of every mode.
    axes
        Two for every mode.
    """

    amplitudes: tuple[Any, ...]
    axes: tuple[Axis, ...]

    def sampled(self, representation: Representation, name: str) -> list[tuple[Any, Any]]:
        """Return α and α† of every mode, as expressions in parameters and in random symbols named after `name`."""
        w = random_normal(f"w_{name}_:{len(self.axes)}")
        half = sp.Rational(representation.s, 2)
        drawn = [_root((axis.variance - half) / 2) * x for axis, x in zip(self.axes, w, strict=True)]
        pairs = []
        for k, amplitude in enumerate(self.amplitudes):
            turns = [axis.direction[k] for axis in self.axes]
            alpha, beta = (
                sp.Add(mean, *[c * x for c, x in zip(cs, drawn, strict=True)])
                for mean, cs in ((amplitude, turns), (sp.conjugate(amplitude), map(sp.conjugate, turns)))
            )
            pairs.append((alpha, beta))
        return pairs

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return the largest <|α|²> of a mode in positive-P."""
        mean, variances, directions = self._numbers(values)
        return float(np.max(np.abs(mean) ** 2 + np.abs(variances - 0.5) @ np.abs(directions) ** 2 / 2))

    def matrix(self, cutoffs: Sequence[int], values: Mapping[Any, Any]) -> NDArray[np.complex128]:
        """Return the density matrix on so many number states of every mode, see `gaussian_elements`."""
        mean, variances, directions = self._numbers(values)
        weighted = directions.T * variances / 2
        return gaussian_elements(
            mean, weighted.conj() @ directions - np.eye(len(mean)) / 2, weighted @ directions, cutoffs
        )

    def _numbers(self, values: Mapping[Any, Any]) -> tuple[Any, Any, Any]:
        """Return the amplitudes (M,), the variances (2M,) and the directions (2M, M)."""
        mean, variances, directions = (
            np.array([complex(given(sp.sympify(c), values)) for c in cs])
            for cs in (
                self.amplitudes,
                [axis.variance for axis in self.axes],
                [c for axis in self.axes for c in axis.direction],
            )
        )
        return mean, variances.real, directions.reshape(len(self.axes), len(mean))


def _root(x: Any) -> Any:
    return sp.I * sp.sqrt(-x) if x.is_negative else sp.sqrt(x)
