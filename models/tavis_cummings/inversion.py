"""The motion of the inversion in its effective potential: where it turns, how long it takes, what bounds it."""

from __future__ import annotations

import itertools
import math
from functools import cached_property
from typing import Any, Final, NamedTuple

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.models.tavis_cummings.model import TavisCummings
from sdeframe.models.tavis_cummings.potential import E, InversionEquation, w
from sdeframe.validators import is_finite

SAME: Final = 1e-12
"""Distance, relative above 1, below which a point is a turning point."""


class Barrier(NamedTuple):
    """A local maximum of a potential."""

    w: float
    height: float


@attrs.frozen(slots=False)
class InversionMotion:
    """The inversion w of a Tavis-Cummings model without noise and decay: ẇ²/2 + U(w) = h_w of (16).

    Parameters
    ----------
    model
        Its atoms, photons and start decide the energy; its decay is left out.
    gauge
        What is changed in its equations first.

    Raises
    ------
    ValueError
        On use, if the gauged motion has no polynomial potential, or the gauge holds a symbol without a value.
    """

    model: TavisCummings
    gauge: Gauge = attrs.field(factory=Identity)

    @cached_property
    def equation(self) -> InversionEquation:
        """The symbolic equation of motion."""
        return InversionEquation(self.model.system(), self.gauge)

    @property
    def start(self) -> float:
        """The inversion at the start, −1 or 1."""
        return 1.0 if self.model.start == "excited" else -1.0

    @property
    def energy(self) -> float:
        """The integral of the motion E."""
        return float(self._exact(self.equation.integral))

    @property
    def h(self) -> float:
        """The effective energy h_w; 2E without gauge."""
        return float(self._h)

    def potential(self, inversion: ArrayLike) -> NDArray[np.float64]:
        """Return U(w) for inversions of any shape."""
        return np.asarray(np.polyval(_floats(self._U), np.asarray(inversion, dtype=float)))

    @cached_property
    def turning_points(self) -> tuple[float, ...]:
        """Real roots of U(w) = h_w, ascending, multiple ones as often as they count: −1, 1 and 2E without gauge."""
        return tuple(float(root) for root in self._kinetic.real_roots())

    def interval(self, inversion: float) -> tuple[float, float]:
        """Return the turning points between which the motion through an inversion stays, ±inf where nothing bounds it.

        Where w rests, at a multiple root of h_w − U, both are that inversion.

        Raises
        ------
        ValueError
            If the inversion is no number, or one that this energy does not reach.
        """
        at = _finite(inversion)
        point = next((p for p in self.turning_points if abs(p - at) <= SAME * max(1.0, abs(at))), at)
        edges = [-math.inf, *sorted({*self.turning_points, point}), math.inf]
        k = edges.index(point)
        left, right = self._allowed(edges[k - 1], point), self._allowed(point, edges[k + 1])
        if point not in self.turning_points and not left:
            spans = ", ".join(f"{a:.6g} to {b:.6g}" for a, b in self.allowed)
            raise ValueError(f"inversion={inversion!r}: h_w is below U there; the motion can be at {spans}")
        if self.turning_points.count(point) > 1:
            return point, point
        return (edges[k - 1] if left else point), (edges[k + 1] if right else point)

    @property
    def allowed(self) -> list[tuple[float, float]]:
        """The intervals of w in which U < h_w, ascending."""
        edges = [-math.inf, *sorted(set(self.turning_points)), math.inf]
        return [(a, b) for a, b in itertools.pairwise(edges) if self._allowed(a, b)]

    @property
    def barrier(self) -> Barrier | None:
        """The local maximum of U at the largest w, or None if there is none."""
        top = float(maxima(_floats(self._U)[:, None])[0])
        return None if math.isnan(top) else Barrier(top, float(self.potential(top)))

    @cached_property
    def period(self) -> float:
        """The time from the start back to it; inf where w escapes or only approaches the barrier.

        Where w rests in a minimum, that of small oscillations, 2π/√U″(w).
        """
        from scipy.integrate import quad

        low, high = self.interval(self.start)
        if low == high:
            curvature = np.polyval(np.polyder(_floats(self._U), 2), low)
            return 2 * math.pi / math.sqrt(curvature) if curvature > 0 else math.inf
        if math.isinf(low) or math.isinf(high) or max(map(self.turning_points.count, (low, high))) > 1:
            return math.inf
        # h − U = (w − low)(high − w) R: with w = middle + half sin θ, dw/√(2(h − U)) = dθ/√(2R) has no singularity
        R = -np.polydiv(_floats(self._kinetic), np.poly([low, high]))[0]
        middle, half = (low + high) / 2, (high - low) / 2
        value, _ = quad(lambda angle: 1 / math.sqrt(2 * np.polyval(R, middle + half * math.sin(angle))),
                        -math.pi / 2, math.pi / 2, epsabs=0, epsrel=1e-10, limit=200)  # fmt: skip
        return 2 * float(value)

    @cached_property
    def _U(self) -> Any:
        """U as a polynomial in w with exact coefficients, for turning points that coincide."""
        return sp.Poly(self._exact(self.equation.potential.subs(E, self.equation.integral)), w)

    @cached_property
    def _h(self) -> Any:
        return self._U.eval(int(self.start))  # without coherence ẇ = 0

    @cached_property
    def _kinetic(self) -> Any:
        """The polynomial h_w − U."""
        return self._h - self._U

    def _allowed(self, low: float, high: float) -> bool:
        """Tell whether U < h_w between two neighbouring turning points, or beyond the outermost one."""
        inside = low + 1 if math.isinf(high) else high - 1 if math.isinf(low) else (low + high) / 2
        return self.h > float(self.potential(inside))

    def _exact(self, expr: Any) -> Any:
        """Return an expression at the start, floating-point numbers as the fractions that they print as."""
        numbers = {p: sp.Rational(repr(value)) for p, value in self.model.parameters().items()}
        start = {x: value.xreplace(numbers) for x, value in self.model.initial_state().items()}
        value = sp.nsimplify(sp.expand(expr.xreplace(start).xreplace(numbers)), rational=True)
        unknown = value.free_symbols - {w}
        if unknown:
            raise ValueError(f"{self.gauge} holds {sorted(map(str, unknown))[0]}, of which the model has no value")
        return value


