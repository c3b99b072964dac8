"""Weak order of a single step of any system, against the series of its generator."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import sympy as sp

from sdeframe.conformance.orders.enumeration import enumerated_step, in_its_calculus
from sdeframe.interfaces.integrator import Integrator
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.symbolic.symbols import time
from sdeframe.symbolic.system import SDE


def local_order(
    integrator: Integrator, sde: SDE, start: Mapping[Any, complex], f: Any, at: float = 0.0, terms: int = 5
) -> float:
    """Return log₂ of the ratio of the errors that one step and one of half its length make in the mean of f.

    A scheme of weak order p has p + 1. The exact mean is the series Σ hᵏ/k! Lᵏf of the generator.

    Parameters
    ----------
    integrator
        The scheme, with the longer step.
    sde
        A system without parameters.
    start
        Its state.
    f
        An expression in its variables, C0 and conjugates.
    at
        Time at which the step begins.
    terms
        Terms of the series after the first.
    """
    point = {time: at} | {x: sp.sympify(v) for x, v in start.items()}
    series, g = [], f
    for k in range(terms + 1):
        series.append(complex(sp.N(g.xreplace(point), 30)) / math.factorial(k))
        g = sde.generator(g)
    system, state = EagerSystem(in_its_calculus(integrator, sde)), [start[x] for x in sde.state]
    value = sp.lambdify(sde.state, f, "numpy")
    errors = []
    for h in (integrator.dt, integrator.dt / 2):
        states, chance = enumerated_step(attrs.evolve(integrator, dt=h), system, state, at)
        exact = sum(c * h**k for k, c in enumerate(series))
        errors.append(abs(np.dot(np.broadcast_to(value(*states), chance.shape), chance) - exact))
    return math.log2(errors[0] / errors[1])
