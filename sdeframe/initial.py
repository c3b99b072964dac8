"""Initial states: expressions in parameters and random symbols, drawn once for each trajectory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sdeframe.noise import INITIAL, key, normal_pair, uniform_pair
from sdeframe.problem import Problem
from sdeframe.symbols import RandomComplexNormal, RandomUniform
from sdeframe.trace import Layout


def state(problem: Problem, ids: NDArray[np.uint64], parameters: NDArray[np.float64]) -> NDArray[np.float64]:
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
    groups, lanes = ids.shape
    symbols = problem.random_symbols
    buffer = np.zeros((groups, 2 * max(len(symbols), 1), lanes))
    row = 0
    for channel, symbol in enumerate(symbols):
        first, second = draw(ids, channel, isinstance(symbol, RandomUniform), *key(problem.seed))
        if isinstance(symbol, RandomComplexNormal):
            buffer[:, row], buffer[:, row + 1] = first * np.sqrt(0.5), second * np.sqrt(0.5)
            row += 2
        else:
            buffer[:, row] = first
            row += 1
    out = np.empty((2 * len(problem.initial), groups, lanes))
    kernel = problem.evaluator(symbols, problem.initial)
    kernel(buffer.reshape(groups, -1), parameters, 0.0, out)
    real = Layout(problem.layout.complex_state, 0, 0, False).complex_state
    kept = [2 * i + k for i, is_complex in enumerate(real) for k in range(2 if is_complex else 1)]
    return np.moveaxis(out[kept], 0, 1)


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
