"""Integrators: one scheme a file."""

from sdeframe.integrators.euler_maruyama import EulerMaruyama
from sdeframe.integrators.heun import Heun
from sdeframe.integrators.milstein import Milstein
from sdeframe.integrators.rk4 import RK4
from sdeframe.integrators.semi_implicit_midpoint import SemiImplicitMidpoint
from sdeframe.integrators.stochastic_rk2 import StochasticRK2
from sdeframe.integrators.w2s4 import W2S4

__all__ = ["RK4", "W2S4", "EulerMaruyama", "Heun", "Milstein", "SemiImplicitMidpoint", "StochasticRK2"]
