"""Compiled functions of many kets."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.caches import cached
from sdeframe.compiled.cache import compile_source

TABLE: Final = (
    "void(complex128[:,::1], int64[:,::1], float64[::1], int64[::1], int64[::1], int64[::1], boolean, "
    "complex128[:,::1], float64[::1])"
)
SHELL: Final = "void(complex128[:,::1], int64[::1], int64[::1], int64[::1], int64[::1], float64, float64[::1])"
SOLVE: Final = "boolean(complex128[:,::1], complex128[::1])"
NUMBERS: Final = "void(uint64[::1], int64, int64, uint64, uint64, float64[:,::1])"
SOURCE: Final = f"""
from math import sqrt
import numpy as np
from sdeframe.compiled.jit import outer
from sdeframe.compiled.functions.exponential import exp
from sdeframe.compiled.kets.elements import elements, log_norm, turns
from sdeframe.compiled.kets.shells import moved
from sdeframe.compiled.normals import normal_pair
from sdeframe.compiled.random_numbers import EVENT, uniform_pair


@outer({TABLE!r})
def table(z, powers, log_sizes, most, factor, size, whole, out, log_norms):
    logs, sizes = np.empty(z.shape[1]), np.empty(log_sizes.size)
    powers_of_units = np.empty((z.shape[1], most.max() + 1), np.complex128)
    for i in range(z.shape[0]):
        turns(z[i], most, logs, powers_of_units)
        log_norms[i] = elements(powers, log_sizes, logs, powers_of_units, sizes, out[i])
        if whole:
            share = exp(log_norms[i] - log_norm(z[i], factor, size))
            log_norms[i] = log_norm(z[i], factor, size)
            for s in range(log_sizes.size):
                out[i, s] *= share


@outer({SHELL!r})
def shells(z, quanta, flow, factor, size, number, distances):
    for i in range(z.shape[0]):
        distances[i] = moved(z[i], quanta, flow, factor, size, number)


@outer({SOLVE!r})
def solve(A, b):
    n = b.size
    for k in range(n):
        pivot = A[k, k].real
        if not pivot > 0.0:
            return False
        scale = 1.0 / sqrt(pivot)
        for j in range(k, n):
            A[k, j] *= scale
        for i in range(k + 1, n):
            factor = A[k, i].conjugate()
            for j in range(i, n):
                A[i, j] -= factor * A[k, j]
    for k in range(n):
        b[k] /= A[k, k].real
        for i in range(k + 1, n):
            b[i] -= A[k, i].conjugate() * b[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            b[k] -= A[k, j] * b[j]
        b[k] /= A[k, k].real
    return True


@outer({NUMBERS!r})
def normals(ids, event, channel, k0, k1, out):
    for i in range(ids.size):
        for j in range(out.shape[1] // 2):
            a, b = normal_pair(ids[i], event, channel + j, EVENT, 0, k0, k1)
            out[i, 2 * j], out[i, 2 * j + 1] = a, b


@outer({NUMBERS!r})
def uniforms(ids, event, channel, k0, k1, out):
    for i in range(ids.size):
        for j in range(out.shape[1] // 2):
            a, b = uniform_pair(ids[i], event, channel + j, EVENT, 0, k0, k1)
            out[i, 2 * j], out[i, 2 * j + 1] = a, b
"""


@cached(None)
def ket_functions() -> dict[str, Any]:
    """Return the compiled functions.

    ``table(z, powers, log_sizes, most, factor, size, whole, out, log_norms)`` writes the elements of normalised kets,
    shape (kets, states), and the logarithms of their norms, in all number states or in those that there are; z holds
    their variables, shape (kets, variables), `most` the largest power of each; `factor` says which variables are one
    spinor, `size` of how many emitters, 0 for a mode. ``shells(z, quanta, flow, factor, size, number, s)`` multiplies
    variables by exp(flow s), such that the mean number of `quanta` is a given one, makes the length of spinors 1, and
    writes s. ``solve(A, b)`` writes the solution of A x = b with a
    positive matrix to b, spoils A, and tells whether there is one. ``normals(ids, event, channel, k0, k1, out)`` and
    ``uniforms`` write random numbers of events, shape (kets, numbers), of channels from one on, each of which gives
    two.
    """
    return compile_source(SOURCE)
