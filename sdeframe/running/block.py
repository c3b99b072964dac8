"""One block of trajectories, from the initial state to the last output time: a pure function of problem and numbers."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.compiled.crossings import NEVER
from sdeframe.compiled.random_numbers import STEPS_PER_WORD
from sdeframe.compiled.tied_words import fill_tied_words
from sdeframe.engines.errors import ObserverError
from sdeframe.interfaces.observer import Observer, Snapshot
from sdeframe.interfaces.recording import Recording, Summing, row_count
from sdeframe.running import initial_draws
from sdeframe.running.events.acting import Acting
from sdeframe.running.jumps.passed import check_rates
from sdeframe.running.problem import Problem
from sdeframe.running.steps.stretches import Stretch
from sdeframe.scratch import borrowed, scratch
from sdeframe.sums.fold import foldable, folded, unfolded
from sdeframe.validators import shown

RECORDED: Final = 2**19
"""Numbers that are recorded before they are summed up: 4 MB, more than which gains little."""

UPDATES_PER_CALL: Final = 2**24
"""Numbers that change between two looks at whether the run is to stop, a small part of a second."""


class Lanes:
    """The buffers of some trajectories, and how to advance and read them.

    Parameters
    ----------
    problem
        The run.
    ids
        Trajectory numbers, shape (trajectories,).
    ratio
        Steps of the plain run that one step spans: 1, or 2 for the coarse run on the same Brownian paths.
    fold
        Whether neighbours are to stand in the same lane; see `sdeframe.sums.fold`.
    """

    def __init__(self, problem: Problem, ids: NDArray[np.uint64], ratio: int = 1, *, fold: bool = False) -> None:
        layout, lanes = problem.layout, problem.lanes
        groups = -(-len(ids) // lanes)
        self.problem, self.layout, self.ratio = problem, layout, ratio
        self.first, self.count, self.lanes, self.folded = int(ids[0]), len(ids), lanes, fold
        self.alive, self.peak, self.reach = layout.alive, layout.peak, layout.reach if layout.watched else None
        self.ids = np.ascontiguousarray(folded(ids, lanes)) if fold else np.resize(ids, (groups, lanes))
        self.buffers = borrowed((groups, layout.rows * lanes))
        self.rows = self.buffers.reshape(groups, layout.rows, lanes)
        self.words = borrowed((groups, 4 * (layout.sign_groups + layout.bit_groups) * lanes), np.uint64)
        self.levels = np.array(problem.bounds) ** 2
        self.crossed = np.full((groups, len(self.levels) + layout.weighted, lanes), NEVER)
        self.reason = np.zeros((groups, lanes), dtype=np.int8)
        self.parameters = problem.arguments(problem.stretches[0].dt * ratio)
        self.test = problem.arguments(self.levels[-1])
        self.step = 0
        self.window = -1
        self.events = Acting(problem, ids)
        self._start()

    def _start(self) -> None:
        """Fill the state; padding lanes are not alive."""
        layout, n = self.layout, self.layout.width
        self.buffers[...] = self.words[...] = 0
        state = initial_draws.state(self.problem, self.ids, self.parameters)
        self.rows[:, :n] = self.rows[:, n : 2 * n] = state
        self.rows[:, layout.threshold] = self.levels[0]
        if layout.weighted:
            limit = self.problem.weight_bound
            self.rows[:, layout.weight_threshold] = math.inf if limit is None else math.log(limit)
        alive = np.zeros(self.ids.size)
        alive[: self.count] = 1.0
        self.rows[:, layout.alive] = alive.reshape(self.ids.shape)

    def advance(self, step: int, stop: threading.Event | None = None) -> None:
        """Advance to a step of the plain run; return early when told to stop."""
        last = step // self.ratio
        while not (stop and stop.is_set()):
            stretch, after = self._ahead(last)
            self._call(self.problem.advance, stretch, after)
            self.step = after
            if after == last:
                return

    def record(self, steps: Sequence[int], out: NDArray[np.float64], stop: threading.Event | None = None) -> None:
        """Advance to steps of the plain run, one after the other; return early when told to stop.

        What observers sum is written there, shape (steps, rows, buffers, lanes); see `Recording`.
        """
        ends, times = np.array(steps) // self.ratio, np.array([self.problem.time(step) for step in steps])
        done = 0
        while done < ends.size and not (stop and stop.is_set()):
            stretch, after = self._ahead(int(ends[-1]))
            reached = int(np.searchsorted(ends, after, side="right"))
            if reached > done:
                self._call(self.problem.record, stretch, ends[done:reached], times[done:reached], out[done:])
                self.step, done = int(ends[reached - 1]), reached
            else:  # what is written on the way is written again at the end of it
                self._call(self.problem.record, stretch, np.array([after]), times[done:], out[done:])
                self.step = after

    def _ahead(self, last: int) -> tuple[Stretch, int]:
        """Return the stretch of the next steps, and the step, up to a last one, that a call of a kernel can reach."""
        event = self.events.reach(self, self.step, last)
        stretch = self.problem.stretch(self.step * self.ratio)
        self.parameters[0] = stretch.dt * self.ratio
        stride = max(1, UPDATES_PER_CALL // self.buffers.size)
        after = min(self.step + stride, last, stretch.last // self.ratio, event)
        if self.problem.columns is not None and self.step < last:
            after = min(after, self._fill(*self.problem.key))
        return stretch, after

    def _call(self, kernel: Any, stretch: Stretch, until: Any, *out: NDArray[np.float64]) -> None:
        """Advance within a stretch."""
        kernel(
            self.buffers, self.words, self.ids, self.crossed, self.reason, self.parameters, self.test, self.levels,
            self.step, until, stretch.shift // self.ratio, self.ratio, stretch.origin, self.problem.columns is not None,
            *self.problem.key, *out,
        )  # fmt: skip
        if self.layout.jumps:
            last = int(np.max(until)) * self.ratio
            check_rates(self.problem.sde, self.layout, self.rows, self.ids, self.problem.time(last))

    def _fill(self, k0: np.uint64, k1: np.uint64) -> int:
        """Fill the words of the next step where a window begins, and return the step at which the next one does."""
        window, layout = self.step * self.ratio // STEPS_PER_WORD, self.layout
        if window != self.window:
            octagons = layout.complex_noises if layout.bits_of_complex == 4 else 0
            fill_tied_words()(
                self.words, self.ids, window, layout.sign_groups, layout.bit_groups, octagons, self.problem.columns,
                k0, k1,
            )  # fmt: skip
            self.window = window
        return (window + 1) * STEPS_PER_WORD // self.ratio

    def in_order(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return what buffers hold, shape (..., buffers, lanes), by trajectory, shape (..., trajectories)."""
        if self.folded:
            return unfolded(values)
        return values.reshape(*values.shape[:-2], self.ids.size)[..., : self.count]

    def row(self, number: int) -> NDArray[np.float64]:
        """Return a row of the buffers, shape (trajectories,)."""
        return self.in_order(self.rows[:, number])

    def complex_rows(self, entries: list[tuple[int, ...]]) -> NDArray[np.complex128]:
        """Return variables or noises, shape (entries, trajectories)."""
        out = np.zeros((len(entries), *self.ids.shape), dtype=complex)
        for values, rows in zip(out, entries, strict=True):
            values.real = self.rows[:, rows[0]]
            if len(rows) == 2:
                values.imag = self.rows[:, rows[1]]
        return self.in_order(out)

    def state(self) -> NDArray[np.complex128]:
        """Return the state, shape (variables, trajectories)."""
        return self.complex_rows(self.layout.state_rows())

    def put(self, positions: list[int], values: NDArray[np.complex128]) -> None:
        """Write variables of the state, by position, shape (variables, trajectories)."""
        entries = self.layout.state_rows()
        for position, value in zip(positions, values, strict=True):
            for row, part in zip(entries[position], (value.real, value.imag), strict=False):
                self.rows[:, row] = self._placed(part)

    def _placed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values by trajectory as buffers hold them, shape (buffers, lanes)."""
        return folded(values, self.lanes) if self.folded else np.resize(values, self.ids.shape)

    @property
    def reports(self) -> NDArray[np.float64]:
        """What events did so far to each group, shape (groups, events, 3)."""
        return self.events.reports[:, : self.events.done]

    def evaluate(self, expressions: tuple[sp.Expr, ...], out: NDArray[np.float64]) -> None:
        """Write real parts, then imaginary parts of expressions of the state, shape (2 expressions, buffers, lanes)."""
        if not expressions:
            return
        kernel = self.problem.evaluator(self.problem.variables, expressions)
        kernel(self.buffers, self.parameters, self.problem.time(self.step * self.ratio), out)

    def snapshot(self, index: int, coarse: Lanes | None = None) -> Snapshot:
        """Return the trajectories as an observer sees them, until they go on."""
        seen = coarse.snapshot(index) if coarse else None
        return Snapshot(index, self.problem.output_times[index], self, self.step, seen)

    def losses(self) -> list[NDArray[np.int64]]:
        """Return for every bound, the weight's last, the steps at which trajectories passed it, one entry each."""
        steps = np.moveaxis(self.crossed, 1, 0).reshape(self.crossed.shape[1], -1)[:, : self.count]
        return [s[s != NEVER] for s in steps]


