"""Milstein's scheme for noises that commute."""

from typing import Any, ClassVar

import attrs

from sdeframe.interfaces.increments import Gaussian, Law
from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector


@attrs.frozen
class Milstein(Integrator):
    """Milstein for commuting noises: strong order 1, weak order 1, converges to the Itô solution.

    Source: Milstein 1974; Kloeden and Platen, section 10.3, equation (3.16).
    """

    strong_order: ClassVar[float] = 1.0
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "ito"
    commuting: ClassVar[bool] = True
    admits: ClassVar[tuple[type[Law], ...]] = (Gaussian,)
    why: ClassVar[str] = "strong order 1 is that of Wiener paths"

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return x + a·dt + G + ½ DN(dW)[G] − c·dt with the noise G = N(dW)."""
        G = f.noise(x, t, dW.path)
        return x + dW.dt * (f.drift(x, t) - f.correction(x, t)) + G + f.noise_jvp(x, t, dW.path, G) / 2
