r"""Quantum-jump trajectories of the open Tavis-Cummings model in its permutation-invariant Dicke basis, compiled.

A state has a Dicke label j = N/2 - q and E excitations. Its amplitudes belong to i = j + m = 0, 1, ... with k = q + i
excited atoms and E - k >= 0 photons. Written as (-i)ⁱ aᵢ they stay real between the jumps, and through them:

    daᵢ/dτ = gᵢ₋₁ aᵢ₋₁ - gᵢ aᵢ₊₁ - (γ/2) k aᵢ,    gᵢ = √[(i+1) (2j-i) (E-k) / N].

A step is a Taylor polynomial of order `ORDER` in the time, so that the norm meets the random number at the root of a
polynomial, and output between steps costs no step. The step is `REACH`/r, r a bound of the generator's norm; as the
evolution contracts, the remainder is at most REACH^(ORDER+1)/(ORDER+1)! = 2e-10 of the norm.

Emission takes j to j-1, j or j+1, with the rates of Chase and Geremia, Phys. Rev. A 78, 052101 (2008), and Shammah,
Ahmed, Lambert, De Liberato and Nori, Phys. Rev. A 98, 063815 (2018), summed over the degenerate copies of each j.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.compiled.jit import inner, outer
from sdeframe.compiled.random_numbers import JUMP, Word, uniform_pair

Reals = NDArray[np.float64]

ORDER: Final = 20
REACH: Final = 3.0
BEYOND: Final = 0.17
"""Of the norm of the last term, what all further ones have at most: REACH/(ORDER + 1)/(1 - REACH/(ORDER + 2))."""
LONGEST_STEP: Final = 1.0
"""In units of τ, for states that hardly move."""
JUMP_PRECISION: Final = 1e-13
"""Of ln |a|² where a jump happens."""
ITERATIONS: Final = 60
"""As many as bisection alone needs to resolve a share of a step."""


@outer()
def run_trajectories(
    values: Reals,
    first: int,
    atoms: int,
    excited: int,
    decay: float,
    times: Reals,
    fewest: int,
    cumulative: Reals,
    k0: Word,
    k1: Word,
) -> float:
    """Run trajectories `first`, `first` + 1, ... and write what is seen along them.

    Returned is the largest sum, of all of them, of the norms of the last term of every step: `BEYOND` times that is
    what the series left out at most.

    Parameters
    ----------
    values
        Where <σee>, <a†a> and <σeg^μ σge^ν> of each trajectory go, shape (trajectories, T, 3).
    first
        Number of the first trajectory.
    atoms, excited
        Number N of atoms, and how many of them are excited at τ = 0: none or all.
    decay
        γ/f.
    times
        Scaled times, increasing from 0 or later, shape (T,).
    fewest, cumulative
        The law of the photon number at τ = 0: the probability of at most fewest + l photons, for l = 0, 1, ...
    k0, k1
        The key of the seed.
    """
    series, work, largest = np.zeros((ORDER + 1, atoms + 3)), np.empty((3, atoms + 3)), 0.0
    for row in range(values.shape[0]):
        number = np.uint64(first + row)
        u, threshold = uniform_pair(number, 0, 0, JUMP, 0, k0, k1)
        photons = fewest + min(int(np.searchsorted(cumulative, u, side="right")), cumulative.size - 1)
        for i in range(atoms + 1):
            work[0, i] = 1.0 if i == excited else 0.0
        terms = _follow(values[row], series, work, atoms, photons + excited, decay, times, threshold, number, k0, k1)
        largest = max(largest, terms)
    return largest


@inner
def _follow(
    values: Reals,
    series: Reals,
    work: Reals,
    N: int,
    E: int,
    decay: float,
    times: Reals,
    threshold: float,
    number: Word,
    k0: Word,
    k1: Word,
) -> float:
    """Follow one trajectory from the amplitudes in `work`[0] to the last time; it jumps where |a|² = threshold.

    Returned is the sum of the norms of the last term of every step.
    """
    a, coupling, damping = work[0], work[1], work[2]
    q, jumps, tau, output, terms = 0, 0, 0.0, 0, 0.0
    step = _couple(coupling, damping, N, q, E, decay)
    while output < times.size:
        size = min(N - q, E) - q + 1
        _expand(series, a, coupling, damping, size, step)
        terms += _last_term(series, size)
        norm = _evaluate(a, series, size, 1.0)
        jumping = norm < threshold
        share = _crossing(a, series, damping, size, step, threshold, norm) if jumping else 1.0
        while output < times.size and times[output] <= tau + share * step:
            norm = _evaluate(a, series, size, (times[output] - tau) / step)
            _observe(values[output], a, norm, size, N, q, E)
            output += 1
        norm = _evaluate(a, series, size, share)
        tau += share * step
        if jumping:
            jumps += 1
            u, threshold = uniform_pair(number, jumps, 0, JUMP, 0, k0, k1)
            q = _emit(a, size, N, q, u)
            E -= 1
            step = _couple(coupling, damping, N, q, E, decay)
        else:
            threshold /= norm
            for i in range(size):
                a[i] /= math.sqrt(norm)
    return terms


@inner
def _couple(coupling: Reals, damping: Reals, N: int, q: int, E: int, decay: float) -> float:
    """Write g (its first and last entry 0) and (γ/2) k; return the step."""
    size = min(N - q, E) - q + 1
    coupling[0] = coupling[size] = 0.0
    strongest = 0.0
    for i in range(size - 1):
        coupling[i + 1] = math.sqrt((i + 1.0) * (N - 2 * q - i) * (E - q - i) / N)
        strongest = max(strongest, coupling[i + 1])
    for i in range(size):
        damping[i] = decay / 2 * (q + i)
    return min(LONGEST_STEP, REACH / (2 * strongest + damping[size - 1]))


@inner
def _expand(series: Reals, a: Reals, coupling: Reals, damping: Reals, size: int, step: float) -> None:
    """Write the Taylor coefficients of a(τ) in units of the step; each row has a 0 before and after its entries."""
    below, above, loss = coupling[:size], coupling[1 : size + 1], damping[:size]
    series[0, size + 1] = 0.0
    for i in range(size):
        series[0, i + 1] = a[i]
    for n in range(ORDER):
        left, middle, right = series[n, :size], series[n, 1 : size + 1], series[n, 2 : size + 2]
        out, scale = series[n + 1, 1 : size + 1], step / (n + 1)
        for i in range(size):
            out[i] = scale * (below[i] * left[i] - above[i] * right[i] - loss[i] * middle[i])
        series[n + 1, size + 1] = 0.0


@inner
def _last_term(series: Reals, size: int) -> float:
    """Return the norm of the last term of the series."""
    total = 0.0
    for i in range(size):
        total += series[ORDER, i + 1] * series[ORDER, i + 1]
    return math.sqrt(total)


@inner
def _evaluate(a: Reals, series: Reals, size: int, share: float) -> float:
    """Write a(τ) after a share of the step, by Horner's rule; return |a|²."""
    for i in range(size):
        a[i] = series[ORDER, i + 1]
    for n in range(ORDER - 1, -1, -1):
        row = series[n, 1 : size + 1]
        for i in range(size):
            a[i] = a[i] * share + row[i]
    norm = 0.0
    for i in range(size):
        norm += a[i] * a[i]
    return norm


