"""Random systems and states."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from sdeframe.symbols import complex_noises, complex_variables, real_noises
from sdeframe.system import SDE

a, b = complex_variables("a b")
F, W = complex_noises("F"), real_noises("W")

COEFFICIENTS = st.sampled_from([sp.Integer(k) * unit / 2 for k in (-2, -1, 1, 2) for unit in (sp.Integer(1), sp.I)])
MONOMIALS = st.sampled_from([sp.Integer(1), a, b, a * b, a**2, sp.conjugate(a) * b, a * sp.conjugate(b)])


@st.composite
def systems(draw: st.DrawFn) -> SDE:
    """Draw an Itô system of two complex variables: polynomials, analytic or not, with a real and a complex noise."""

    def polynomial() -> sp.Expr:
        return sum((draw(COEFFICIENTS) * draw(MONOMIALS) for _ in range(draw(st.integers(1, 3)))), sp.Integer(0))

    def noise() -> sp.Expr:
        return polynomial() * F + polynomial() * sp.conjugate(F) + polynomial() * W

    return SDE(drift={a: polynomial(), b: polynomial()}, noise={a: noise(), b: noise()})


def states(sde: SDE, trajectories: int = 8, largest: float = 2.0) -> st.SearchStrategy[NDArray[Any]]:
    """Draw states of a system, complex, shape (variables, trajectories); real variables have real values.

    Parameters
    ----------
    sde
        The system.
    trajectories
        How many states.
    largest
        On each part of a value.
    """
    shape = (2, len(sde.state), trajectories)
    real = np.array([bool(x.is_real) for x in sde.state])
    parts = hnp.arrays(float, shape, elements=st.floats(-largest, largest, allow_subnormal=False))
    return parts.map(lambda p: p[0] + 1j * np.where(real[:, None], 0.0, p[1]))
