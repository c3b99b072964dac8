"""Published schemes of weak order 2, as independent witnesses: RI6 of Rößler and Platen's explicit scheme.

Both need random variables J_kl that stand for double integrals. Made of m − 1 two-point variables, as they are commonly
coded, they have weak order 1 only from three noises on that do not commute, since <J_kl J_kl'> = h²/4 for l ≠ l'
where 0 is needed; made of products of m independent signs they have order 2.
"""

import itertools
from typing import ClassVar

import attrs
import numpy as np

from sdeframe.interfaces.increments import FourPoint, Gaussian
from sdeframe.interfaces.integrator import Integrator


def column(f, x, t, k, count):
    """Return the coefficients of real noise k at x and t."""
    unit = np.zeros((count, x.shape[1]))
    unit[k] = 1.0
    return f.noise(x, t, unit)


@attrs.frozen
class RI6(Integrator):
    """Weak order 2 for real Itô noises. Source: Rößler, SIAM J. Numer. Anal. 47, 1713 (2009), table 5.2."""

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 2.0
    interpretation: ClassVar[str] = "ito"
    signs: ClassVar[bool] = True
    noise_kinds: ClassVar[frozenset[str]] = frozenset({"real"})
    admits = (Gaussian, FourPoint)
    why: ClassVar[str] = "it needs <x⁴y²> of complex increments"

    def integrals(self, dW):
        """Return J_kl for k ≠ l from products of independent signs."""
        I, s = dW.path, dW.signs  # noqa: E741 (the symbol of the paper)
        pairs = itertools.permutations(range(len(I)), 2)
        return {(k, n): (I[k] * I[n] - (1 if k < n else -1) * s[k] * s[n]) / 2 for k, n in pairs}

    def step(self, f, x, t, dW):
        h, root, I = dW.dt, np.sqrt(dW.dt), dW.path  # noqa: E741
        m, J = len(I), self.integrals(dW)
        b = [column(f, x, t, k, m) for k in range(m)]
        G = sum(b[k] * I[k] for k in range(m))
        a1 = f.drift(x, t)
        a2 = f.drift(x + h * a1 + G, t + h)
        new = x + h / 2 * (a1 + a2)
        for k in range(m):
            diagonal = (I[k] ** 2 - h) / 2
            up, down = (column(f, x + h * a1 + sign * root * b[k], t + h, k, m) for sign in (1, -1))
            new = new + I[k] * (b[k] / 2 + up / 4 + down / 4) + diagonal / root * (up - down) / 2
            others = [n for n in range(m) if n != k]
            shift = sum((b[n] * J[k, n] for n in others), 0 * b[k]) / root
            up, down = (column(f, x + sign * shift, t, k, m) for sign in (1, -1))
            new = new + I[k] * (-b[k] / 2 + up / 4 + down / 4) + root / 2 * (up - down)
        return new


class TwoPointRI6(RI6):
    """As commonly coded: m − 1 two-point variables, one for each k but the last."""

    def integrals(self, dW):
        I, w, h = dW.path, dW.signs / np.sqrt(dW.dt), dW.dt  # noqa: E741
        pairs = itertools.permutations(range(len(I)), 2)
        return {(k, n): (I[k] * I[n] - (1 if k < n else -1) * h * w[min(k, n)]) / 2 for k, n in pairs}


@attrs.frozen
class Platen(Integrator):
    """Platen's explicit scheme of weak order 2. Source: Kloeden and Platen, section 15.1, equation (1.3)."""

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 2.0
    interpretation: ClassVar[str] = "ito"
    signs: ClassVar[bool] = True
    noise_kinds: ClassVar[frozenset[str]] = frozenset({"real"})

    def step(self, f, x, t, dW):
        h, root, I = dW.dt, np.sqrt(dW.dt), dW.path  # noqa: E741
        w, m = dW.signs / root, len(I)
        b = [column(f, x, t, k, m) for k in range(m)]
        a1 = f.drift(x, t)
        new = x + h / 2 * (a1 + f.drift(x + h * a1 + sum(b[k] * I[k] for k in range(m)), t + h))
        for k in range(m):
            up, down = (column(f, x + h * a1 + sign * root * b[k], t + h, k, m) for sign in (1, -1))
            new = new + I[k] * (up + down + 2 * b[k]) / 4 + (up - down) * (I[k] ** 2 - h) / (4 * root)
            for r in range(m):
                if r != k:
                    up, down = (column(f, x + sign * root * b[r], t, k, m) for sign in (1, -1))
                    V = (-1 if k < r else 1) * h * w[r] * w[k]
                    new = new + I[k] * (up + down - 2 * b[k]) / 4 + (up - down) * (I[k] * I[r] + V) / (4 * root)
        return new
