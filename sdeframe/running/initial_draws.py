"""Initial states: expressions in parameters and random symbols, drawn once for each trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sdeframe.compiled.normals import normal_pair
from sdeframe.compiled.random_numbers import INITIAL, uniform_pair
from sdeframe.running.problem import Problem
from sdeframe.sampling.initial_numbers import initial_numbers
from sdeframe.scratch import borrowed
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
        Shape (groups, rows of the state, lanes), or (1, rows of the state, 1) where all trajectories begin alike.
    """
    is_complex = problem.layout.complex_state
    kept = [i + part * len(is_complex) for i, both in enumerate(is_complex) for part in range(1 + both)]
    if problem.random_symbols:
        return np.moveaxis(_evaluated(problem, ids, parameters)[kept], 0, 1)
    numbers = problem.initial_numbers
    return np.concatenate([numbers.real, numbers.imag])[None, kept, None]


def _evaluated(problem: Problem, ids: NDArray[np.uint64], parameters: Reals) -> Reals:
    """Return real and imaginary parts of expressions of random symbols, shape (2 variables, groups, lanes)."""
    groups, lanes = ids.shape
    rows: list[Reals] = []
    if problem.plan is None:
        numbers = _independent(problem, ids)
    else:
        numbers = iter(initial_numbers(problem.plan, problem.uniform_numbers, ids, *problem.key))
    for symbol in problem.random_symbols:
        if isinstance(symbol, RandomMap):
            number = symbol.law(next(numbers), next(numbers))
            rows += [number.real, number.imag]
        elif isinstance(symbol, RandomComplexNormal):
            rows += [next(numbers) * np.sqrt(0.5), next(numbers) * np.sqrt(0.5)]
        else:
            rows.append(next(numbers))
    buffer = np.stack(rows, axis=1, out=borrowed((groups, len(rows), lanes))).reshape(groups, -1)
    out = borrowed((2 * len(problem.initial), groups, lanes))
    problem.evaluator(problem.random_symbols, problem.initial)(buffer, parameters, 0.0, out)
    return out


def _independent(problem: Problem, ids: NDArray[np.uint64]) -> Iterator[Reals]:
    """Yield the real random numbers that the initial state is made of; a channel gives two, of which some use one."""
    for channel, symbol in enumerate(problem.random_symbols):
        uniform = isinstance(symbol, (RandomUniform, RandomMap))
        pair = draw(ids, channel, uniform, *problem.key)
        yield from pair if isinstance(symbol, (RandomComplexNormal, RandomMap)) else pair[:1]


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
