"""Kets in number states."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.compiled.kets.functions import ket_functions
from sdeframe.interfaces.kets import NumberBasis, Spinor

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]

AT_A_TIME = 256
"""Kets whose elements are written out at once to be summed."""


@attrs.frozen(eq=False)
class NumberStates:
    """What the elements of kets in a basis are made of: c_s Π_v z_v^{n_sv}."""

    basis: NumberBasis
    powers: NDArray[np.int64]
    """n, shape (states, variables)."""
    log_sizes: Reals
    """ln c."""
    most: NDArray[np.int64]
    """The largest power of every variable."""
    factor: NDArray[np.int64]
    """Of which factor of the basis every variable is."""
    sizes: NDArray[np.int64]
    """Of how many emitters every factor is the spinor, 0 for a mode."""
    quanta: NDArray[np.int64]
    """What every variable counts in the number of quanta."""

    @property
    def length(self) -> int:
        """How many states there are."""
        return len(self.log_sizes)

    @property
    def variables(self) -> int:
        """How many variables there are."""
        return len(self.most)

    @property
    def projected(self) -> bool:
        """Whether kets are projected on one number of quanta."""
        totals = self.basis.totals
        return totals is not None and totals[0] == totals[1]

    def elements(self, values: Complexes) -> tuple[Complexes, Reals]:
        """Return the elements of normalised kets, shape (kets, states), and the logarithms of the norms of all.

        Where all states have one number of quanta, kets are those projected on it.

        Parameters
        ----------
        values
            Of the variables, shape (kets, variables).
        """
        found, log_norms = np.empty((len(values), self.length), dtype=complex), np.empty(len(values))
        write: Any = ket_functions()["table"]
        of = self.powers, self.log_sizes, self.most, self.factor, self.sizes
        write(np.ascontiguousarray(values), *of, not self.projected, found, log_norms)
        return found, log_norms

    def summed(self, values: Complexes, log_weight: Complexes) -> Complexes:
        """Return Σ exp(C0)|z> over kets."""
        total = np.zeros(self.length, dtype=complex)
        for first in range(0, len(values), AT_A_TIME):
            part = slice(first, first + AT_A_TIME)
            elements, log_norms = self.elements(values[part])
            with np.errstate(over="ignore", invalid="ignore"):
                total += np.einsum("k,kd->d", np.exp(log_weight[part] + log_norms), elements)
        return total

    def on_shell(self, values: Complexes) -> Complexes:
        """Return kets that are the same but for a factor, with spinors of length 1.

        Those of one number of quanta have it as their mean number too: projected, exp(s n̂)|z> is the same for all s.
        """
        return self._moved(values, self.quanta if self.projected else np.zeros_like(self.quanta))[0]

    def near_shell(self, values: Complexes) -> tuple[Complexes, NDArray[np.bool_]]:
        """Return other kets with spinors of length 1, and whether they are on shell: those of modes alone are moved."""
        if not self.projected:
            return self.on_shell(values), np.ones(len(values), dtype=bool)
        of_modes = np.where(self.sizes[self.factor] == 0, self.quanta, 0)
        found, s = self._moved(values, of_modes if of_modes.any() else self.quanta)
        return found, np.isfinite(s)

    def _moved(self, values: Complexes, flow: NDArray[np.int64]) -> tuple[Complexes, Reals]:
        found, s = np.array(values), np.zeros(len(values))
        quanta, number = (self.quanta, self.basis.totals[1]) if self.projected and self.basis.totals else (flow, 0)
        ket_functions()["shells"](found, quanta, flow, self.factor, self.sizes, float(number), s)
        return found, s


@cached(64)
def number_states(basis: NumberBasis) -> NumberStates:
    """Return what the elements of kets in a basis are made of."""
    from scipy.special import gammaln

    places = np.unravel_index(basis.kept(), [factor.length for factor in basis.factors])
    powers, log_sizes = [], np.zeros(basis.length)
    for factor, place in zip(basis.factors, places, strict=True):
        own = factor.powers()[place]
        powers.append(own)
        if isinstance(factor, Spinor):
            log_sizes += 0.5 * (gammaln(factor.size + 1.0) - gammaln(own + 1.0).sum(axis=1))
        else:
            log_sizes -= 0.5 * gammaln(own[:, 0] + 1.0)
    table = np.ascontiguousarray(np.concatenate(powers, axis=1))
    return NumberStates(
        basis, table, log_sizes, table.max(axis=0),
        factor=np.repeat(np.arange(len(powers)), [own.shape[1] for own in powers]),
        sizes=np.array([f.size if isinstance(f, Spinor) else 0 for f in basis.factors]),
        quanta=np.array([q for weights in basis.weights for q in weights], dtype=np.int64),
    )  # fmt: skip
