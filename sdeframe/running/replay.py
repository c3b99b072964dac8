"""Chosen trajectories at every step, made again: their noise is addressed, so the bits are those of the run."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.kernels.layout import ordered_noises
from sdeframe.running.block import Lanes
from sdeframe.running.problem import Problem
from sdeframe.validators import real_numbers, shown

if TYPE_CHECKING:
    import xarray as xr

ALIVE: Final = "alive"
"""What marks states that a lost trajectory keeps."""


@usual_arithmetic
def replay(problem: Problem, trajectory_ids: ArrayLike, window: tuple[float, float] | None) -> xr.Dataset:
    """Return trajectories at every step of a window; see `Result.replay`."""
    import xarray as xr

    ids = _valid_ids(problem, trajectory_ids)
    first, last = _valid_window(problem, window)
    whole = _with_groups(problem, ids)
    lanes, layout, at = Lanes(problem, whole), problem.layout, np.searchsorted(whole, ids)
    lanes.advance(first)
    states, alive = [lanes.complex_rows(layout.state_rows())[:, at]], [lanes.row(layout.alive)[at] > 0]
    path, signs, counts = [], [], [_counts(lanes)[..., at]]
    for step in range(first + 1, last + 1):
        lanes.advance(step)
        states.append(lanes.complex_rows(layout.state_rows())[:, at])
        alive.append(lanes.row(layout.alive)[at] > 0)
        path.append(lanes.complex_rows(layout.noise_rows(layout.path))[:, at])
        signs.append(lanes.complex_rows(layout.noise_rows(layout.signs) if layout.has_signs else [])[:, at])
        counts.append(_counts(lanes)[..., at])
    variables = _named(problem.variables, "{}", states, "time")
    if path:
        variables |= _named(ordered_noises(problem.sde), "d{}", path, "step_time")
        if layout.has_signs:
            variables |= _named(ordered_noises(problem.sde), "s_{}", signs, "step_time")
        variables |= _named(problem.sde.jumps, "d{}", [*np.diff(counts, axis=0)], "step_time")
    increments = len(problem.sde.noises) * (1 + layout.has_signs) + layout.jumps
    if len(variables) < len(problem.variables) + increments * (len(path) > 0):
        raise ValueError("a variable has the name of an increment (d<noise>) or sign (s_<noise>): rename the variable")
    if ALIVE in variables:
        raise ValueError(f"a variable has the name {ALIVE!r}, which marks who is not lost: rename the variable")
    return xr.Dataset(
        variables,
        coords={
            "trajectory": ids.astype(np.int64),
            "time": [problem.time(step) for step in range(first, last + 1)],
            "step_time": [problem.time(step) for step in range(first, last)],
            ALIVE: (("trajectory", "time"), np.array(alive).T, {"long_name": "has not passed the freezing bound"}),
        },
    )


def _counts(lanes: Lanes) -> NDArray[np.complex128]:
    """Return how often each Poisson noise has jumped, shape (noises, trajectories)."""
    first = lanes.layout.counts
    return lanes.complex_rows([(first + i,) for i in range(lanes.layout.jumps)])


def _named(symbols: Any, pattern: str, steps: list[NDArray[np.complex128]], dim: str) -> dict[str, Any]:
    table = np.array(steps)
    return {
        pattern.format(s.name): (("trajectory", dim), table[:, i].T.real if s.is_real else table[:, i].T)
        for i, s in enumerate(symbols)
    }


def _valid_ids(problem: Problem, trajectory_ids: ArrayLike) -> NDArray[np.uint64]:
    ids = np.atleast_1d(np.asarray(trajectory_ids))
    if ids.ndim != 1 or ids.size == 0 or ids.dtype.kind not in "iu":
        raise ValueError(f"trajectory_ids={trajectory_ids!r}: must be a list of integers, such as [0, 1]")
    for i in ids:
        if int(i) not in problem.numbers:
            raise ValueError(f"trajectory {i}: the run has the numbers {problem.numbers[0]} to {problem.numbers[-1]}")
    return ids.astype(np.uint64)


def _with_groups(problem: Problem, ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the numbers of trajectories in order, of whole groups where events act on them."""
    if problem.events is None:
        return np.unique(ids)
    firsts = np.unique(ids // np.uint64(problem.group_size)) * np.uint64(problem.group_size)
    return np.add.outer(firsts, np.arange(problem.group_size, dtype=np.uint64)).ravel()


def _valid_window(problem: Problem, window: tuple[float, float] | None) -> tuple[int, int]:
    end = problem.output_times[-1]
    ends = real_numbers((0.0, end) if window is None else window)
    if ends is None or ends.shape != (2,) or not 0 <= ends[0] <= ends[1] <= end * (1 + 1e-9):
        raise ValueError(f"window={shown(window)}: must be a first and a last time between 0 and {end:g}")
    start, stop = ends.tolist()
    return _nearest_step(problem, start), _nearest_step(problem, stop)


def _nearest_step(problem: Problem, time: float) -> int:
    """Return the step that begins nearest to a time."""
    found = max(bisect_right(problem.stretches, time, key=lambda s: s.time(s.first)) - 1, 0)
    stretch = problem.stretches[found]
    return min(stretch.shift + round((time - stretch.origin) / stretch.dt), stretch.last)
