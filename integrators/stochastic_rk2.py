"""The stochastic Runge-Kutta scheme of two stages for Itô systems."""

from typing import Any, ClassVar

import attrs

from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector


@attrs.frozen
class StochasticRK2(Integrator):
    """Improved Euler for Itô systems with any number of noises: weak order 1, strong order ½.

    Second order in the mean of linear systems; strong order 1 for a single real noise or additive noise. Every real
    noise has a sign of its own, a complex one two: with a shared sign the scheme converges to another process.

    Source: Roberts, arXiv:1210.0933, with independent signs for every real noise.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "ito"
    signs: ClassVar[bool] = True

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return x + (K1 + K2)/2, the stages driven by dW ∓ s."""
        dt, s = dW.dt, dW.signs
        K1 = dt * f.drift(x, t) + f.noise(x, t, dW.path - s)
        K2 = dt * f.drift(x + K1, t + dt) + f.noise(x + K1, t + dt, dW.path + s)
        return x + (K1 + K2) / 2