@attrs.define
class BlockRecord:
    """What a block brings home."""

    records: list[Any]
    losses: list[NDArray[np.int64]]


@usual_arithmetic
def run_trajectories(problem: Problem, first: int, count: int, stop: threading.Event | None = None) -> BlockRecord:
    """Run neighbouring trajectories; what it returns is meaningless once told to stop.

    Raises
    ------
    ObserverError
        If an observer raised an error.
    """
    ids = np.arange(first, first + count, dtype=np.uint64)
    fold = foldable(first, count, problem.lanes)
    fine = Lanes(problem, ids, fold=fold)
    coarse = Lanes(problem, ids, ratio=2, fold=fold) if problem.step_error else None
    records = [observer.start(problem) for observer in problem.observers]
    if problem.summed is None:
        _show(problem, records, fine, coarse, stop)
    else:
        _sum_up(problem, records, fine, coarse, stop)
    return BlockRecord(records, fine.losses())


def _show(
    problem: Problem, records: list[Any], fine: Lanes, coarse: Lanes | None, stop: threading.Event | None
) -> None:
    """Show the observers every output time as it passes by."""
    for index, step in enumerate(problem.steps):
        fine.advance(step, stop)
        if coarse:
            coarse.advance(step, stop)
        if stop and stop.is_set():
            return
        snapshot = fine.snapshot(index, coarse)
        for observer, record in zip(problem.observers, records, strict=True):
            with _told(observer, fine, snapshot.time):
                observer.update(record, snapshot)


