"""The exact solution of the Tavis-Cummings model with individual decay: eq. (1) as a density matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.models.tavis_cummings.closed_exact import check_tolerance, poisson_window
from sdeframe.models.tavis_cummings.density_matrix_rates import RateTable, norm_bound, rate_table, row_count
from sdeframe.models.tavis_cummings.sample import Sample

Reals = NDArray[np.float64]
Average = Callable[[Reals], Reals]
"""A linear function of the density matrix, or of a term of its Taylor series, to means."""

CHECKED: Final = 4
"""Means that `_averages` gives and `_check_state` looks at."""
REACH: Final = 4.0
"""Largest product of step and generator's norm: no term of the series passes 4⁴/4! = 11, which costs one digit."""
ORDER: Final = 33
"""Order of the Taylor series: 4³⁴/34! = 1e-18."""
SLACK: Final = 1e-10
"""What rounding may add to trace, populations and, relative to the excitations at the start, excitation balance."""


@usual_arithmetic
def open_solution(sample: Sample, times: ArrayLike, tolerance: float = 1e-12) -> dict[str, Reals]:
    r"""Solve the Tavis-Cummings model with individual decay, eq. (1) at resonance, for a coherent field.

    The master equation keeps ρ symmetric in the atoms and never mixes what has equally many excitations in bra and ket
    with what has not. No observable here sees the latter, so that the coherent field acts as a Poisson mixture of
    photon numbers. All of the mixture is integrated together, by a Taylor series in time whose every term is
    computed from the one before; decay takes it from E to E - 1 excitations and from multiplet j to j - 1, j, j + 1.
    The series also serves all times within a step, so that these may be as dense as one likes.

    Parameters
    ----------
    sample
        What is solved.
    times
        Scaled times τ = f t from 0 on, shape (T,), in any order.
    tolerance
        Bound of the truncation error of "excited" and "pair", between 1e-15 and 1: the largest probability that the
        kept photon numbers leave out. The error of "photon_number" is about that times the largest number kept.
        Rounding adds less than 1e-15 for each of the steps, of which there are `norm_bound` · τ/4.

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
        If the trace leaves 1, a population is negative, or the excitations do not fall by the photons emitted,
        g N ∫<σee> dτ, each by more than rounding can do: a defect of the program.
    """
    rates, r, tau = _prepare(sample, times, tolerance)
    means = _integrate(rates, r, tau, _averages(rates))
    _, excited, collective, excitations = np.moveaxis(means, -1, 0)
    atoms = sample.atoms
    solution = {"excited": excited / atoms, "photon_number": excitations - excited}
    if atoms > 1:
        solution["pair"] = (collective - excited) / (atoms * (atoms - 1))
    return solution


@usual_arithmetic
def open_photon_distribution(sample: Sample, times: ArrayLike, tolerance: float = 1e-12) -> Reals:
    """Return the probability of n = 0, 1, ... photons, shape (T, n_max + 1); all else as in `open_solution`."""
    rates, r, tau = _prepare(sample, times, tolerance)
    checked, histogram = _averages(rates), _photon_histogram(rates)
    means = _integrate(rates, r, tau, lambda r: np.append(checked(r), histogram(r)))
    return means[..., CHECKED:]


@usual_arithmetic
def open_work(sample: Sample, last: float, tolerance: float = 1e-12) -> float:
    """Give the number of density matrix elements that `open_solution` computes up to τ = last, at 2 to 5 ns each."""
    excitations = int(poisson_window(sample.photons, tolerance)[0][-1]) + sample.excited
    elements = row_count(sample.atoms, excitations) * (excitations + 1)
    return float(elements * ORDER * _step_count(norm_bound(sample.atoms, excitations, sample.decay), last))


def _prepare(sample: Sample, times: ArrayLike, tolerance: float) -> tuple[RateTable, Reals, Reals]:
    """Return the generator, r at τ = 0 and the times, all checked."""
    check_tolerance(tolerance)
    tau = checked_times(times)
    n, probability = poisson_window(sample.photons, tolerance)
    rates = rate_table(sample.atoms, int(n[-1]) + sample.excited, sample.decay)
    r = rates.zeros()
    r[sample.excited, n + sample.excited] = probability  # row k is (N/2, k, k)
    return rates, r, tau


