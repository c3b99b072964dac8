"""Integrators: one scheme a file."""

from sdeframe.integrators.euler_maruyama import EulerMaruyama
from sdeframe.integrators.stochastic_rk2 import StochasticRK2

__all__ = ["EulerMaruyama", "StochasticRK2"]
