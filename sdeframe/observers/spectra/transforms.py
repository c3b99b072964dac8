"""From values along trajectories to the spectrum of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached

Array = NDArray[np.float64]
Pair = tuple[str, sp.Expr, sp.Expr]
"""A name with the early and the late factor, A and B."""

ROWS: Final = 16
"""Trajectories that are transformed at once. Always as many: the library takes them by vectors and a rest one by one,
so that no bit can depend on who stands beside whom."""

TAPERS: Final = ("none", "hann")


@attrs.frozen
class Product:
    """A spectrum as Ã(ω) B̃(ω), of the transforms F(ω) = Σ f e^{iωt} of expressions f, by their numbers.

    B̃ is F of B. Ã = Σ A e^{-iωt} is F(-ω) of A, or the complex conjugate of F(ω) where A is that of an expression.
    """

    early: int
    conjugated: bool
    late: int


@cached(64)
def plan(pairs: tuple[Pair, ...]) -> tuple[tuple[sp.Expr, ...], tuple[Product, ...]]:
    """Return the expressions to be transformed, as few as can be, and each spectrum as a product."""
    number: dict[sp.Expr, int] = {}
    late = [number.setdefault(b, len(number)) for _, _, b in pairs]
    products = []
    for (_, a, _), right in zip(pairs, late, strict=True):
        mirror = sp.conjugate(a)
        conjugated = mirror in number
        left = number[mirror] if conjugated else number.setdefault(a, len(number))
        products.append(Product(left, conjugated, right))
    return tuple(number), tuple(products)


def taper_of(name: str, count: int) -> Array | None:
    """Return factors w of values in a window with Σ w² = count, or None where all are 1."""
    if name == "none":
        return None
    from scipy.signal.windows import hann

    w = hann(count, sym=False)
    return np.asarray(w * np.sqrt(count / (w**2).sum()))


def frequencies(count: int, dt: float) -> Array:
    """Return the angular frequencies of so many times, ascending."""
    from scipy.fft import fftfreq, fftshift

    return np.asarray(2 * np.pi * fftshift(fftfreq(count, dt)))


def to_spectra(series: Array, products: Sequence[Product], dt: float, taper: Array | None) -> Array:
    """Return the spectrum of every trajectory, (dt/N) Ã(ω) B̃(ω), in the place of its values, which are lost.

    Parameters
    ----------
    series
        Real parts, then imaginary parts of the expressions, shape (2 max(expressions, names), N, trajectories).
    products
        The spectra.
    dt
        Time between values.
    taper
        Factors of values in time, shape (N,).

    Returns
    -------
    NDArray
        Real, then imaginary parts by ascending frequency, shape (2 names, N, trajectories).
    """
    from scipy.fft import fftshift, ifft

    m, (_, n, trajectories) = 1 + max(max(p.early, p.late) for p in products), series.shape
    values = np.zeros((m, ROWS, n), dtype=complex)
    plus = fftshift(np.arange(n))
    minus = -plus % n
    for first in range(0, trajectories, ROWS):
        block = series[:, :, first : first + ROWS]
        taken = slice(block.shape[2])
        for part, rows in ((values.real, block[:m]), (values.imag, block[m : 2 * m])):
            part[:, taken] = rows.swapaxes(1, 2)
            if taper is not None:
                part *= taper
        with np.errstate(all="ignore"):  # of the lost, who do not count
            F = ifft(values, axis=2, norm="forward")
            for k, p in enumerate(products):
                A, B = F[p.early][:, plus if p.conjugated else minus], F[p.late][:, plus]
                # by real operations, each of which is rounded alike in any array
                a, b, c, d = A.real, -A.imag if p.conjugated else A.imag, B.real, B.imag
                block[k] = ((a * c - b * d) * (dt / n))[taken].T
                block[len(products) + k] = ((a * d + b * c) * (dt / n))[taken].T
    return series[: 2 * len(products)]
