"""Whether trajectories meet poles of some weights.

They are there where w_i c_i + f_i(c) = 0 has a solution, f being what keeps up, and are met from everywhere nearby
where all perturbations of it but that of their time fade.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic

STARTS: Final = 64
"""Random points from which a balance is sought."""
STEPS: Final = 60
"""Of Newton's method from each."""
CLOSE: Final = 1e-9
"""What a balance may be off by."""
FADING: Final = 1e-4
"""What the rate of a perturbation that neither grows nor fades may be off by."""
THERE: Final = 5e-3
"""The least size of a coefficient that is not 0."""

Terms = Sequence[tuple[tuple[int, ...], sp.Expr]]
"""Powers and coefficients of monomials."""


@attrs.frozen
class Balance:
    """Left sides w_i c_i + f_i(c) as functions of c and of how far w moves along charges."""

    weights: NDArray[np.float64]
    charges: NDArray[np.float64]
    """Shape (charges, variables)."""
    rows: NDArray[np.int64]
    """To which equation each monomial belongs."""
    powers: NDArray[np.int64]
    """Shape (monomials, variables)."""
    coefficients: NDArray[np.complex128]

    def value(self, unknown: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return the left sides."""
        c, moved = self._split(unknown)
        found = moved * c
        np.add.at(found, self.rows, self.coefficients * np.prod(c**self.powers, axis=1))
        return found

    def slope(self, unknown: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return their derivatives, shape (variables, unknowns)."""
        c, moved = self._split(unknown)
        own = np.diag(moved)
        for j in range(len(c)):
            lowered = self.powers.copy()
            lowered[:, j] = np.maximum(lowered[:, j] - 1, 0)
            np.add.at(own[:, j], self.rows, self.coefficients * self.powers[:, j] * np.prod(c**lowered, axis=1))
        return np.hstack([own, (self.charges * c).T])

    def _split(self, unknown: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        c, along = np.split(unknown, [len(self.weights)])
        return c, self.weights + along @ self.charges


def is_met(kept: Sequence[Terms], weights: Sequence[Fraction], charges: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether poles are there and met from everywhere nearby.

    Parameters
    ----------
    kept
        Of every variable the monomials of its drift that keep up.
    weights, charges
        Of all variables, as in `Growth`.
    """
    grown = [i for i, w in enumerate(weights) if w]
    terms = [(k, m, c) for k, i in enumerate(grown) for m, c in kept[i]]
    if any(c.free_symbols or any(n for j, n in enumerate(m) if j not in grown) for _, m, c in terms):
        return False
    balance = Balance(
        np.array([float(weights[i]) for i in grown]),
        np.array([[float(u[i]) for i in grown] for u in charges]).reshape(len(charges), len(grown)),
        np.array([k for k, _, _ in terms], dtype=np.int64),
        np.array([[m[i] for i in grown] for _, m, _ in terms], dtype=np.int64).reshape(len(terms), len(grown)),
        np.array([complex(c) for _, _, c in terms], dtype=complex),
    )
    strong = [k for k, i in enumerate(grown) if weights[i] == max(weights)]
    return usual_arithmetic(_found)(balance, strong, len(grown), len(charges))


def _found(balance: Balance, strong: Sequence[int], size: int, free: int) -> bool:
    """Return whether Newton's method finds one, from random points."""
    generator = np.random.default_rng(1)
    with np.errstate(all="ignore"):
        for _ in range(STARTS):
            c = 2 * (generator.standard_normal(size + free) + 1j * generator.standard_normal(size + free))
            c[size:] = 0
            for _ in range(STEPS):
                off: NDArray[Any] = balance.value(c)
                if not np.isfinite(off).all():
                    break
                c = c - np.linalg.lstsq(balance.slope(c), off, rcond=1e-10)[0]
            if np.isfinite(c).all() and np.abs(balance.value(c)).max() < CLOSE and np.abs(c[strong]).max() > THERE:
                rates = np.linalg.eigvals(balance.slope(c)[:, :size])
                if np.count_nonzero(rates.real < -FADING) == 1:
                    return True
    return False
