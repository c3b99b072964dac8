"""The order laboratory: weak orders by enumerating discrete increments, strong orders on shared Brownian paths."""

from itertools import product

import attrs
import numpy as np
import sympy as sp
from scipy.linalg import expm

from sdeframe import SDE, complex_noises, complex_variables, real_noises
from sdeframe.integrator import Increments
from sdeframe.trace import ordered_noises
from sdeframe.twin import EagerSystem

THREE_POINT = ((-np.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (np.sqrt(3.0), 1 / 6))
"""Values and probabilities whose moments are the normal ones up to the fifth."""
SIGN = ((-1.0, 1 / 2), (1.0, 1 / 2))


# What one step can do


def _numbers(component, kinds):
    """Return the values (noises, outcomes) that unit noises of some kinds take, and the probability of each."""
    parts = [part for real in kinds for part in ([component] if real else [component, component])]
    outcomes = list(product(*parts))
    values = iter(np.array([[v for v, _ in outcome] for outcome in outcomes]).T)
    numbers = [next(values) if real else (next(values) + 1j * next(values)) / np.sqrt(2) for real in kinds]
    return np.array(numbers, dtype=complex), np.array([np.prod([p for _, p in outcome]) for outcome in outcomes])


def outcomes(kinds, signs):
    """Return every path increment and sign of a step of length 1, shape (noises, outcomes), and probabilities."""
    path, chance = _numbers(THREE_POINT, kinds)
    if not signs:
        return path, None, chance
    sign, chance_of_sign = _numbers(SIGN, kinds)
    both = np.repeat(path, sign.shape[1], axis=1), np.tile(sign, path.shape[1])
    return *both, np.outer(chance, chance_of_sign).ravel()


def enumerated_step(integrator, f, x, t=0.0):
    """Return the states (variables, outcomes) that one step from the state x can reach, and their probabilities."""
    kinds = [bool(w.is_real) for w in ordered_noises(f.sde)]
    path, signs, chance = outcomes(kinds, integrator.signs)
    root = np.sqrt(integrator.dt)
    dW = Increments(integrator.dt, root * path, None if signs is None else root * signs)
    columns = np.tile(np.asarray(x, dtype=complex)[:, None], path.shape[1])
    return integrator.step(f, columns, t, dW), chance


# Linear systems and the equations of their moments


@attrs.frozen(eq=False)
class Linear:
    """dz = a z dt + Σ_k b_k z W_k + Σ_k (b_k z F_k + c_k z F_k*), with complex matrices.

    The coefficients of a complex noise F_k are a pair (b_k, c_k).
    """

    a: np.ndarray
    real: tuple = ()
    complex: tuple = ()

    def sde(self, interpretation="ito", complex_instead=False):
        """Return the system as symbols; on request with complex noises where real ones belong."""
        z = sp.Matrix(complex_variables(f"z:{len(self.a)}"))
        declare = complex_noises if complex_instead else real_noises
        W, F = declare(f"W:{len(self.real)}"), complex_noises(f"F:{len(self.complex)}")
        drift, noise = self._matrix(self.a) * z, sp.zeros(len(z), 1)
        for b, w in zip(self.real, W, strict=True):
            noise += self._matrix(b) * z * w
        for (b, c), f in zip(self.complex, F, strict=True):
            noise += self._matrix(b) * z * f + self._matrix(c) * z * sp.conjugate(f)
        return SDE(dict(zip(z, drift, strict=True)), dict(zip(z, noise, strict=True)), interpretation=interpretation)

    @staticmethod
    def _matrix(values):
        return sp.Matrix(np.asarray(values).tolist())

    def stratonovich_as_ito(self):
        """Return the Itô system with the solutions of this one read as a Stratonovich one."""
        squares = [b @ b for b in self.real] + [b @ c + c @ b for b, c in self.complex]
        return attrs.evolve(self, a=self.a + sum(squares) / 2)

    def generators(self):
        """Return the matrices L of d/dt E x = L E x, and those of E xx and E xx* as vectors."""
        one, a = np.eye(len(self.a)), self.a
        second, conjugate = (np.kron(a, one) + np.kron(one, other) for other in (a, a.conj()))
        for b in self.real:
            second, conjugate = second + np.kron(b, b), conjugate + np.kron(b, b.conj())
        for b, c in self.complex:
            second = second + np.kron(b, c) + np.kron(c, b)
            conjugate = conjugate + np.kron(b, b.conj()) + np.kron(c, c.conj())
        return {"x": a, "xx": second, "xx*": conjugate}


def moment_maps(integrator, f):
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
    """log₂ of the ratio of its errors with h = 1/64 and 1/128."""
    error: float
    """Error with h = 1/128."""
    limit_error: float
    """Error of the value extrapolated to h = 0 at the expected order."""


def weak(scheme, linear, f=None, order=1):
    """Return order and limit of the moments under a scheme, against the exact moment equations of a linear system.

    With a planted error, `f` is what the scheme steps instead. The limit is extrapolated at an expected order.
    """
    f = EagerSystem(linear.sde()) if f is None else f
    at_one = {
        n: {q: np.linalg.matrix_power(m, n) for q, m in moment_maps(scheme(dt=1 / n), f).items()} for n in (64, 128)
    }
    found = {}
    for q, generator in linear.generators().items():
        exact = expm(generator)
        coarse, fine = (np.max(np.abs(at_one[n][q] - exact)) for n in (64, 128))
        limit = at_one[128][q] + (at_one[128][q] - at_one[64][q]) / (2**order - 1)
        found[q] = Weak(np.log2(coarse / fine), fine, np.max(np.abs(limit - exact)))
    return found


def assert_weak_order(scheme, linear, f=None, moments=("xx", "xx*"), order=1):
    """Check that moments converge with an order, and to the right limit (a wrong one leaves the error as it is)."""
    found = weak(scheme, linear, f, order)
    for q in moments:
        assert abs(found[q].order - order) < 0.1, f"E {q}: {found[q]}"
        assert found[q].limit_error < found[q].error / 4, f"E {q}: limit wrong, {found[q]}"


def one_step_rates(integrator, f, x):
    """Return the drift E dx/h and the correlators E dx dx/h that the scheme shows in one step from a state."""
    states, chance = enumerated_step(integrator, f, x)
    change = states - np.asarray(x)[:, None]
    mean = change @ chance
    centred = change - mean[:, None]
    return mean / integrator.dt, (centred * chance) @ centred.T / integrator.dt


# Strong orders


@attrs.frozen(eq=False)
class Paths:
    """Brownian paths of real noises to time 1: increments of shape (noises, fine steps, paths)."""

    fine: np.ndarray

    @classmethod
    def draw(cls, noises, steps, paths, seed):
        """Draw paths from a seed."""
        return cls(np.random.default_rng(seed).normal(0, np.sqrt(1 / steps), (noises, steps, paths)))

    def increments(self, steps):
        """Return the increments of larger steps on the same paths."""
        noises, fine, paths = self.fine.shape
        return self.fine.reshape(noises, steps, fine // steps, paths).sum(axis=2)


def solve(scheme, f, start, paths, steps, seed=0):
    """Return the states at time 1, shape (variables, paths), after some steps along Brownian paths."""
    dW, draw, integrator = paths.increments(steps), np.random.default_rng(seed), scheme(dt=1 / steps)
    x = np.tile(np.asarray(start, dtype=complex)[:, None], dW.shape[2])
    for k in range(steps):
        signs = draw.choice((-1.0, 1.0), dW[:, k].shape) / np.sqrt(steps) if integrator.signs else None
        x = integrator.step(f, x, k / steps, Increments(1 / steps, dW[:, k], signs))
    return x


def strong_order(scheme, f, start, paths, reference, steps=(16, 32, 64, 128)):
    """Return the slope of log₂ of the root mean square error over log₂ h, and the standard error of that slope."""
    squares = np.array(
        [np.sum(np.abs(solve(scheme, f, start, paths, n, seed=n) - reference) ** 2, axis=0) for n in steps]
    )
    octave = -np.log2(steps)
    weights = (octave - octave.mean()) / np.sum((octave - octave.mean()) ** 2)
    means = squares.mean(axis=1)
    influence = weights @ (squares / means[:, None]) / (2 * np.log(2))  # of each path on the slope, to first order
    return weights @ np.log2(means) / 2, np.std(influence) / np.sqrt(squares.shape[1])
