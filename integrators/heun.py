"""Heun's scheme."""

from typing import Any, ClassVar

import attrs

from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector


@attrs.frozen
class Heun(Integrator):
    """Heun: weak order 1, strong order ½ (1 where noises commute), converges to the Stratonovich solution.

    Source: Kloeden and Platen, section 15.5; Rümelin, SIAM J. Numer. Anal. 19, 604 (1982).
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "stratonovich"

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return x + (K1 + K2)/2."""
        h = dW.dt
        K1 = h * f.drift(x, t) + f.noise(x, t, dW.path)
        K2 = h * f.drift(x + K1, t + h) + f.noise(x + K1, t + h, dW.path)
        return x + (K1 + K2) / 2
