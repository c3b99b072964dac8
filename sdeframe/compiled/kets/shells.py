"""Kets with a given mean number of quanta."""

from __future__ import annotations

from math import nan, sqrt
from typing import Any, Final

from sdeframe.compiled.functions.exponential import exp, log
from sdeframe.compiled.jit import inlined

MOST: Final = 60
"""Steps of Newton's method."""
CLOSE: Final = 1e-12
FARTHEST: Final = 2.0
"""How far s goes in one of them."""


@inlined
def squared(z: Any) -> float:
    """Return |z|²."""
    return z.real * z.real + z.imag * z.imag


@inlined
def mean_number(z: Any, quanta: Any, flow: Any, factor: Any, size: Any, s: float) -> tuple[float, float, float]:
    """Return the mean number of quanta of a ket whose variables are multiplied by exp(flow s).

    That of the factors which do not change, that of the others, and its derivative in s.
    """
    fixed, mean, slope, v = 0.0, 0.0, 0.0, 0
    while v < z.size:
        total, first, second, still, of = 0.0, 0.0, 0.0, True, factor[v]
        while v < z.size and factor[v] == of:
            share = squared(z[v]) * exp(2.0 * flow[v] * s)
            total += share
            first += quanta[v] * share
            second += quanta[v] * flow[v] * share
            still = still and flow[v] == 0
            v += 1
        if size[of] > 0 and total > 0.0:
            second = size[of] * (second / total - first / total * first / total)
            first *= size[of] / total
        fixed += first if still else 0.0
        mean += 0.0 if still else first
        slope += 0.0 if still else 2.0 * second
    return fixed, mean, slope


@inlined
def shell(z: Any, quanta: Any, flow: Any, factor: Any, size: Any, number: float) -> float:
    """Return the s with which the mean number is a given one, as near to it as s can come; nan if none is near."""
    s = 0.0
    for _ in range(MOST):
        fixed, mean, slope = mean_number(z, quanta, flow, factor, size, s)
        if abs(fixed + mean - number) <= CLOSE * number:
            break
        if not (number > fixed and mean > 0.0 and slope > 0.0):
            return nan
        s += max(-FARTHEST, min(FARTHEST, (log(number - fixed) - log(mean)) * mean / slope))
    return s


@inlined
def moved(z: Any, quanta: Any, flow: Any, factor: Any, size: Any, number: float) -> float:
    """Move a ket to a mean number, with spinors of length 1, and return s; nan where it cannot be moved."""
    s, v = shell(z, quanta, flow, factor, size, number), 0
    for k in range(z.size):
        z[k] *= exp(flow[k] * s) if s == s else 1.0
    while v < z.size:
        total, begin, of = 0.0, v, factor[v]
        while v < z.size and factor[v] == of:
            total += squared(z[v])
            v += 1
        if size[of] > 0:
            for k in range(begin, v):
                z[k] /= sqrt(total)
    return s
