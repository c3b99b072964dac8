"""Weak orders of moments of linear systems, against their exact equations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import sympy as sp

from sdeframe.conformance.orders.enumeration import Table, enumerated_step, in_its_calculus
from sdeframe.interfaces.integrator import Integrator
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.symbolic.symbols import complex_noises, complex_variables, real_noises
from sdeframe.symbolic.system import SDE


@attrs.frozen(eq=False)
class Linear:
    """dz = a z dt + Σ_k b_k z W_k + Σ_k (b_k z F_k + c_k z F_k*), with complex matrices.

    The coefficients of a complex noise F_k are a pair (b_k, c_k).
    """

    a: Table
    real: tuple[Table, ...] = ()
    complex: tuple[tuple[Table, Table], ...] = ()

    @classmethod
    def draw(cls, real: int, complex_: int, seed: int, commuting: bool = False) -> Linear:
        """Return a system of two variables with some noises, large enough to decide the error.

        Parameters
        ----------
        real, complex_
            Numbers of real and complex noises.
        seed
            For the matrices.
        commuting
            Whether noises commute with each other; if not, no two do.
        """
        random = np.random.default_rng(seed)

        def normal(*shape: int) -> Any:
            return 0.4 * (random.normal(size=shape) + 1j * random.normal(size=shape))

        base = normal(2, 2)
        b = [normal() * np.eye(2) + normal() * base if commuting else normal(2, 2) for _ in range(real + 2 * complex_)]
        pairs = tuple(zip(b[real::2], b[real + 1 :: 2], strict=True))
        return cls(normal(2, 2) / 2 - 0.3 * np.eye(2), tuple(b[:real]), pairs)

    def sde(self) -> SDE:
        """Return the Itô system as symbols."""
        z = sp.Matrix(complex_variables(f"z:{len(self.a)}"))
        W, F = real_noises(f"W:{len(self.real)}"), complex_noises(f"F:{len(self.complex)}")
        drift, noise = self._matrix(self.a) * z, sp.zeros(len(z), 1)
        for b, w in zip(self.real, W, strict=True):
            noise += self._matrix(b) * z * w
        for (b, c), f in zip(self.complex, F, strict=True):
            noise += self._matrix(b) * z * f + self._matrix(c) * z * sp.conjugate(f)
        return SDE(dict(zip(z, drift, strict=True)), dict(zip(z, noise, strict=True)))

    @staticmethod
    def _matrix(values: Table) -> Any:
        return sp.Matrix(np.asarray(values).tolist())

    def generators(self) -> Mapping[str, Table]:
        """Return the matrices L of d/dt E x = L E x, and those of E xx and E xx* as vectors."""
        one, a = np.eye(len(self.a)), self.a
        second, conjugate = (np.kron(a, one) + np.kron(one, other) for other in (a, a.conj()))
        for b in self.real:
            second, conjugate = second + np.kron(b, b), conjugate + np.kron(b, b.conj())
        for b, c in self.complex:
            second = second + np.kron(b, c) + np.kron(c, b)
            conjugate = conjugate + np.kron(b, b.conj()) + np.kron(c, c.conj())
        return {"x": a, "xx": second, "xx*": conjugate}


def moment_maps(integrator: Integrator, f: EagerSystem) -> Mapping[str, Table]:
    """Return the matrices that one step of a linear system applies to E x, E xx and E xx*."""
    n = len(f.sde.state)
    reached = [enumerated_step(integrator, f, basis) for basis in np.eye(n)]
    chance, maps = reached[0][1], np.array([states for states, _ in reached])  # maps[j, i, outcome]
    second = np.einsum("jio,lko,o->ikjl", maps, maps, chance, optimize=True).reshape(n * n, n * n)
    conjugate = np.einsum("jio,lko,o->ikjl", maps, maps.conj(), chance, optimize=True).reshape(n * n, n * n)
    return {"x": np.einsum("jio,o->ij", maps, chance), "xx": second, "xx*": conjugate}


@attrs.frozen
class Weak:
    """What a scheme does to a moment at time 1."""

    order: float
    """log₂ of the ratio of its errors with h = 1/64 and 1/128; near 0 where the limit is wrong."""
    error: float
    """Error with h = 1/128."""


def weak_orders(
    scheme: type[Integrator], linear: Linear, f: EagerSystem | None = None, **options: Any
) -> dict[str, Weak]:
    """Return order and limit of the moments under a scheme, against the exact moment equations of a linear system.

    Parameters
    ----------
    scheme
        The scheme, made with each step and `options`.
    linear
        The system.
    f
        What the scheme steps, where that is to be something else.
    """
    from scipy.linalg import expm

    f = EagerSystem(in_its_calculus(scheme, linear.sde())) if f is None else f
    at_one = {
        n: {q: np.linalg.matrix_power(m, n) for q, m in moment_maps(scheme(dt=1 / n, **options), f).items()}
        for n in (64, 128)
    }
    found = {}
    for q, generator in linear.generators().items():
        exact = expm(generator)
        coarse, fine = (float(np.max(np.abs(at_one[n][q] - exact))) for n in (64, 128))
        found[q] = Weak(math.log2(coarse / fine), fine)
    return found
