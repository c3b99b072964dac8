"""The Ornstein-Uhlenbeck process: additive noise, everything known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.interfaces.model import Expressions, SolvableModel
from sdeframe.symbolic.symbols import parameters, real_noises, real_variables
from sdeframe.symbolic.system import SDE
from sdeframe.validators import finite, positive

x, W = real_variables("x"), real_noises("W")
theta, sigma = parameters("theta sigma")


@attrs.frozen
class OrnsteinUhlenbeck(SolvableModel):
    """dx = −θ x dt + σ dW from a fixed start.

    Parameters
    ----------
    rate
        θ.
    strength
        σ.
    start
        x at time 0.
    """

    rate: float = attrs.field(default=1.0, validator=positive)
    strength: float = attrs.field(default=1.0, validator=finite)
    start: float = attrs.field(default=0.0, validator=finite)

    @property
    def observables(self) -> Expressions:
        """Mean and mean square."""
        return {"x": x, "x_squared": x**2}

    @property
    def balances(self) -> Mapping[str, tuple[sp.Expr, sp.Expr]]:
        """The mean decays, the mean square relaxes."""
        return {"x": (x, -theta * x), "x_squared": (x**2, sigma**2 - 2 * theta * x**2)}

    def system(self) -> SDE:
        """Return the equation."""
        return SDE(drift={x: -theta * x}, noise={x: sigma * W})

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the start."""
        return {x: sp.Float(self.start)}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return θ and σ."""
        return {theta: self.rate, sigma: self.strength}

    @usual_arithmetic
    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact mean ("x") and mean square ("x_squared")."""
        reached = self.rate * np.asarray(times, dtype=float)
        mean = self.start * np.exp(-reached)
        return {"x": mean, "x_squared": mean**2 - self.strength**2 * np.expm1(-2 * reached) / (2 * self.rate)}

    def solution(self, times: NDArray[np.float64], increments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the strong solution on a Brownian path, its noise integral by the midpoint rule on the fine grid.

        Parameters
        ----------
        times
            Equidistant times from 0 on, shape (steps + 1,).
        increments
            Wiener increments between them, shape (..., steps).

        Returns
        -------
        NDArray
            x at all times, shape (..., steps + 1); its error is of the order of the grid's spacing.
        """
        middle = (times[1:] + times[:-1]) / 2
        integral = np.cumsum(np.exp(self.rate * middle) * increments, axis=-1)
        start = np.zeros((*increments.shape[:-1], 1))
        path = self.start + self.strength * np.concatenate([start, integral], axis=-1)
        return np.exp(-self.rate * times) * path
