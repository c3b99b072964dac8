"""Random systems, states and parameter values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import sympy as sp
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from sdeframe.symbolic.symbols import complex_noises, complex_variables, parameters, real_noises, real_variables, time
from sdeframe.symbolic.system import SDE

__all__ = ["kernels", "parameter_values", "states", "systems", "tavis_cummings_parameters"]

COMPLEX, REAL = complex_variables("a b"), real_variables("p q")
COMPLEX_NOISES, REAL_NOISES = complex_noises("F G"), real_noises("V W")
RATE: Final = parameters("k")

Row = st.SearchStrategy[Any]


@st.composite
def systems(draw: st.DrawFn, *, interpretation: str | None = None) -> SDE:
    """Draw a system of up to two complex and two real variables, with as many complex and real noises.

    Coefficients are polynomials, analytic or not, in variables, a parameter and time: one or two terms of degree 2 at
    most. Two real noises may be correlated.

    Parameters
    ----------
    draw
        Given by hypothesis.
    interpretation
        "ito" or "stratonovich"; either if not given.
    """
    z, x, F, W = (draw(_first(symbols)) for symbols in (COMPLEX, REAL, COMPLEX_NOISES, REAL_NOISES))
    variables = (*z, *x) or COMPLEX[:1]
    coefficient = _polynomials((*variables, *map(sp.conjugate, variables), RATE, time))
    noise = _noises(coefficient, (*F, *map(sp.conjugate, F), *W))
    rows = {v: (draw(coefficient), draw(noise)) for v in variables}
    rows |= {v: (_real(rows[v][0]), _real(rows[v][1])) for v in x}
    both = len(W) == 2 and {*W} <= sp.Tuple(*[row[1] for row in rows.values()]).free_symbols
    return SDE(
        drift={v: row[0] for v, row in rows.items()},
        noise={v: row[1] for v, row in rows.items()},
        interpretation=interpretation or draw(st.sampled_from(["ito", "stratonovich"])),
        covariance={(W[0], W[1]): sp.Rational(draw(st.integers(-5, 5)), 5)} if both else {},
    )


def _first(symbols: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.integers(0, len(symbols)).map(lambda n: symbols[:n])


def _polynomials(factors: tuple[Any, ...]) -> Row:
    monomials = st.lists(st.sampled_from(factors), max_size=2).map(lambda fs: sp.Mul(*fs))
    numbers = st.tuples(st.integers(-2, 2), st.integers(-2, 2)).map(lambda c: (c[0] + sp.I * c[1]) / 2)
    return st.lists(st.builds(sp.Mul, numbers, monomials), min_size=1, max_size=2).map(lambda terms: sp.Add(*terms))


def _noises(coefficient: Row, units: tuple[Any, ...]) -> Row:
    if not units:
        return st.just(sp.Integer(0))
    terms = st.builds(sp.Mul, coefficient, st.sampled_from(units))
    return st.lists(terms, min_size=1, max_size=2).map(lambda parts: sp.Add(*parts))


def _real(f: Any) -> Any:
    return sp.expand(f + sp.conjugate(f))


def kernels(sde: SDE) -> st.SearchStrategy[Any]:
    """Draw a kernel of a drift gauge: polynomials, analytic or not, times the noises of a system and their conjugates.

    Where a system has real variables the kernel is real, so that their drift stays so.

    Parameters
    ----------
    sde
        The system.
    """
    variables, noises = sde.variables.values(), sde.noises.values()
    units = tuple(dict.fromkeys(u for w in noises for u in (w, sp.conjugate(w))))
    kernel = _noises(_polynomials((*variables, *map(sp.conjugate, variables), *sde.parameters.values(), time)), units)
    return kernel.map(_real) if any(x.is_real for x in variables) else kernel


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


def parameter_values(sde: SDE) -> st.SearchStrategy[Mapping[Any, float]]:
    """Draw a value for every parameter of a system: from 0.1 to 3 where it is positive, else from -3 to 3.

    Parameters
    ----------
    sde
        The system.
    """
    return st.fixed_dictionaries({k: st.floats(0.1 if k.is_positive else -3.0, 3.0) for k in sde.parameters.values()})


def tavis_cummings_parameters(*, decay: float = 2.0, density: float = 10.0) -> st.SearchStrategy[Mapping[str, Any]]:
    """Draw keyword arguments of `sdeframe.models.TavisCummings`, its form apart, for 2 to 200 atoms.

    Parameters
    ----------
    decay
        The largest decay rate.
    density
        The largest number of photons an atom.
    """

    def for_atoms(atoms: int) -> st.SearchStrategy[Mapping[str, Any]]:
        return st.fixed_dictionaries(
            {
                "atoms": st.just(atoms),
                "photons": st.floats(0.0, density * atoms),
                "decay": st.floats(0.0, decay),
                "start": st.sampled_from(["ground", "excited"]),
            }
        )

    return st.integers(2, 200).flatmap(for_atoms)
