"""Whether steps are small enough for the modes of a system."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.kernels.array_system import EagerSystem

ALLOWED: Final = 0.2
"""Error of a mode after one step, or of the variance of its fluctuations, above which steps do not follow it at all."""
HALVINGS: Final = 40
NEGLIGIBLE: Final = 1e-8
SMOOTH: Final = 0.01
"""Relative difference of derivatives over two distances, above which there is none."""
STEADY: Final = 1e-6
"""Growth of a mode, as a share of its rate, below which it has none."""
GROWTH: Final = 1.0
"""What steps may make of such a mode in a whole run, as a share of it."""
FAST: Final = 0.01
"""Loss of a mode in one step above which its fluctuations are held to those that stay."""

Values = NDArray[np.complex128]


@attrs.frozen
class Mode:
    """What steps make of the mode that they follow worst."""

    rate: complex
    """The mode is exp(rate·t)."""
    factor: complex
    """By which a step multiplies it."""
    variance: float | None
    """Of its fluctuations, where it has such that stay, as a share of the true one."""
    enough: float
    """A step that follows every mode."""


def unfollowed(system: EagerSystem, at: Values, integrator: Integrator, end: float) -> Mode | None:
    """Return the mode of small deviations from a state at time 0 that steps follow worst, if they do not at all.

    Parameters
    ----------
    system
        The system that is stepped.
    at
        The state, shape (variables,).
    integrator
        The scheme with its step.
    end
        The last time.
    """
    rates, driven = modes(system, at)
    if not rates.size:
        return None
    wrong = _error(rates, driven, integrator, end)
    if not wrong.max() > ALLOWED:
        return None
    k = int(np.argmax(wrong))
    finer = (attrs.evolve(integrator, dt=integrator.dt / 2**n) for n in range(1, HALVINGS))
    enough = next((scheme.dt for scheme in finer if _error(rates, driven, scheme, end).max() <= ALLOWED), None)
    if enough is None:  # what no step mends is not about steps
        return None
    factor, variance = _step(rates[k : k + 1], integrator)
    fluctuates = _fluctuates(rates, driven, integrator)[k]
    return Mode(complex(rates[k]), complex(factor[0]), float(variance[0]) if fluctuates else None, enough)


def modes(system: EagerSystem, at: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Return the rates of small deviations, real and imaginary parts each by itself, and which of them noise drives.

    There are none where the drift has no derivative.
    """
    sde = system.sde
    parts = [(i, unit) for i, x in enumerate(sde.state) for unit in ((1.0,) if x.is_real else (1.0, 1j))]
    small = np.cbrt(np.finfo(float).eps) * (1 + np.abs(at))
    matrix, wider = (_derivative(system, at, parts, step) for step in (small, 10 * small))
    if not np.isfinite(matrix).all() or not np.allclose(
        matrix, wider, rtol=SMOOTH, atol=SMOOTH * np.abs(matrix).max(initial=0.0)
    ):
        return np.zeros(0, dtype=complex), np.zeros(0, dtype=bool)
    rates, left = np.linalg.eig(matrix.T)
    noisy = np.array([sde.noise[sde.state[i]] != 0 for i, _ in parts])
    return rates.astype(complex), np.abs(left[noisy]).sum(axis=0) > NEGLIGIBLE


def _derivative(
    system: EagerSystem, at: Values, parts: list[tuple[int, complex]], small: NDArray[np.float64]
) -> NDArray[np.float64]:  # fmt: skip
    """Return the derivative of the drift by differences, parts of variables along both axes."""
    shift = np.zeros((len(at), len(parts)), dtype=complex)
    for column, (i, unit) in enumerate(parts):
        shift[i, column] = small[i] * unit
    with np.errstate(all="ignore"):
        difference = system.drift(at[:, None] + shift, 0.0) - system.drift(at[:, None] - shift, 0.0)
        slope = difference / (2 * small[[i for i, _ in parts]])
    return np.array([slope[i].real if unit == 1.0 else slope[i].imag for i, unit in parts])


def _error(
    rates: Values, driven: NDArray[np.bool_], integrator: Integrator, end: float
) -> NDArray[np.float64]:  # fmt: skip
    """Return what is to be `ALLOWED`; of what grows, the share of its growth."""
    factor, variance = _step(rates, integrator)
    with np.errstate(all="ignore"):
        exact = np.exp(rates * integrator.dt)
        off = np.abs(factor - exact) / np.maximum(1.0, np.abs(exact))
        grown = ALLOWED * (np.abs(factor) ** (end / integrator.dt) - 1) / GROWTH
    off = np.maximum(off, np.where(rates.real <= STEADY * np.abs(rates), grown, 0.0))
    return np.maximum(off, np.where(_fluctuates(rates, driven, integrator), np.abs(variance - 1), 0.0))


def _fluctuates(rates: Values, driven: NDArray[np.bool_], integrator: Integrator) -> NDArray[np.bool_]:
    """Return which modes have fluctuations that stay."""
    return driven & (rates.real * integrator.dt < -FAST)


def _step(rates: Values, integrator: Integrator) -> tuple[Values, NDArray[np.float64]]:
    """Return by what a step multiplies dx = rate·x dt + dW, and its stationary variance as a share of the true one."""
    dt, zero = integrator.dt, np.zeros((1, len(rates)), dtype=complex)
    one = zero + 1

    def after(x: Values, path: Values, signs: Values) -> Values:
        new = integrator.step(_Modes(rates), x, 0.0, Increments(dt, path, signs))[0]
        return np.broadcast_to(np.asarray(new, dtype=complex), rates.shape)

    with np.errstate(all="ignore"):
        factor = after(one, zero, zero)
        gained = dt * (np.abs(after(zero, one, zero)) ** 2 + np.abs(after(zero, zero, one)) ** 2)
        variance = np.where(np.abs(factor) < 1, -2 * rates.real * gained / (1 - np.abs(factor) ** 2), np.inf)
    return factor, variance


@attrs.frozen(eq=False)
class _Modes:
    """Modes with additive noise, each a trajectory of one variable."""

    rates: Values

    def drift(self, x: Any, t: Any) -> Any:
        return self.rates * x

    def noise(self, x: Any, t: Any, y: Any) -> Any:
        return y

    def noise_jvp(self, x: Any, t: Any, y: Any, direction: Any) -> Any:
        return 0 * x

    def correction(self, x: Any, t: Any) -> Any:
        return 0 * x
