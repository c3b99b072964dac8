"""A small driven system with every kind of random number, run with tied trajectories."""

import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    simulate,
    time,
)
from sdeframe.integrators import W2S4
from sdeframe.observers import Moments, Runaways, Trajectories
from sdeframe.sampling import Balanced

x, a = real_variables("x"), complex_variables("a")
W, F = real_noises("W"), complex_noises("F")
DRIVE = sp.Piecewise((1.0, time < 1.234), (0.0, True))
SYSTEM = SDE(
    drift={x: -x + a * sp.conjugate(a) / 4, a: -a / 2 - sp.I * x * a + DRIVE},
    noise={x: sp.Rational(1, 2) * W, a: (1 + x / 4) * F / 2},
)
START = {x: random_normal("n") / 4, a: sp.exp(2 * sp.pi * sp.I * random_uniform("u"))}
MODEL = SymbolicModel(SYSTEM, START)
CHOSEN = (0, 1, 77, 1023, 1024, 2047, 3000, 8191)
OPTIONS = {
    "observers": [
        Moments(x=x, photons=a * sp.conjugate(a)),
        Moments(bound=1.5, low=x),
        Runaways(2.0),
        Trajectories(CHOSEN, x_path=x, a_path=a),
    ],
    "times": [0.0, 1.0, 2.6, 4.0], "trajectories": 8192, "seed": 5, "progress": False, "step_error": True,
    "sampling": Balanced(block=1024),
}  # fmt: skip
"""Steps of .1, of which two are cut at 1.234: forty-some, more than a word holds."""


def run(**changes):
    return simulate(MODEL, W2S4(dt=0.1), **{**OPTIONS, **changes})
