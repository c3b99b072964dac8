"""Systems with a log-weight of which every number is known."""

import sympy as sp
from sympy import I

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.integrators import EulerMaruyama

x, y, z = *real_variables("x y"), complex_variables("z")


W, F = real_noises("W"), complex_noises("F")


POLICIES = ("dropped", "kept", "zero")


ERRORS = 5.5
"""Standard errors at which a mean and its exact value part; the false-alarm probability of one comparison is 4e-8."""


def girsanov(start=0):
    """Return dx = dW with the weight that gives W the drift 1/2."""
    system = SDE(drift={x: 0}, noise={x: W}, log_weight=(-sp.Rational(1, 8), W / 2))
    return SymbolicModel(system, initial={x: 0}, initial_log_weight=start)


def lossy(start=0):
    """Return a process that explodes the sooner the larger its complex weight, never in a step that W decides."""
    g = sp.Rational(1, 2) + sp.Rational(3, 10) * I
    system = SDE(drift={y: 0, z: z**2 * (1 + sp.tanh(y))}, noise={y: W, z: F / 10}, log_weight=(-(g**2) / 2, g * W))
    return SymbolicModel(system, initial={y: 0, z: 1}, initial_log_weight=start, runaway_variables=(z,))


def run(model, observers, times=(0.0, 0.5, 1.0), trajectories=600, **settings):
    scheme = EulerMaruyama(dt=1 / 32)
    return simulate(
        model, scheme, observers=observers, times=times, trajectories=trajectories, seed=5, progress=False, **settings
    )
