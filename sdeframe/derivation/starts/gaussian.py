"""Gaussian states of modes: squeezed, moved and mixed ones, of one mode or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.derivation.operators.coefficients import coefficient
from sdeframe.derivation.phase_space.representations import Representation
from sdeframe.derivation.starts.normal_law import Axis, NormalLaw
from sdeframe.derivation.starts.states import NO_VALUES, JointState, Matrix, ModeState, not_negative

__all__ = ["Gaussian", "JointGaussian", "Squeezed", "TwoModeSqueezed"]


def _real(instance: Any, field: Any, value: Any) -> None:
    if not value.is_real:
        raise ValueError(
            f"{field.name}={value} of {type(instance).__name__}: give a real number, or a parameter made by "
            f"parameters(...)"
        )


@attrs.frozen
class Squeezed(ModeState):
    """A squeezed state D(α) S(ξ) ρ_n S†(ξ) D†(α), with S(ξ) = exp(½ ξ* a² − ½ ξ a†²) and ξ = r e^{iφ}.

    ρ_n is thermal, α the amplitude. <δa†δa> = (2n + 1) sinh²r + n and <δa²> = −(2n + 1) e^{iφ} sinh r cosh r. All
    parameters are numbers or expressions in parameters.

    Parameters
    ----------
    r
        How much it is squeezed: at φ = 0 the variance of x = (a + a†)/√2 is e^{−2r}(n + ½).
    phi
        Twice the angle of the squeezed quadrature to x.
    photons
        Mean number n of thermal photons that are squeezed.
    amplitude
        <a>, by which the squeezed state is moved.

    Raises
    ------
    ValueError
        If r or φ is not real, or the photons are negative.
    """

    r: Any = attrs.field(converter=coefficient, validator=_real)
    phi: Any = attrs.field(default=0, converter=coefficient, validator=_real)
    photons: Any = attrs.field(default=0, converter=coefficient, validator=not_negative)
    amplitude: Any = attrs.field(default=0, converter=coefficient)

    @property
    def _law(self) -> NormalLaw:
        narrow, turn = (self.photons + sp.S.Half) * sp.exp(-2 * self.r), sp.exp(sp.I * self.phi / 2)
        wide = (self.photons + sp.S.Half) * sp.exp(2 * self.r)
        return NormalLaw((self.amplitude,), (Axis(narrow, (turn,)), Axis(wide, (sp.I * turn,))))

    def matrix(self, cutoff: int, values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on fewer than `cutoff` photons."""
        return self._law.matrix([cutoff], values)

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return |amplitude|², and half of what the variances of both quadratures differ from ½ by."""
        return self._law.spread(values)

    def sampled(self, representation: Representation, name: str) -> tuple[Any, Any]:
        """Return α and α†, normal numbers along the squeezed and the other quadrature."""
        return self._law.sampled(representation, name)[0]


@attrs.frozen
class TwoModeSqueezed(JointState):
    """The vacuum of two modes, squeezed together by exp(ξ* ab − ξ a†b†) with ξ = r e^{iφ}.

    <a†a> = <b†b> = sinh²r and <ab> = −e^{iφ} sinh r cosh r. Name both modes in a start: {(a, b): TwoModeSqueezed(1.0)}.

    Parameters
    ----------
    r
        How much it is squeezed, a number or an expression in parameters.
    phi
        Phase, likewise.

    Raises
    ------
    ValueError
        If one is not real.
    """

    r: Any = attrs.field(converter=coefficient, validator=_real)
    phi: Any = attrs.field(default=0, converter=coefficient, validator=_real)

    @property
    def modes(self) -> int:
        """Two."""
        return 2

    @property
    def _law(self) -> NormalLaw:
        """The modes (a ± b)/√2 are squeezed by ±ξ, each by itself."""
        narrow, wide, turn = sp.exp(-2 * self.r) / 2, sp.exp(2 * self.r) / 2, sp.exp(sp.I * self.phi / 2) / sp.sqrt(2)
        plus, minus = (turn, turn), (turn, -turn)
        across = tuple(tuple(sp.I * c for c in direction) for direction in (plus, minus))
        axes = (narrow, plus), (wide, across[0]), (wide, minus), (narrow, across[1])
        return NormalLaw((sp.S.Zero, sp.S.Zero), tuple(Axis(variance, direction) for variance, direction in axes))

    def matrix(self, cutoffs: Sequence[int], values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on fewer than `cutoffs` photons."""
        return self._law.matrix(cutoffs, values)

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return a quarter of what the variances of all quadratures differ from ½ by."""
        return self._law.spread(values)

    def sampled(self, representation: Representation, name: str) -> list[tuple[Any, Any]]:
        """Return α and α† of both modes."""
        return self._law.sampled(representation, name)


def _numbers(values: Any) -> Any:
    return tuple(map(_numbers, values)) if np.ndim(values) else float(values)


@attrs.frozen
class JointGaussian(JointState):
    """A Gaussian state of several modes, made by `Gaussian`, which checks it."""

    mean: tuple[float, ...] = attrs.field(converter=_numbers)
    covariance: tuple[tuple[float, ...], ...] = attrs.field(converter=_numbers)

    @property
    def modes(self) -> int:
        """Half as many as quadratures."""
        return len(self.mean) // 2

    @property
    def _law(self) -> NormalLaw:
        variances, directions = np.linalg.eigh(np.array(self.covariance))
        axes = [
            Axis(coefficient(float(v)), tuple(map(coefficient, (e[0::2] + 1j * e[1::2]).tolist())))
            for v, e in zip(variances, directions.T, strict=True)
        ]
        return NormalLaw(tuple(map(coefficient, _amplitudes(np.array(self.mean)))), tuple(axes))

    def matrix(self, cutoffs: Sequence[int], values: Mapping[Any, Any] = NO_VALUES) -> Matrix:
        """Return the density matrix on fewer than `cutoffs` photons."""
        return self._law.matrix(cutoffs, values)

    def spread(self, values: Mapping[Any, Any]) -> float:
        """Return the largest <|α|²> of a mode in positive-P."""
        return self._law.spread(values)

    def sampled(self, representation: Representation, name: str) -> list[tuple[Any, Any]]:
        """Return α and α† of every mode."""
        return self._law.sampled(representation, name)


def _amplitudes(mean: NDArray[np.float64]) -> list[complex]:
    return [complex(x) for x in (mean[0::2] + 1j * mean[1::2]) / np.sqrt(2)]


def Gaussian(mean: ArrayLike, covariance: ArrayLike) -> ModeState | JointState:
    """Return the Gaussian state with this mean and covariance of the quadratures r = (x_1, p_1, x_2, p_2, ...).

    Here x = (a + a†)/√2 and p = (a − a†)/(i√2), so that [x, p] = i and the vacuum has the covariance ½. Name the modes
    in their order in a start: {a: Gaussian(...)} for one of them, {(a, b): Gaussian(...)} for two.

    Parameters
    ----------
    mean
        <r>, shape (2M,) for M modes: √2 Re<a>, √2 Im<a> of each.
    covariance
        V_ij = ½<r_i r_j + r_j r_i> − <r_i><r_j>, shape (2M, 2M).

    Returns
    -------
    ModeState or JointState
        `Squeezed` for one mode.

    Raises
    ------
    ValueError
        If the shapes do not fit, something is not finite, the covariance is not symmetric, or no quantum state has it.
    """
    r, V = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
    _check(r, V)
    if len(r) > 2:
        return JointGaussian(r, (V + V.T) / 2)
    (narrow, wide), directions = np.linalg.eigh(V)
    x, p = directions[:, 0]
    return Squeezed(
        r=float(np.log(wide / narrow) / 4),
        phi=float(2 * np.arctan2(p, x)),
        photons=float(max(np.sqrt(narrow * wide) - 0.5, 0.0)),
        amplitude=_amplitudes(r)[0],
    )


def _check(r: NDArray[np.float64], V: NDArray[np.float64]) -> None:
    n = r.shape[0] if r.ndim == 1 else 0
    if n == 0 or n % 2 or V.shape != (n, n):
        raise ValueError(
            f"mean of shape {r.shape} and covariance of shape {V.shape}: give (2M,) and (2M, 2M) for M modes, in the "
            f"order x_1, p_1, x_2, p_2, ..."
        )
    if not (np.isfinite(r).all() and np.isfinite(V).all()):
        raise ValueError("mean and covariance: give finite numbers")
    size = np.abs(V).max()
    off = np.abs(V - V.T).max()
    if off > 1e-10 * size:
        raise ValueError(f"covariance: differs from its transpose by {off:.2g}; give (V + Vᵀ)/2")
    form = np.kron(np.eye(n // 2), [[0.0, 1.0], [-1.0, 0.0]])
    lowest = np.linalg.eigvalsh(V + 0.5j * form)[0]
    if lowest < -1e-10 * max(1.0, size):
        least = np.abs(np.linalg.eigvals(form @ V)).min()
        raise ValueError(
            f"covariance: no quantum state has it. Its smallest symplectic eigenvalue is {least:.4g}, by the "
            f"uncertainty relation at least 1/2, that of the vacuum: V + iΩ/2 has the eigenvalue {lowest:.4g} < 0. "
            f"Quadratures are x = (a + a†)/√2 and p = (a − a†)/(i√2): in others V differs by a factor"
        )
