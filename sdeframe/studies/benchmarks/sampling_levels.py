"""What balanced and independent trajectories tell with every step, and how many of them a total error takes."""

from __future__ import annotations

import math
import statistics
import time
import warnings
from collections.abc import Mapping
from typing import Final

import attrs
import numpy as np

from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.running.block import Lanes
from sdeframe.running.compose import compose
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.sampling import Balanced, Independent, Sampling

DOUBLINGS: Final = range(2, 9)
"""Logarithms of how many steps are tried."""
BEYOND: Final = 2
"""How often they are doubled beyond that, where the bias follows from the weak order."""
BOUND: Final = 1e3
FEWEST: Final = 8
"""Replicates at least."""
ROUNDS: Final = 7
TIMED: Final = 2**14
"""Trajectories whose steps are timed."""
BLOCK: Final = 2048
SEED: Final = 16


@attrs.frozen
class Case:
    """A closed model with the time at which its mean counts, and the gains that are asked for, by total error."""

    model: TavisCummings
    time: float
    asked: dict[float, float]

    @property
    def name(self) -> str:
        """What the case is called in a table."""
        return f"N={self.model.atoms} nph={self.model.photons:g} at {self.time:g}"

    @property
    def exact(self) -> float:
        """The exact mean."""
        return float(self.model.exact([self.time])["excited"][0])

    def run(self, steps: int, sampling: Sampling, trajectories: int, seed: int, step_error: bool = False) -> Result:
        """Return an ensemble, on one thread; what is too large a step is to be found out."""
        with warnings.catch_warnings(action="ignore"):
            return simulate(
                self.model, W2S4(self.time / steps), observers=[self.observer], times=[self.time], seed=seed,
                trajectories=trajectories, threads=1, progress=False, sampling=sampling, step_error=step_error,
            )  # fmt: skip

    @property
    def observer(self) -> Moments:
        """What records the mean."""
        return Moments(mean=self.model.excited, bound=BOUND)


@attrs.frozen
class Level:
    """What a step tells: everything by trajectory, so that it holds for any number of them."""

    steps: int
    bias: float
    uncertainty: float
    """Standard error of the bias."""
    block: int
    """Trajectories of a replicate."""
    independent: float
    """Standard deviation."""
    balanced: float
    """√n times the standard error that replicates tell of n balanced ones."""
    farthest: float
    """n times the floor of their error."""
    nanoseconds: Mapping[str, float]
    """What a trajectory's step takes in the kernel alone, by sampling."""

    def room(self, target: float) -> float:
        """Return which variance of the mean a total error leaves beside the bias, with two of its standard errors."""
        return target**2 - (abs(self.bias) + 2 * self.uncertainty) ** 2

    def independent_size(self, target: float) -> int | None:
        """Return how many independent trajectories have this total error, √(bias² + SE²)."""
        room = self.room(target)
        return max(2, math.ceil(self.independent**2 / room)) if room > 0 else None

    def balanced_size(self, target: float) -> int | None:
        """Return how many balanced ones have it, in whole replicates, with the floor in their standard error."""
        room, square = self.room(target), self.balanced**2
        if room <= 0:
            return None
        least = 2 * self.farthest**2 / (math.sqrt(square**2 + 4 * self.farthest**2 * room) - square)
        return max(FEWEST, math.ceil(least / self.block)) * self.block


def levels(case: Case, trajectories: int) -> list[Level]:
    """Return what every step tells, few steps first.

    The bias is telescoped: that of a step 2h is that of h and the difference of the means of both on the same paths.
    """
    found: list[Level] = []
    bias = variance = 0.0
    for doubling in reversed(DOUBLINGS):
        steps = 2**doubling
        tied = case.run(steps, Balanced(replicates=FEWEST), trajectories, SEED, step_error=True).dataset
        plain = case.run(steps, Independent(), min(trajectories, TIMED), SEED).dataset
        step, own = float(tied["mean_step_error"].values[0].real), float(tied["mean_step_error_se"].values[0])
        if not found:
            bias, variance = step, own**2
        error, floor = (float(tied[f"mean_{kind}"].values[0]) for kind in ("se", "floor"))
        independent = float(plain["mean_se"].values[0]) * math.sqrt(plain.attrs["trajectories"])
        balanced, block = math.sqrt((error**2 - floor**2) * trajectories), tied.attrs["replicate_size"]
        cost, farthest = kernel_nanoseconds(case, steps), floor * trajectories
        found.append(Level(steps, bias, math.sqrt(variance), block, independent, balanced, farthest, cost))
        bias, variance = bias + 3 * step, variance + 9 * own**2
    return [*found[::-1], *(finer(found[0], 2**k) for k in range(1, BEYOND + 1))]


def finer(level: Level, times: int) -> Level:
    """Return what is expected of so many times more steps, of whose trajectories replicates have as many more."""
    return attrs.evolve(
        level, steps=level.steps * times, block=level.block * times, bias=level.bias / times**2,
        uncertainty=level.uncertainty / times**2,
    )  # fmt: skip


def kernel_nanoseconds(case: Case, steps: int) -> dict[str, float]:
    """Return the time of a trajectory's step in the kernel alone, by sampling; medians of rounds in turn."""
    kinds: dict[str, Sampling] = {"independent": Independent(), "balanced": Balanced(BLOCK)}
    problems = {
        name: compose(
            case.model, W2S4(case.time / steps), observers=[case.observer], times=[case.time], trajectories=TIMED,
            seed=SEED, sampling=sampling,
        )
        for name, sampling in kinds.items()
    }  # fmt: skip
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS + 1):
        for name, problem in problems.items():
            seconds = 0.0
            for first in range(0, TIMED, BLOCK):
                lanes = Lanes(problem, np.arange(first, first + BLOCK, dtype=np.uint64))
                begin = time.perf_counter()
                lanes.advance(steps)
                seconds += time.perf_counter() - begin
            taken[name].append(1e9 * seconds / (TIMED * steps))
    return {name: statistics.median(values[1:]) for name, values in taken.items()}
