"""Initial states: expressions in parameters and random symbols, drawn once for each trajectory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sdeframe.compiled.normals import normal_pair
from sdeframe.compiled.random_numbers import INITIAL, key, uniform_pair
from sdeframe.running.problem import Problem, numbers_of
from sdeframe.sampling.initial_numbers import signed_numbers
from sdeframe.symbolic.symbols import RandomComplexNormal, RandomMap, RandomUniform

Reals = NDArray[np.float64]


def state(problem: Problem, ids: NDArray[np.uint64], parameters: Reals) -> Reals:
    """Return the rows of the initial state.

    Parameters
    ----------
    problem
        The run.
    ids
        Trajectory numbers, shape (groups, lanes).
    parameters
        The kernel's parameters, the step first.

    Returns
    -------
    NDArray
        Shape (groups, rows of the state, lanes).
    """
    is_complex = problem.layout.complex_state
    kept = [2 * i + part for i, both in enumerate(is_complex) for part in range(1 + both)]
    if problem.random_symbols:
        parts = _evaluated(problem, ids, parameters)
    else:
        numbers = problem.initial_numbers
        parts = np.broadcast_to(numbers.view(float)[:, None, None], (2 * len(numbers), *ids.shape))
    return np.moveaxis(parts[kept], 0, 1)


def _evaluated(problem: Problem, ids: NDArray[np.uint64], parameters: Reals) -> Reals:
    """Return real and imaginary parts of expressions of random symbols, shape (2 variables, groups, lanes)."""
    groups, lanes = ids.shape
    rows: list[Reals] = []
    for symbol, (first, second) in zip(problem.random_symbols, _pairs(problem, ids), strict=True):
        if isinstance(symbol, RandomMap):
            number = symbol.law(first, second)
            rows += [number.real, number.imag]
        elif isinstance(symbol, RandomComplexNormal):
            rows += [first * np.sqrt(0.5), second * np.sqrt(0.5)]
        else:
            rows.append(first)
    buffer = np.stack(rows, axis=1).reshape(groups, -1)
    out = np.empty((2 * len(problem.initial), groups, lanes))
    problem.evaluator(problem.random_symbols, problem.initial)(buffer, parameters, 0.0, out)
    return out


def _pairs(problem: Problem, ids: NDArray[np.uint64]) -> list[tuple[Reals, Reals]]:
    """Return two independent numbers for each random symbol, uniform or normal; of some symbols one is used."""
    uniform = [isinstance(symbol, (RandomUniform, RandomMap)) for symbol in problem.random_symbols]
    k0, k1 = key(problem.seed)
    if problem.plan is None:
        return [draw(ids, channel, flat, k0, k1) for channel, flat in enumerate(uniform)]
    numbers = iter(signed_numbers(problem.plan, ids, k0, k1))
    pairs = []
    for symbol, flat in zip(problem.random_symbols, uniform, strict=True):
        own = [next(numbers) for _ in range(numbers_of(symbol))]
        found = [(1 + z) / 2 if flat else normal_of(z) for z in own]
        pairs.append((found[0], found[-1]))
    return pairs


def normal_of(z: Reals) -> Reals:
    """Return the standard normal whose modulus exceeds a share |z| of all, with the sign of z."""
    from scipy.special import ndtri

    return np.copysign(ndtri((1 - np.abs(z)) / 2), z)


@njit(error_model="numpy")
def draw(ids: Any, channel: int, uniform: bool, k0: np.uint64, k1: np.uint64) -> Any:
    """Return two independent random numbers for each trajectory, uniform or normal."""
    first, second = np.empty(ids.shape), np.empty(ids.shape)
    for g in range(ids.shape[0]):
        for lane in range(ids.shape[1]):
            if uniform:
                a, b = uniform_pair(ids[g, lane], 0, channel, INITIAL, 0, k0, k1)
            else:
                a, b = normal_pair(ids[g, lane], 0, channel, INITIAL, 0, k0, k1)
            first[g, lane], second[g, lane] = a, b
    return first, second
