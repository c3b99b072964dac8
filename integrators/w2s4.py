"""A scheme of weak order 2 whose cost does not depend on the number of noises."""

from math import sqrt
from typing import Any, ClassVar, Final

import attrs

from sdeframe.interfaces.increments import FourPoint, Law
from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector, admitted

B: Final = (6 - sqrt(6)) / 10
D: Final = (3 + 2 * sqrt(6)) / 5
"""Shares of the noise in the inner and in the last stage of the drift."""


@attrs.frozen
class W2S4(Integrator):
    """Weak order 2 for any noises, classical Runge-Kutta of order 4 without noise, strong order ½; Itô.

    With the noise A h⁴ + ε²B h² of systems with noise of size ε. Four drifts, three noises and one derivative of the
    noise a step, however many noises there are. Large steps where coefficients grow faster than linearly can explode
    in rare branches, which the bound catches.

    Source: derived for this program, see the theory page for order conditions and their enumeration; signs as in
    `StochasticRK2`.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 2.0
    interpretation: ClassVar[str] = "ito"
    signs: ClassVar[bool] = True
    signs_multiply_path: ClassVar[bool] = True

    increments: Law = attrs.field(factory=FourPoint, kw_only=True, validator=admitted)

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return the state after four stages of the drift and two of the noise."""
        h, s = dW.dt, dW.signs
        middle, end = t + h / 2, t + h
        f1, G, S = f.drift(x, t), f.noise(x, t, dW.path), f.noise(x, t, s)
        f2 = f.drift(x + h / 2 * f1 + B * G, middle)
        f3 = f.drift(x + h / 2 * f2 + B * G, middle)
        f4 = f.drift(x + h * f3 + D * G, end)
        above, below = (x + h / 2 * f1 + sign / sqrt(2) * S for sign in (+1, -1))
        noise = f.noise(above, middle, dW.path) / 4 + 3 * f.noise(below, middle, dW.path) / 4
        slope = f.noise_jvp(x, t, dW.path / 2 + s / sqrt(8), G)
        return x + h / 6 * (f1 + 2 * f2 + 2 * f3 + f4) + noise + slope - h * f.correction(x, t)