def maxima(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the local maximum at the largest w of each of several polynomials in w, nan where there is none.

    Parameters
    ----------
    coefficients
        From the highest power on, which is nowhere 0, shape (degree + 1, polynomials).
    """
    degree = len(coefficients) - 1
    slope = coefficients[:-1] * np.arange(degree, 0, -1)[:, None]
    companion = np.zeros((slope.shape[1], degree - 1, degree - 1))
    companion[:, 0] = -(slope[1:] / slope[0]).T
    companion[:, np.arange(1, degree - 1), np.arange(degree - 2)] = 1.0
    roots = np.linalg.eigvals(companion).T
    curvature = np.zeros_like(roots)
    for k, c in enumerate(slope[:-1]):
        curvature = curvature * roots + (degree - 1 - k) * c
    real = np.abs(roots.imag) <= 1e-9 * (1 + np.abs(roots))
    tops = np.where(real & (curvature.real < 0), roots.real, -np.inf).max(axis=0)
    return np.where(np.isinf(tops), np.nan, tops)


def _finite(inversion: Any) -> float:
    if not is_finite(inversion):
        raise ValueError(f"inversion={inversion!r}: must be a finite number, such as -1")
    return float(inversion)


def _floats(polynomial: Any) -> NDArray[np.float64]:
    """Return the coefficients of a polynomial, from the highest power on."""
    return np.array([float(c) for c in polynomial.all_coeffs()])