def _sum_up(
    problem: Problem, records: list[Any], fine: Lanes, coarse: Lanes | None, stop: threading.Event | None
) -> None:
    """Give the observers what they sum at several output times at once."""
    runs, expressions = [run for run in (fine, coarse) if run], problem.summed or ()
    shape = row_count(len(expressions), fine.reach), *fine.ids.shape
    many = max(1, RECORDED // (len(runs) * math.prod(shape)))
    for index in range(0, len(problem.steps), many):
        steps = problem.steps[index : index + many]
        rows = scratch("recording", (len(runs), len(steps), *shape))
        for run, out in zip(runs, rows, strict=True):
            run.record(steps, out, stop)
        if stop and stop.is_set():
            return
        recording = Recording(index, fine, expressions, rows)
        for observer, record in zip(problem.observers, records, strict=True):
            with _told(observer, fine, problem.output_times[index]):
                cast(Summing, observer).add(record, recording)


@contextmanager
def _told(observer: Observer, lanes: Lanes, time: float) -> Iterator[None]:
    """Raise ObserverError where an observer fails, of any class, as observers are plugins."""
    try:
        yield
    except Exception as error:
        raise ObserverError(
            f"{shown(observer)} failed on trajectories {lanes.first} to {lanes.first + lanes.count - 1} at output time "
            f"{time:g}, {type(error).__name__}: {error}"
        ) from error
