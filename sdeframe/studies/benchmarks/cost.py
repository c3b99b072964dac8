"""``sdeframe bench cost``: how the time of a run grows, the formula of it, and how well it is told before a run."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe import registry
from sdeframe.campaigns.memory import peak_memory
from sdeframe.campaigns.run_cost import estimate
from sdeframe.compiled.program import operations
from sdeframe.progress import progress_bar
from sdeframe.running.compose import compose
from sdeframe.running.problem import Problem
from sdeframe.running.simulation import run_problem
from sdeframe.studies.benchmarks.cost_cases import (
    HELD_OUT,
    NAMES,
    NOISES,
    NORMALS,
    OUTPUTS,
    RING,
    SIZES,
    SMALL_SIZES,
    VARIABLES,
    Case,
)
from sdeframe.studies.tables import Row

ROUNDS: Final = 3
LIMIT: Final = 1.3
"""Factor within which a run must be told."""
LARGEST: Final = 1_000_000
MOST_MEMORY: Final = 400.0
"""Megabytes that a run of so many trajectories may take."""
MANY: Final = 3_000
"""Operations of a step whose values stay in the nearest memory."""
TERMS: Final = {
    "trajectory": "ns a trajectory",
    "step": "ns a step",
    "operation": "ns an operation of a step",
    "large": "ns more for those beyond the first 3,000",
    "bits": "ns a real noise of bits",
    "normals": "ns a real noise of normal numbers",
    "output": "ns an output",
    "mean": "ns a mean of an output",
}
SCRIPT: Final = "import sys; from sdeframe.studies.benchmarks.cost import print_memory; print_memory(*sys.argv[1:])"
TOLD: Final = re.compile(r"^memory +(\d+) MB", re.MULTILINE)


@attrs.frozen
class Measured:
    """What a run took."""

    case: Case
    problem: Problem
    seconds: float

    @property
    def nanoseconds(self) -> float:
        """Of each trajectory."""
        return 1e9 * self.seconds / self.problem.trajectories

    @property
    def counts(self) -> NDArray[np.float64]:
        """How often a trajectory takes each of `TERMS`, divided by the threads."""
        problem, case = self.problem, self.case
        steps = problem.steps[-1] * (1.5 if problem.step_error else 1.0)
        outputs = len(problem.steps) * (2 if problem.step_error else 1)
        real = sum(1 if noise.is_real else 2 for noise in problem.sde.noises.values())
        made, bits = operations(problem.programs[0]), problem.layout.bit_count > 0
        each = (
            1.0, steps, steps * made, steps * max(made - MANY, 0), steps * real * bits, steps * real * (not bits),
            outputs, outputs * case.names,
        )  # fmt: skip
        return np.array(each) / case.threads


def cost(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Measure how time grows, fit a formula, and hold it and `estimate` against runs that it was not fitted on."""
    fitted = [*measured((*VARIABLES, *NOISES, *NORMALS, *OUTPUTS, *NAMES, *SIZES), trajectories)]
    yield from map(row, (*fitted, *measured(SMALL_SIZES, trajectories)))
    for count in sorted({1, threads, os.cpu_count() or 1}):
        yield row(timed(attrs.evolve(RING, name=f"{count} threads", threads=count), trajectories))
    formula = fit(fitted)
    for (name, about), value in zip(TERMS.items(), formula, strict=True):
        yield Row("formula", name, float(value), note=about)
    for case in HELD_OUT:
        yield from held_out_rows(case, trajectories, formula)
    yield from memory_rows(min(LARGEST, trajectories or LARGEST), threads)


def measured(cases: Sequence[Case], trajectories: int | None) -> Iterator[Measured]:
    """Time cases one after the other."""
    for case in cases:
        yield timed(case, trajectories)


def timed(case: Case, trajectories: int | None) -> Measured:
    """Time a case, after a run that compiles; at most so many trajectories."""
    sized = case.sized(trajectories)
    problem = compose(sized.model, sized.integrator, **sized.options)
    rounds = ROUNDS if sized.trajectories < LARGEST else 1
    seconds = [run_problem(problem, sized.threads, None, progress_bar(None, False)).seconds for _ in range(1 + rounds)]
    return Measured(sized, problem, statistics.median(seconds[1:]))


def row(found: Measured) -> Row:
    """Return the row of a run."""
    each = found.nanoseconds / found.problem.steps[-1]
    return Row(found.case.name, "s", found.seconds, note=f"{each:.3g} ns a trajectory and step")


def fit(found: Sequence[Measured]) -> NDArray[np.float64]:
    """Return the nanoseconds of each of `TERMS`, none below 0, with the smallest relative errors of times."""
    from scipy.optimize import nnls

    rows = np.array([run.counts / run.nanoseconds for run in found])
    values: NDArray[np.float64] = nnls(rows, np.ones(len(found)))[0]
    return values


def held_out_rows(case: Case, trajectories: int | None, formula: NDArray[np.float64]) -> Iterator[Row]:
    """Yield what `estimate` and the formula tell of a run, as ratios to what it takes."""
    sized = case.sized(trajectories)
    foretold = estimate(sized.model, sized.integrator, threads=sized.threads, **sized.options)
    found = timed(case, trajectories)
    ratio, told = foretold.seconds / found.seconds, float(formula @ found.counts) / found.nanoseconds
    passed = 1 / LIMIT <= ratio <= LIMIT
    note = f"{foretold.seconds:.3g} s told, {found.seconds:.3g} s taken"
    yield Row(case.name, "estimate / measured", ratio, reference=LIMIT, passed=passed, note=note)
    yield Row(case.name, "formula / measured", told)


def memory_rows(trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the largest memory of ``sdeframe run`` in a process of its own, and what is told of it before."""
    arguments = ("run", "--trajectories", str(trajectories), "--threads", str(threads))
    told, _ = printed_memory(*arguments, "--dry-run")
    _, taken = printed_memory(*arguments)
    case = f"{trajectories:,} trajectories"
    yield Row(case, "memory: MB", taken, reference=MOST_MEMORY, passed=taken < MOST_MEMORY)
    ratio = told / taken
    yield Row(case, "told memory / measured", ratio, reference=LIMIT, passed=1 / LIMIT <= ratio <= LIMIT)


def printed_memory(*arguments: str) -> tuple[float, float]:
    """Return the megabytes that a command tells, if it does, and those that its process takes."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments], cwd=folder, capture_output=True, text=True, check=True
        )
    found = TOLD.search(done.stdout)
    return float(found[1]) if found else 0.0, float(done.stdout.split()[-1])


def print_memory(command: str, *arguments: str) -> None:
    """Run a command of the command line, and print the most megabytes that this process has held."""
    registry.find("commands", command).main(arguments, standalone_mode=False)
    print((peak_memory() or 0) / 1e6)
