"""Weak orders of schemes with jumps in half steps around theirs, of linear systems, without sampling error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from sdeframe.conformance.orders import Linear, in_its_calculus, moment_maps
from sdeframe.interfaces.integrator import Integrator
from sdeframe.kernels.array_system import EagerSystem

Table = NDArray[Any]

STEPS: Final = (64, 128)
"""In a unit of time, between which an order is told."""


@attrs.frozen(eq=False)
class LinearJumps:
    """z → (1 + C) z at a constant rate, beside the diffusion of a linear system."""

    linear: Linear
    C: Table
    rate: float

    @classmethod
    def draw(cls, real: int, complex_: int, seed: int) -> LinearJumps:
        """Return a system of two variables whose jumps commute with nothing in it."""
        random = np.random.default_rng(seed)
        C = 0.4 * (random.normal(size=(2, 2)) + 1j * random.normal(size=(2, 2)))
        return cls(Linear.draw(real, complex_, seed), C, 2.0)

    def jump_generators(self) -> Mapping[str, Table]:
        """Return what jumps add to the matrices of `Linear.generators`."""
        after = np.eye(2) + self.C
        moved = {"x": after, "xx": np.kron(after, after), "xx*": np.kron(after, after.conj())}
        return {name: self.rate * (M - np.eye(len(M))) for name, M in moved.items()}

    def errors(self, scheme: Integrator, halves: bool = True) -> dict[str, float]:
        """Return the largest error of each moment at time 1.

        Jumps are half before and half after a step of the scheme, or all of them after it.
        """
        f, n = EagerSystem(in_its_calculus(scheme, self.linear.sde())), round(1 / scheme.dt)
        maps, jumps = moment_maps(scheme, f), self.jump_generators()
        found = {}
        for name, generator in self.linear.generators().items():
            before = expm(jumps[name] * scheme.dt / 2)
            step: Any = before @ maps[name] @ before if halves else before @ before @ maps[name]
            exact = expm(generator + jumps[name])
            found[name] = float(np.max(np.abs(np.linalg.matrix_power(step, n) - exact)))
        return found

    def orders(self, scheme: type[Integrator], halves: bool = True) -> dict[str, float]:
        """Return the weak order of each moment."""
        coarse, fine = (self.errors(scheme(dt=1 / n), halves) for n in STEPS)
        return {name: math.log2(coarse[name] / fine[name]) for name in fine}
