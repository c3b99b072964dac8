"""Power laws with a movable pole, fitted to complex trajectories, and medians over them."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

COVERAGE: Final = 0.95
"""Of the interval of a median."""


@attrs.frozen(eq=False)
class Power:
    """y = C (τs − τ)^p, one complex C, p, τs for each trajectory; not a number where no fit was found."""

    constant: NDArray[np.complex128]
    exponent: NDArray[np.complex128]
    pole: NDArray[np.complex128]


def fit_constant(times: NDArray[Any], values: NDArray[Any], exponent: float) -> Power:
    """Return the power law of a given exponent: y^(1/p) is linear in time, weighted for equal relative errors.

    Parameters
    ----------
    times
        Shape (trajectories, points).
    values
        Complex, of the same shape; the argument must turn by less than π from one point to the next.
    exponent
        The exponent p.
    """
    linear = np.exp(continuous_log(values) / exponent)
    since = times - times[:, -1:]
    rows = np.stack([np.ones_like(since), since], axis=-1) / np.abs(linear)[..., None]
    fitted = np.linalg.pinv(rows) @ (linear / np.abs(linear))[..., None]
    at_end, slope = fitted[:, 0, 0], fitted[:, 1, 0]
    constant = np.asarray((-slope) ** exponent, dtype=complex)
    return Power(constant, np.full(len(times), exponent + 0j), np.asarray(times[:, -1] - at_end / slope))


def fit_power(times: NDArray[Any], values: NDArray[Any], exponent: float) -> Power:
    """Return the power law with its exponent, by least squares in log y, which noise proportional to y leaves even.

    Parameters
    ----------
    times
        Shape (trajectories, points).
    values
        Complex, of the same shape; the argument must turn by less than π from one point to the next.
    exponent
        Where to start from.
    """
    from scipy.optimize import least_squares

    first = fit_constant(times, values, exponent)
    ends = times[:, -1]
    fits = np.full((len(times), 3), np.nan + 0j)
    for i, (since, log) in enumerate(zip(times - ends[:, None], continuous_log(values), strict=True)):

        def misfit(x: NDArray[Any], since: Any = since, log: Any = log) -> NDArray[Any]:
            log_c, p, pole = x.view(complex)
            return (log_c + p * np.log(pole - since) - log).view(float)

        def slopes(x: NDArray[Any], since: Any = since) -> NDArray[Any]:
            _, p, pole = x.view(complex)
            columns = np.stack([np.ones_like(since), np.log(pole - since), p / (pole - since)], axis=1)
            both = np.stack([columns, 1j * columns], axis=2).reshape(-1, 6)
            return np.stack([both.real, both.imag], axis=1).reshape(-1, 6)

        pole = first.pole[i] - ends[i]
        log_c = np.mean(log - exponent * np.log(pole - since))
        found = least_squares(misfit, np.array([log_c, exponent, pole]).view(float), slopes, method="lm", max_nfev=200)
        if found.status > 0:
            fits[i] = found.x.view(complex)
    return Power(np.exp(fits[:, 0]), fits[:, 1], fits[:, 2] + ends)


def exponent_about(times: NDArray[Any], values: NDArray[Any], pole: NDArray[Any]) -> NDArray[np.complex128]:
    """Return the exponent of y = C (τs − τ)^p about a given pole τs, shape (trajectories,): linear in log y."""
    logs, left = continuous_log(values), np.log(pole[:, None] - times)
    left = left - left.mean(axis=1, keepdims=True)
    exponent: NDArray[np.complex128] = np.sum(left.conj() * logs, axis=1) / np.sum(np.abs(left) ** 2, axis=1)
    return exponent


def continuous_log(values: NDArray[Any]) -> NDArray[np.complex128]:
    """Return the logarithm, continuous along the last axis."""
    logs: NDArray[np.complex128] = np.log(np.abs(values)) + 1j * np.unwrap(np.angle(values))
    return logs


def median_interval(values: NDArray[Any]) -> tuple[float, float, float]:
    """Return the median of a sample and its interval, free of assumptions on the distribution but continuity.

    The k-th smallest and k-th largest value enclose the median of the distribution unless fewer than k of n lie on
    one side of it, which is binomial. Infinite where n is too small for the coverage.
    """
    from scipy.stats import binom

    ordered = np.sort(values)
    n = len(ordered)
    if n == 0:
        return np.nan, -np.inf, np.inf
    middle, k = float(np.median(ordered)), int(binom.ppf((1 - COVERAGE) / 2, n, 0.5))
    return (middle, float(ordered[k - 1]), float(ordered[n - k])) if k else (middle, -np.inf, np.inf)
