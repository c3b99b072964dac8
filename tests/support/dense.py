"""Operators as dense matrices: the slow second way, for tests of the derivation."""

from __future__ import annotations

from functools import reduce

import numpy as np

from sdeframe.derivation.operators.counted import counted
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.modes import Mode


class Space:
    """A product space of modes, cut off, and of emitters, so many of each name."""

    def __init__(self, parts, numbers=None, cutoff=14):
        self.numbers = dict(numbers or {})
        self.factors = {}
        for name, part in parts.items():
            if isinstance(part, Mode):
                self.factors[name] = np.diag(np.sqrt(np.arange(1.0, cutoff)), 1)
            else:
                if part.individual:
                    self.numbers[name] = int(part.size)
                for mu in range(self.numbers[name]):
                    self.factors[name, mu] = part
        self.sizes = [len(x) if isinstance(x, np.ndarray) else len(x.levels) for x in self.factors.values()]

    def matrix(self, operator, values=None):
        """Return an operator whose parameters have these values, without `each`."""
        total = np.zeros((int(np.prod(self.sizes)),) * 2, complex)
        for m, c in counted(operator, self.numbers).terms.items():
            on = {mode: (p, q) for mode, p, q in m.bosons} | dict(m.sites)
            total += complex(c.subs(values or {})) * reduce(np.kron, [self._factor(k, on) for k in self.factors])
        return total

    def _factor(self, key, on):
        part = self.factors[key]
        if isinstance(part, Emitters):
            if key not in on:
                return np.eye(len(part.levels))
            i, j = (part.levels.index(level) for level in on[key])
            sigma = np.zeros((len(part.levels),) * 2)
            sigma[i, j] = 1.0
            return sigma
        created, annihilated = on.get(key, (0, 0))
        return np.linalg.matrix_power(part.T, created) @ np.linalg.matrix_power(part, annihilated)

    def right_hand_side(self, master, rho, values=None):
        """Return dρ/dt of a master equation."""
        H, channels = master.counted(self.numbers)
        H = self.matrix(H, values)
        rate = -1j * (H @ rho - rho @ H)
        for gamma, jump in channels:
            L = self.matrix(jump, values)
            LL = L.conj().T @ L
            rate += complex(gamma.subs(values or {})) * (L @ rho @ L.conj().T - (LL @ rho + rho @ LL) / 2)
        return rate
