"""The exact solution of the Tavis-Cummings model without decay: eq. (1) in its Dicke basis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh_tridiagonal

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.models.tavis_cummings.sample import Sample

Reals = NDArray[np.float64]

PROMISED: Final = 1e-6
"""Largest error of a probability that rounding of phases may make."""
ROUNDING: Final = 1e-16
"""Relative error of a phase, about."""
SLACK: Final = 1e-10
"""What rounding may leave of the residual of an eigenvector, relative to the largest energy, and of the start."""


@usual_arithmetic
def closed_solution(sample: Sample, times: ArrayLike, tolerance: float = 1e-12) -> dict[str, Reals]:
    r"""Solve the closed Tavis-Cummings model, eq. (1) at resonance, for a coherent field.

    H conserves the number of excitations, and neither observable sees coherences between different numbers, so
    that the coherent field acts as a Poisson mixture of photon numbers n, one Dicke block each:
    :math:`\langle\sigma_{ee}\rangle = \sum_n P(n) \langle\sigma_{ee}\rangle_n`.
    The same conservation gives
    :math:`\langle a^\dagger a\rangle = n_{ph} + N\langle\sigma_{ee}\rangle_0 - N\langle\sigma_{ee}\rangle`.

    Parameters
    ----------
    sample
        What is solved; its decay is not looked at.
    times
        Scaled times τ = f t, finite, shape (T,), in any order; refused where rounding could make more than 1e-6.
    tolerance
        Bound of the truncation error of "excited" and "pair", between 1e-15 and 1; that of "photon_number" is N times
        it. The probability dropped on both sides together is at most `tolerance`, and an average over the kept part
        differs from the full one by at most that probability times the range of what is averaged, which is 1 or
        less. Rounding adds about 1e-16 τ √(N (n_ph + N)).

    Returns
    -------
    dict
        "excited", the excited share <σee> of an atom, "photon_number", <a†a>, and for two atoms or more "pair",
        <σeg^μ σge^ν> of two different ones; float64 of shape (T,).

    Raises
    ------
    ValueError
        If an argument is outside what is allowed above.
    RuntimeError
        If the states and energies that are found do not solve eq. (1), or miss its start: a defect of the program.
    """
    check_tolerance(tolerance)
    tau, atoms = _checked_times(sample, times), sample.atoms
    excited, pair = np.zeros_like(tau), np.zeros_like(tau)
    for P_n, _, populations in _blocks(sample, tau, tolerance):
        k = np.arange(len(populations))
        excited += P_n * (k / atoms) @ populations
        pair += P_n * (k * (atoms - k)) @ populations  # <J+J-> - N σee
    absorbed = atoms * excited - sample.excited
    solution = {"excited": excited, "photon_number": sample.photons - absorbed}
    if atoms > 1:
        solution["pair"] = pair / (atoms * (atoms - 1))
    return solution


@usual_arithmetic
def closed_photon_distribution(sample: Sample, times: ArrayLike, tolerance: float = 1e-12) -> Reals:
    """Return the probability of n = 0, 1, ... photons without decay, shape (T, n_max + 1); as `closed_solution`.

    The sum over n falls short of 1 by rounding only; each probability is off by at most `tolerance`.
    """
    check_tolerance(tolerance)
    tau = _checked_times(sample, times)
    blocks = list(_blocks(sample, tau, tolerance))
    probability = np.zeros((blocks[-1][1] + 1, *tau.shape))
    for P_n, E, populations in blocks:
        probability[E + 1 - len(populations) : E + 1] += P_n * populations[::-1]
    return np.moveaxis(probability, 0, -1)


def _blocks(sample: Sample, tau: Reals, tolerance: float) -> Iterator[tuple[float, int, Reals]]:
    """Yield for every photon number at the start its probability, its excitations E and its `dicke_block`."""
    n, probability = poisson_window(sample.photons, tolerance)
    for E, P_n in zip((n + sample.excited).tolist(), probability.tolist(), strict=True):
        yield P_n, E, dicke_block(sample.atoms, E, sample.excited, tau)


def dicke_block(atoms: int, excitations: int, excited_at_start: int, tau: Reals) -> Reals:
    """Give the probability of k excited atoms at τ for E excitations, shape (min(E, N) + 1, T).

    At τ = 0 `excited_at_start` of the excitations are in the atoms. The states |k> have k = 0..min(E, N) excited
    atoms, symmetrically shared, and E - k photons. With j = N/2 and m = k - N/2, j(j+1) - m(m+1) = (N-k)(k+1);
    eq. (1) scaled by f is zero on the diagonal and has <k+1|H|k> = √[(N-k)(k+1)(E-k)/N].
    """
    N, E = atoms, excitations
    k = np.arange(min(E, N) + 1)
    coupling = np.sqrt((N - k[:-1]) * (k[:-1] + 1.0) * (E - k[:-1]) / N)
    energy, V = eigh_tridiagonal(np.zeros(k.size), coupling)
    _check_states(coupling, energy, V, excited_at_start)
    # A zero diagonal makes the spectrum symmetric: the amplitude V exp(-iλτ) V† is real at even distances from the
    # start and imaginary at odd ones, so that cos + sin collects both, each where the other vanishes.
    phase = np.multiply.outer(energy, tau)
    amplitude: Reals = (V * V[excited_at_start]) @ (np.cos(phase) + np.sin(phase))
    return amplitude**2


def _check_states(coupling: Reals, energy: NDArray[np.floating], V: NDArray[np.floating], start: int) -> None:
    """Raise RuntimeError unless HV = V diag(energy), and the states add up to the start."""
    residual = -V * energy
    residual[1:] += coupling[:, np.newaxis] * V[:-1]
    residual[:-1] += coupling[:, np.newaxis] * V[1:]
    missing = V @ V[start]
    missing[start] -= 1
    off = float(np.abs(residual).max() / max(1.0, np.abs(energy).max())), float(np.abs(missing).max())
    if not all(x <= SLACK for x in off):
        raise RuntimeError(
            f"the closed solution is wrong: {energy.size} states have a residual of {off[0]:.1e} and miss the start by "
            f"{off[1]:.1e}; please report this with the model's parameters"
        )


def _checked_times(sample: Sample, times: ArrayLike) -> Reals:
    """Return the times, or raise ValueError where they are not finite or so far out that rounding takes the phases."""
    tau = np.asarray(times, dtype=np.float64)
    longest = PROMISED / ROUNDING / np.sqrt(sample.atoms * (sample.photons + sample.atoms))
    wrong = tau[~(np.abs(tau) <= longest)]
    if wrong.size:
        raise ValueError(
            f"times contain {wrong[0]:g}: give finite ones up to {longest:.1g}, beyond which rounding takes the phases"
        )
    return tau


@usual_arithmetic
def poisson_window(mean: float, tolerance: float) -> tuple[NDArray[np.int64], Reals]:
    """Give the numbers n that hold all but `tolerance` of a Poisson law, and their probabilities scaled to sum 1.

    With L = ln(2/tolerance), Bernstein's inequality bounds the tails beyond mean - √(2 mean L) and beyond
    mean + L/3 + √(L²/9 + 2 mean L) by tolerance/2 each.
    """
    L = np.log(2 / tolerance)
    low = max(0, int(np.ceil(mean - np.sqrt(2 * mean * L))))
    high = int(np.floor(mean + L / 3 + np.sqrt(L**2 / 9 + 2 * mean * L)))
    n = np.arange(low, high + 1)
    weight = np.cumprod(np.concatenate([[1.0], mean / n[1:]]))  # P(n)/P(low): keeps its digits at any mean
    return n, weight / weight.sum()


def check_tolerance(tolerance: float) -> None:
    """Raise ValueError unless a tolerance is such as an exact solution takes."""
    if not 1e-15 <= tolerance < 1:
        raise ValueError(f"tolerance={tolerance!r}: give a number from 1e-15 to below 1")
