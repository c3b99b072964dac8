"""Geometric Brownian motion: the simplest multiplicative noise, everything known."""

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
from sdeframe.validators import finite

x, W = real_variables("x"), real_noises("W")
mu, sigma = parameters("mu sigma")


@attrs.frozen
class GeometricBrownianMotion(SolvableModel):
    """dx = μ x dt + σ x dW (Itô) from a fixed start.

    Parameters
    ----------
    growth
        μ.
    volatility
        σ.
    start
        x at time 0.
    """

    growth: float = attrs.field(default=0.1, validator=finite)
    volatility: float = attrs.field(default=0.5, validator=finite)
    start: float = attrs.field(default=1.0, validator=finite)

    @property
    def observables(self) -> Expressions:
        """Mean and mean square."""
        return {"x": x, "x_squared": x**2}

    @property
    def balances(self) -> Mapping[str, tuple[sp.Expr, sp.Expr]]:
        """Mean and mean square grow exponentially."""
        return {"x": (x, mu * x), "x_squared": (x**2, (2 * mu + sigma**2) * x**2)}

    def system(self) -> SDE:
        """Return the equation."""
        return SDE(drift={x: mu * x}, noise={x: sigma * x * W})

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the start."""
        return {x: sp.Float(self.start)}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return μ and σ."""
        return {mu: self.growth, sigma: self.volatility}

    @usual_arithmetic
    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact mean ("x") and mean square ("x_squared")."""
        t = np.asarray(times, dtype=float)
        mean = self.start * np.exp(self.growth * t)
        return {"x": mean, "x_squared": mean**2 * np.exp(self.volatility**2 * t)}

    def solution(self, times: NDArray[np.float64], increments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the exact strong solution x₀ exp((μ − σ²/2) t + σ W(t)) on a Brownian path.

        Parameters
        ----------
        times
            Times from 0 on, shape (steps + 1,).
        increments
            Wiener increments between them, shape (..., steps).

        Returns
        -------
        NDArray
            x at all times, shape (..., steps + 1).
        """
        start = np.zeros((*increments.shape[:-1], 1))
        path = np.concatenate([start, np.cumsum(increments, axis=-1)], axis=-1)
        return self.start * np.exp((self.growth - self.volatility**2 / 2) * times + self.volatility * path)