def _integrate(rates: RateTable, r: Reals, tau: Reals, average: Average) -> Reals:
    """Give averages at τ, shape (T, means), from r at τ = 0, which it takes to the last τ; `_averages` come first."""
    last = float(tau.max(initial=0.0))
    steps = _step_count(rates.norm, last)
    h = last / steps
    position = tau / h if h else tau
    step_of = np.minimum(np.floor(position), steps - 1)
    at_start, emitted = average(r), 0.0
    means = np.empty((*tau.shape, at_start.size))
    for step in range(steps):
        series = _advance(rates, r, h, average)
        within = step_of == step
        means[within] = np.vander(position[within] - step, ORDER + 1, increasing=True) @ series
        emitted += h * rates.decay * float(series[:, 1] @ (1 / np.arange(1, ORDER + 2)))
        _check_state(r[: rates.populations], average(r), at_start, emitted, h * (step + 1))
    return means


def _step_count(norm: float, last: float) -> int:
    return max(1, int(np.ceil(last * norm / REACH)))


def _advance(rates: RateTable, r: Reals, h: float, average: Average) -> Reals:
    """Take r one step on; give the Taylor coefficients of the averages in time/h, shape (ORDER + 1, means)."""
    term, following = r.copy(), rates.zeros()
    series = [average(term)]
    for order in range(1, ORDER + 1):
        rates.add_derivative(term, h / order, following, r)
        term, following = following, term
        series.append(average(term))
    return np.stack(series)


def _averages(rates: RateTable) -> Average:
    """Make the function of r that gives the trace and the mean of N σee (summed over atoms), J+J- and E."""
    rows = rates.populations
    k, j = rates.ket[:rows], rates.spin[:rows]
    m = k - rates.atoms / 2
    by_row = np.stack([np.ones(rows), k, (j + m) * (j - m + 1)])
    by_column = np.stack([np.ones(rates.excitations + 1), np.arange(rates.excitations + 1.0)], axis=1)

    def average(r: Reals) -> Reals:
        sums = r[:rows] @ by_column
        return np.append(by_row @ sums[:, 0], sums[:, 1].sum())

    return average


def _photon_histogram(rates: RateTable) -> Average:
    """Make the function of r that gives the probability of n = 0..E_max photons, n = E - k."""
    k = rates.ket[: rates.populations]
    by_k = (k == np.arange(k.max() + 1)[:, np.newaxis]).astype(np.float64)

    def histogram(r: Reals) -> Reals:
        probability = np.zeros(rates.excitations + 1)
        for k, row in enumerate(by_k @ r[: rates.populations]):
            probability[: row.size - k] += row[k:]
        return probability

    return histogram


def _check_state(populations: Reals, means: Reals, at_start: Reals, emitted: float, time: float) -> None:
    """Raise RuntimeError unless ρ is a density matrix, as far as this can be told, that lost what was emitted."""
    trace, lowest = means[0], populations.min()
    missing = means[3] + emitted - at_start[3]
    if not (abs(trace - 1) <= SLACK and lowest >= -SLACK and abs(missing) <= SLACK * max(1.0, at_start[3])):
        raise RuntimeError(
            f"the open solution is wrong at scaled time {time:g}: trace - 1 = {trace - 1:.1e}, lowest population "
            f"{lowest:.1e}, excitations not accounted for {missing:.1e}; please report this with the model's parameters"
        )


def checked_times(times: ArrayLike) -> Reals:
    """Return the times of a solution with decay, or raise ValueError where they are not allowed."""
    tau = np.asarray(times, dtype=np.float64)
    wrong = tau[~((tau >= 0) & (tau < np.inf))]
    if wrong.size:
        raise ValueError(f"times contain {wrong[0]:g}: give finite times of at least 0; decay has no solution before")
    return tau
