"""What is averaged over phase space for the probability of n photons.

The operator |n><n| stands in normal order as :N^n e^(−N)/n!: with N = a†a (Kelley and Kleiner 1964), so that positive-P
and P average N^n e^(−N)/n! with N = αα⁺. In the Wigner function it is 2(−1)^n L_n(4|α|²) e^(−2|α|²) with the Laguerre
polynomials L_n (Cahill and Glauber 1969), never larger than 2. Both follow from their first one by rational steps.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached

TAME: Final = 10.0
"""Largest modulus of a value that is held to be tame, in units of the most that a Poisson law gives n photons."""

TYPES: Final = "void(float64[:,:,::1], int64[::1], float64[::1], float64[:,:,::1], int64)"
SOURCE: Final = f"""
import numpy as np
from sdeframe.compiled.jit import outer


@outer({TYPES!r})
def normal(rows, chosen, limits, out, first):
    # the number and e^(−N), real parts, then imaginary ones; out: values, tame values, real parts, then imaginary ones
    many, size = limits.size, rows.shape[2]
    for r in range(rows.shape[0]):
        x, start, y, start_imag = rows[r, chosen[0]], rows[r, chosen[1]], rows[r, chosen[2]], rows[r, chosen[3]]
        for n in range(many):
            real, imag = out[r, first + n], out[r, first + 2 * many + n]
            tame_real, tame_imag = out[r, first + many + n], out[r, first + 3 * many + n]
            if n == 0:
                for i in range(np.uint64(size)):
                    real[i], imag[i] = start[i], start_imag[i]
            else:
                before, before_imag, share = out[r, first + n - 1], out[r, first + 2 * many + n - 1], 1.0 / n
                for i in range(np.uint64(size)):
                    a, b, u, v = before[i], before_imag[i], x[i], y[i]
                    real[i] = (a * u - b * v) * share
                    imag[i] = (a * v + b * u) * share
            limit = limits[n]
            for i in range(np.uint64(size)):
                a, b = real[i], imag[i]
                tame = 1.0 if a * a + b * b <= limit else 0.0
                tame_real[i] = a if tame > 0.0 else 0.0
                tame_imag[i] = b if tame > 0.0 else 0.0


@outer({TYPES!r})
def symmetric(rows, chosen, limits, out, first):
    # |α|² − 1/2 and e^(−|α|²), real parts; out: values, real parts, then imaginary ones
    # L_n e^(−|α|²) comes first: e^(−2|α|²) is no float where P(n) is one
    many, size = limits.size, rows.shape[2]
    for r in range(rows.shape[0]):
        x, start = rows[r, chosen[0]], rows[r, chosen[1]]
        for n in range(many):
            real, imag = out[r, first + n], out[r, first + many + n]
            if n == 0:
                for i in range(np.uint64(size)):
                    real[i], imag[i] = start[i], 0.0
            elif n == 1:
                for i in range(np.uint64(size)):
                    real[i], imag[i] = (4.0 * x[i] + 1.0) * start[i], 0.0
            else:
                one, two, share = out[r, first + n - 1], out[r, first + n - 2], 1.0 / n
                for i in range(np.uint64(size)):  # n L_n(z) = (2n − 1 − z) L_(n−1) − (n − 1) L_(n−2) with z = 4x + 2
                    real[i] = ((4.0 * x[i] + 3.0 - 2.0 * n) * one[i] - (n - 1.0) * two[i]) * share
                    imag[i] = 0.0
        for n in range(many):
            real = out[r, first + n]
            for i in range(np.uint64(size)):
                real[i] *= 2.0 * start[i]
"""


KINDS_OF_VALUES: Final = {"normal": 2, "symmetric": 1}
"""How many values of each photon number are written: what is averaged, then it where it is tame, else 0."""


@cached(16)
def _limits(largest: int) -> NDArray[np.float64]:
    """Return the squares of the largest tame moduli for 0 to `largest` photons; n^n e^(−n)/n! is their unit."""
    from scipy.special import gammaln, xlogy

    n = np.arange(largest + 1.0)
    return np.asarray((TAME * np.exp(xlogy(n, n) - n - gammaln(n + 1))) ** 2)


@cached(None)
def _compiled(name: str) -> Any:
    from sdeframe.compiled.cache import compile_source

    return compile_source(SOURCE)[name]


def fill(
    name: str, largest: int, chosen: NDArray[np.int64], first: int, rows: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """Write the values of 0 to `largest` photons.

    Parameters
    ----------
    name
        "normal" or "symmetric".
    largest
        The largest photon number.
    chosen
        The rows of the real parts of photon number and first value (`Ordering.start`), then of the imaginary parts.
    first
        The first row that is written.
    rows, out
        Shape (runs, rows, trajectories), other numbers of rows.
    """
    _compiled(name)(rows, chosen, _limits(largest), out, first)
