"""The Euler-Maruyama scheme."""

from typing import Any, ClassVar

import attrs

from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector


@attrs.frozen
class EulerMaruyama(Integrator):
    """Euler-Maruyama: weak order 1, strong order ½ (1 for additive noise), converges to the Itô solution.

    Source: Maruyama 1955; Kloeden and Platen, section 10.2.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "ito"

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return x + a·dt + N(dW)."""
        return x + dW.dt * f.drift(x, t) + f.noise(x, t, dW.path)
