"""The classical Runge-Kutta scheme for Stratonovich systems."""

from typing import Any, ClassVar

import attrs

from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector


@attrs.frozen
class RK4(Integrator):
    """Classical Runge-Kutta: weak order 1, strong order ½ (1 where noises commute), Stratonovich; 4 without noise.

    Source: Rümelin, SIAM J. Numer. Anal. 19, 604 (1982).
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "stratonovich"

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return x + (K1 + 2 K2 + 2 K3 + K4)/6."""
        h = dW.dt

        def slope(y: Vector, at: Any) -> Vector:
            return h * f.drift(y, at) + f.noise(y, at, dW.path)

        K1 = slope(x, t)
        K2 = slope(x + K1 / 2, t + h / 2)
        K3 = slope(x + K2 / 2, t + h / 2)
        K4 = slope(x + K3, t + h)
        return x + (K1 + 2 * K2 + 2 * K3 + K4) / 6
