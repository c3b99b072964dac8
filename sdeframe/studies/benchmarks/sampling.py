"""``sdeframe bench sampling``: the time that balanced and independent trajectories take to a total error of a mean."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from typing import Final

import attrs
import numpy as np

from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.running.simulation import simulate
from sdeframe.sampling import Balanced, Independent, Sampling
from sdeframe.studies.benchmarks.kernel import spread
from sdeframe.studies.benchmarks.sampling_levels import BOUND, FEWEST, Case, Level, levels
from sdeframe.studies.tables import Row

TARGETS: Final = (1e-3, 1e-4, 1e-5, 1e-6)
CASES: Final = (
    Case(TavisCummings(100, 10.0), 3.0, {1e-5: 200.0}),
    Case(TavisCummings(10, 10.0), 1.6, {1e-4: 50.0}),
)
PROBE: Final = 2**18
"""Trajectories that tell bias and spread of every step."""
MOST: Final = 10**7
"""Trajectories of a run; where more are needed, their time is that of as many steps."""
SEEDS: Final = 8
QUICK: Final = 5 * 10**7
"""Steps of all trajectories up to which a run is repeated with other seeds."""
FIRST_SEED: Final = 1600

EQUAL: Final = 98_304
ROUNDS: Final = 11
SLOWER: Final = 1.05
"""What a balanced run may take of the time of an independent one."""


@attrs.frozen
class Choice:
    """The cheapest run of a sampling that has a total error."""

    level: Level
    sampling: Sampling
    trajectories: int
    seconds: float
    """Of the kernel on one core."""


@attrs.frozen
class Outcome:
    """What came of such runs: medians, and how far means are off."""

    run: float
    """Seconds without compilation."""
    call: float
    """Seconds in all."""
    stated: float
    """Standard error."""
    error: float
    """Root mean square of what means are off by."""
    seeds: int


def sampling(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Find the time in which balanced and independent trajectories have a total error, on one thread.

    The number of trajectories is that of the runs that tell bias and spread of every step.
    """
    count = PROBE if trajectories is None else max(1 << trajectories.bit_length() - 1, 2**13)
    for case in CASES:
        found = levels(case, count)
        yield from level_rows(case, found)
        for target in TARGETS:
            yield from target_rows(case, target, found, None if trajectories is None else count)
    yield equal_row(EQUAL if trajectories is None else max(count, FEWEST * 4096))


def level_rows(case: Case, found: list[Level]) -> Iterator[Row]:
    """Yield the bias of every step with what its trajectories tell."""
    for level in found:
        cost = " and ".join(f"{value:.1f}" for value in level.nanoseconds.values())
        note = f"spread {level.independent:.2g} -> {level.balanced:.2g}, {cost} ns a step"
        yield Row(case.name, f"bias, dt {case.time / level.steps:.4g}", level.bias, None, level.uncertainty, note=note)


def target_rows(case: Case, target: float, found: list[Level], few: int | None) -> Iterator[Row]:
    """Yield what a total error takes with both samplings, what runs came to, and the ratio."""
    choices = cheapest(found, target)
    if len(choices) < 2:
        yield Row(case.name, f"to {target:g}", math.nan, note="no step is small enough")
        return
    runs = {name: tried(case, choice, MOST if few is None else 16 * few) for name, choice in choices.items()}
    for name, choice in choices.items():
        yield from run_rows(case, f"{name} to {target:g}", target, choice, runs[name])
    independent, balanced = choices.values()
    ratio, least = independent.seconds / balanced.seconds, case.asked.get(target)
    passed = bool(ratio >= least) if least is not None and few is None else None
    before, after = runs.values()
    note = f"of whole runs {before.run / after.run:.3g}" if before and after else ""
    yield Row(case.name, f"gain at {target:g}: kernel s, ratio", ratio, None, None, least, passed, note)


def cheapest(found: list[Level], target: float) -> dict[str, Choice]:
    """Return the run of each sampling that has a total error in the shortest time; none where no step has it."""
    choices: dict[str, list[Choice]] = {"independent": [], "balanced": []}
    for level in found:
        sizes = ((Independent(), level.independent_size(target)), (Balanced(level.block), level.balanced_size(target)))
        for (name, tried_so_far), (plan, size) in zip(choices.items(), sizes, strict=True):
            if size is not None:
                seconds = 1e-9 * size * level.steps * level.nanoseconds[name]
                tried_so_far.append(Choice(level, plan, size, seconds))
    return {name: min(some, key=lambda c: c.seconds) for name, some in choices.items() if some}


def tried(case: Case, choice: Choice, most: int) -> Outcome | None:
    """Return what comes of a choice; None where it has more trajectories than are run."""
    steps, count = choice.level.steps, choice.trajectories
    if count > most:
        return None
    run, call, stated, off = [], [], [], []
    for seed in range(SEEDS if count * steps <= QUICK else 1):
        begin = time.perf_counter()
        result = case.run(steps, choice.sampling, count, FIRST_SEED + seed)
        call.append(time.perf_counter() - begin)
        run.append(result.seconds)
        stated.append(float(result.dataset["mean_se"].values[0]))
        off.append(float(result.dataset["mean"].values[0].real) - case.exact)
    error = math.sqrt(statistics.fmean(np.square(off)))
    return Outcome(statistics.median(run), statistics.median(call), statistics.median(stated), error, len(off))


def run_rows(case: Case, name: str, target: float, choice: Choice, came: Outcome | None) -> Iterator[Row]:
    """Yield what a choice costs, and by how much the means of its runs were off."""
    level, count = choice.level, choice.trajectories
    size = f"{count // level.block} x {level.block}" if isinstance(choice.sampling, Balanced) else f"{count:.3g}"
    timed = "not run" if came is None else f"run {1e3 * came.run:.3g} ms, call {1e3 * came.call:.3g} ms"
    note = f"dt {case.time / level.steps:.4g}, {size}, {timed}"
    yield Row(case.name, f"{name}: kernel s", choice.seconds, note=note)
    if came is not None:
        limit = target * (1 + 3 / math.sqrt(2 * came.seeds))
        note = f"{came.seeds} seeds, bias {level.bias:.1e}, stated {came.stated:.1e}"
        yield Row(
            case.name, f"{name}: |mean - exact|, rms", came.error, None, None, limit, came.error <= limit, note
        )  # fmt: skip


def equal_row(count: int) -> Row:
    """Return the time of a balanced run over that of an independent one of as many trajectories, in turn."""
    case = CASES[0]
    taken: dict[Sampling, list[float]] = {Independent(): [], Balanced(4096): []}
    for _ in range(ROUNDS + 1):
        for plan, values in taken.items():
            result = simulate(
                case.model, W2S4(0.05), observers=[Moments(mean=case.model.excited, bound=BOUND)],
                times=np.arange(1, 7) * 0.5, trajectories=count, seed=1, threads=1, progress=False, sampling=plan,
            )  # fmt: skip
            values.append(result.seconds)
    plain, tied = (values[1:] for values in taken.values())
    ratios = [b / a for a, b in zip(plain, tied, strict=True)]
    value, error = statistics.median(ratios), spread(ratios)
    note = f"{statistics.median(tied):.3g} s of {count} trajectories, two errors of the ratio"
    passed = value - 2 * error <= SLOWER
    return Row(case.name, "balanced / independent, equal number", value, None, error, SLOWER, passed, note)
