"""The order laboratory: weak orders by enumerating discrete increments, strong orders on shared Brownian paths.

Enumeration has no sampling error: every value that the increments of a step can take is tried, with its probability.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.interfaces.increments import Law
from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.trace import ordered_noises
from sdeframe.symbolic.symbols import complex_noises, complex_variables, real_noises, time
from sdeframe.symbolic.system import SDE

Table = NDArray[np.complex128]

SIGN: Final = ((-1.0, 1 / 2), (1.0, 1 / 2))


# What one step can do


def _numbers(atoms: Sequence[Any]) -> tuple[Table, NDArray[np.float64]]:
    """Return the values (noises, outcomes) of independent variables given by atoms, and probabilities."""
    outcomes = list(itertools.product(*atoms))
    values = np.array([[value for value, _ in outcome] for outcome in outcomes], dtype=complex)
    return values.T.reshape(len(atoms), len(outcomes)), np.array([math.prod(p for _, p in o) for o in outcomes])


def outcomes(kinds: Sequence[bool], law: Law, signs: bool) -> tuple[Table, Table | None, NDArray[np.float64]]:
    """Return every path increment and sign of a step of length 1, shape (noises, outcomes), and probabilities.

    Parameters
    ----------
    kinds
        Whether each noise is real.
    law
        The increments; normal ones are replaced by four-point ones, with the same moments to the fifth.
    signs
        Whether there are signs.
    """
    path, chance = _numbers([law.real_atoms if real else law.complex_atoms for real in kinds])
    if not signs:
        return path, None, chance
    two = [((a + 1j * b) / np.sqrt(2), p * q) for (a, p), (b, q) in itertools.product(SIGN, SIGN)]
    sign, chance_of_sign = _numbers([SIGN if real else two for real in kinds])
    both = np.repeat(path, sign.shape[1], axis=1), np.tile(sign, path.shape[1])
    return *both, np.outer(chance, chance_of_sign).ravel()


def enumerated_step(
    integrator: Integrator, f: EagerSystem, x: ArrayLike, t: float = 0.0
) -> tuple[Table, NDArray[np.float64]]:
    """Return the states (variables, outcomes) that one step from the state x can reach, and their probabilities."""
    kinds = [bool(w.is_real) for w in ordered_noises(f.sde)]
    path, signs, chance = outcomes(kinds, integrator.increments, integrator.signs)
    root = np.sqrt(integrator.dt)
    dW = Increments(integrator.dt, root * path, None if signs is None else root * signs)
    columns = np.tile(np.asarray(x, dtype=complex)[:, None], path.shape[1])
    return integrator.step(f, columns, t, dW), chance


def in_its_calculus(integrator: type[Integrator] | Integrator, sde: SDE) -> SDE:
    """Return a system as a scheme reads it."""
    return sde.to_ito() if integrator.interpretation == "ito" else sde.to_stratonovich()


# Linear systems and the equations of their moments


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


# Systems that are not linear


def local_order(
    integrator: Integrator, sde: SDE, start: Mapping[Any, complex], f: Any, at: float = 0.0, terms: int = 5
) -> float:
    """Return log₂ of the ratio of the errors that one step and one of half its length make in the mean of f.

    A scheme of weak order p has p + 1. The exact mean is the series Σ hᵏ/k! Lᵏf of the generator.

    Parameters
    ----------
    integrator
        The scheme, with the longer step.
    sde
        A system without parameters.
    start
        Its state.
    f
        An expression in its variables, C0 and conjugates.
    at
        Time at which the step begins.
    terms
        Terms of the series after the first.
    """
    point = {time: at} | {x: sp.sympify(v) for x, v in start.items()}
    series, g = [], f
    for k in range(terms + 1):
        series.append(complex(sp.N(g.xreplace(point), 30)) / math.factorial(k))
        g = sde.generator(g)
    system, state = EagerSystem(in_its_calculus(integrator, sde)), [start[x] for x in sde.state]
    value = sp.lambdify(sde.state, f, "numpy")
    errors = []
    for h in (integrator.dt, integrator.dt / 2):
        states, chance = enumerated_step(attrs.evolve(integrator, dt=h), system, state, at)
        exact = sum(c * h**k for k, c in enumerate(series))
        errors.append(abs(np.dot(np.broadcast_to(value(*states), chance.shape), chance) - exact))
    return math.log2(errors[0] / errors[1])


# Strong orders


@attrs.frozen(eq=False)
class Paths:
    """Brownian paths of real noises to time 1: increments of shape (noises, fine steps, paths)."""

    fine: NDArray[np.float64]

    @classmethod
    def draw(cls, noises: int, steps: int, paths: int, seed: int) -> Paths:
        """Draw paths from a seed."""
        return cls(np.random.default_rng(seed).normal(0, np.sqrt(1 / steps), (noises, steps, paths)))

    def increments(self, steps: int) -> NDArray[np.float64]:
        """Return the increments of larger steps on the same paths."""
        noises, fine, paths = self.fine.shape
        return self.fine.reshape(noises, steps, fine // steps, paths).sum(axis=2)


def solve(scheme: type[Integrator], f: EagerSystem, start: ArrayLike, paths: Paths, steps: int, seed: int = 0) -> Table:
    """Return the states at time 1, shape (variables, paths), after some steps along Brownian paths."""
    dW, draw, integrator = paths.increments(steps), np.random.default_rng(seed), scheme(dt=1 / steps)
    x = np.tile(np.asarray(start, dtype=complex)[:, None], dW.shape[2])
    for k in range(steps):
        signs = draw.choice((-1.0, 1.0), dW[:, k].shape) / np.sqrt(steps) if integrator.signs else None
        x = integrator.step(f, x, k / steps, Increments(1 / steps, dW[:, k], signs))
    return x


def strong_order(
    scheme: type[Integrator], f: EagerSystem, start: ArrayLike, paths: Paths, reference: NDArray[Any],
    steps: Sequence[int] = (16, 32, 64, 128),
) -> tuple[float, float]:  # fmt: skip
    """Return the slope of log₂ of the root mean square error over log₂ h, and the standard error of that slope."""
    squares = np.array(
        [np.sum(np.abs(solve(scheme, f, start, paths, n, seed=n) - reference) ** 2, axis=0) for n in steps]
    )
    octave = -np.log2(steps)
    weights = (octave - octave.mean()) / np.sum((octave - octave.mean()) ** 2)
    means = squares.mean(axis=1)
    influence = weights @ (squares / means[:, None]) / (2 * np.log(2))  # of each path on the slope, to first order
    return float(weights @ np.log2(means)) / 2, float(np.std(influence)) / math.sqrt(squares.shape[1])
