"""Noise with a memory: variables of their own, which a system that holds them takes in, with their stationary start."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.symbolic.drives.filtered import Filter
from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.symbols import Parameter
from sdeframe.validators import real_numbers, shown

__all__ = ["filtered_noise", "ornstein_uhlenbeck_noise", "partially_coherent"]


def ornstein_uhlenbeck_noise(name: str, rate: Any, deviation: Any = 1, *, real: bool = True) -> Any:
    """Return an Ornstein-Uhlenbeck process y, <y(t) y*(t')> = deviation² exp(−rate |t − t'|), as a variable.

    It stands in drift or noise of an `SDE`, or in coefficients of a `Master`, as a parameter does, and brings
    dy = −rate y dt + √(2 rate) deviation dW along, and its stationary start.

    Parameters
    ----------
    name
        Of the variable; its noise is ``W_<name>``.
    rate
        One over the correlation time: a positive number or expression in positive parameters.
    deviation
        Its standard deviation, likewise.
    real
        Whether it is real; a complex one has <y²> = 0.

    Raises
    ------
    TypeError, ValueError
        If something else is given.
    """
    gamma, sigma = (_positive(name, *given) for given in (("rate", rate), ("deviation", deviation)))
    matrices = (sp.ImmutableMatrix([[c]]) for c in (-gamma, sp.sqrt(2 * gamma) * sigma, sigma))
    return Filter((_name(name),), bool(real), *matrices).variables[0]


def filtered_noise(names: str, drift: ArrayLike, noise: ArrayLike, *, real: bool = True) -> tuple[Any, ...]:
    """Return the variables of dx = A x dt + B dW, white noise behind a linear filter, with their stationary start.

    Each stands in drift or noise of an `SDE`, or in coefficients of a `Master`, as a parameter does, and brings the
    filter along.

    Parameters
    ----------
    names
        Of the variables, such as "x v".
    drift
        The real matrix A, whose eigenvalues have negative real parts, shape (variables, variables).
    noise
        The real matrix B, shape (variables, noises).
    real
        Whether variables and noises are real, else complex.

    Raises
    ------
    ValueError
        If something else is given.
    """
    from scipy.linalg import solve_continuous_lyapunov

    found = tuple(map(_name, names.split()))
    A, B = (_matrix(what, given) for what, given in (("drift", drift), ("noise", noise)))
    if A.shape != (len(found), len(found)) or B.shape[0] != len(found) or len({*found}) < len(found):
        raise ValueError(
            f"filtered_noise({shown(names)}): drift of shape {A.shape} and noise of shape {B.shape} for "
            f"{len(found)} variables: give different names, a row for each, and a column of the drift"
        )
    slowest = float(np.linalg.eigvals(A).real.max())
    if slowest >= 0:
        raise ValueError(f"filtered_noise({shown(names)}): an eigenvalue of the drift has the real part {slowest:g}: "
                         f"only negative ones have a stationary state")  # fmt: skip
    covariance = solve_continuous_lyapunov(A, -B @ B.T)
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return Filter(found, bool(real), *(sp.ImmutableMatrix(M.tolist()) for M in (A, B, root))).variables


def partially_coherent(envelope: Any, name: str, coherence_time: Any) -> Any:
    """Return a pulse with a phase and an amplitude that wander: an envelope times a complex process of variance 1.

    Its coherence is <E*(t) E(t')> = f*(t) f(t') exp(−|t − t'|/coherence_time) with the envelope f.

    Parameters
    ----------
    envelope
        An expression in the time, such as ``eps(time)`` of a sampled drive.
    name
        Of the process, a complex variable.
    coherence_time
        A positive number or expression in positive parameters.

    Raises
    ------
    TypeError, ValueError
        If something else is given.
    """
    tau = _positive(name, "coherence_time", coherence_time)
    return expression(envelope, "envelope") * ornstein_uhlenbeck_noise(name, 1 / tau, real=False)


def _positive(name: str, what: str, value: Any) -> Any:
    found = expression(value, f"{what} of {name}")
    if not found.is_positive or found.free_symbols - found.atoms(Parameter):
        raise ValueError(
            f"{what}={found} of {name}: must be a positive number, or an expression in parameters that are declared "
            f"with parameters(..., positive=True)"
        )
    return found


def _name(name: Any) -> str:
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"name {shown(name)}: must be a letter, then letters, digits and underscores")
    return name


def _matrix(what: str, given: Any) -> NDArray[np.float64]:
    found = real_numbers(given)
    if found is None or found.ndim != 2 or not np.isfinite(found).all():
        raise ValueError(f"{what}={shown(given)}: must be a matrix of finite real numbers")
    return found