@inner
def _crossing(
    a: Reals, series: Reals, damping: Reals, size: int, step: float, threshold: float, norm_at_end: float
) -> float:
    """Return the share of the step at which |a|² falls to the threshold: Newton on ln |a|², bisecting where it leaves.

    d|a|²/dτ = -γ Σ k aₖ².
    """
    low, high = 0.0, 1.0
    share = math.log(threshold) / math.log(norm_at_end)
    for _ in range(ITERATIONS):
        norm = _evaluate(a, series, size, share)
        above = math.log(norm / threshold)
        if abs(above) < JUMP_PRECISION:
            break
        if above > 0:
            low = share
        else:
            high = share
        loss = 0.0
        for i in range(size):
            loss += 2 * damping[i] * a[i] * a[i]
        share += above * norm / (loss * step)
        if not low < share < high:
            share = (low + high) / 2
    return share


@inner
def _emit(a: Reals, size: int, N: int, q: int, u: float) -> int:
    """Let one atom emit, the channel drawn with u; write the new amplitudes, normalised, and return the new q.

    What stands past the last amplitude is 0 before and after.
    """
    j2 = N - 2 * q  # 2j
    # The rates c(j') x²; at j = 0 the first two have x = 0, whatever their c.
    c_down = (N + j2 + 2) / (2.0 * max(j2, 1) * (j2 + 1))
    c_same = (N + 2) / (max(j2, 1) * (j2 + 2.0))
    c_up = q / ((j2 + 1.0) * (j2 + 2))
    down, same, up = 0.0, 0.0, 0.0
    for i in range(size):
        p = a[i] * a[i]
        down += p * c_down * i * (i - 1)
        same += p * c_same * i * (j2 - i + 1)
        up += p * c_up * (j2 - i + 1) * (j2 - i + 2)
    r = u * (down + same + up)
    if r < down:
        for i in range(2, size):
            a[i - 2] = a[i] * math.sqrt(c_down * i * (i - 1) / down)
        a[size - 2] = a[size - 1] = 0.0
        return q + 1
    if q == 0 or r < down + same:  # the comparison with q: rounding cannot choose a channel that is closed
        for i in range(1, size):
            a[i - 1] = a[i] * math.sqrt(c_same * i * (j2 - i + 1) / same)
        a[size - 1] = 0.0
        return q
    for i in range(size):
        a[i] *= math.sqrt(c_up * (j2 - i + 1) * (j2 - i + 2) / up)
    return q - 1


@inner
def _observe(values: Reals, a: Reals, norm: float, size: int, N: int, q: int, E: int) -> None:
    """Write <σee>, <a†a> and <σeg^μ σge^ν> = (<J+J-> - N <σee>) / (N (N-1)), of which a single atom has none: 0."""
    excited, collective = 0.0, 0.0
    for i in range(size):
        p = a[i] * a[i] / norm
        excited += p * (q + i)
        collective += p * i * (N - 2 * q - i + 1)
    values[0] = excited / N
    values[1] = E - excited
    values[2] = (collective - excited) / max(N * (N - 1), 1)
