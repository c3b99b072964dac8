"""What a run will cost, told by its first blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import perf_counter
from typing import Final, Unpack

import attrs

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.campaigns.memory import growth, peak_memory
from sdeframe.campaigns.pilot import FirstBlocks, Pilot, pilot
from sdeframe.compiled.program import operations
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.running.compose import RunOptions, compose
from sdeframe.running.problem import Problem
from sdeframe.validators import positive_count, shown

MARGIN: Final = 1.25
"""By how much a run may be faster or slower than all rounds of its pilot."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@attrs.frozen
class Estimate:
    """What a run will cost, of which only the first blocks were run."""

    problem: Problem
    """The run, resolved."""
    threads: int
    seconds: float
    """Of `Result.seconds`: the ensemble without what comes before it, such as compiling."""
    shortest: float
    longest: float
    """Limits of the seconds: the fastest and the slowest round of the pilot with a quarter on either side."""
    preparation: float
    """Seconds that it took to compile, or to load what had been compiled; the run itself finds it done."""
    bytes: int | None
    """The most memory that the process will hold with all that is loaded now; None where the system does not tell."""
    measured: str
    """What the pilot ran."""

    @property
    def text(self) -> str:
        """The run with its cost, one property a line."""
        lines = {**described(self.problem, self.threads), **self._costs()}
        return "\n".join(f"{name:<14}{line}" for name, line in lines.items())

    def _costs(self) -> dict[str, str]:
        limits = f"{duration(self.shortest)} to {duration(self.longest)}"
        memory = "not told by this system" if self.bytes is None else f"{self.bytes / 1e6:.0f} MB at the peak"
        return {
            "time": f"{duration(self.seconds)}, {limits}, by {self.measured}",
            "compilation": f"{duration(self.preparation)}, done now and kept",
            "memory": memory,
        }


@usual_arithmetic
def estimate(
    model: Model,
    integrator: Integrator,
    *,
    threads: int | None = None,
    block: int | None = None,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Return what a run will cost in time and memory, told by its first blocks on this machine as it is now.

    It takes about a second beside the compilation.

    Parameters
    ----------
    model, integrator, threads, block, **options
        As for `simulate`.

    Raises
    ------
    TypeError, ValueError
        If something given is not valid, as in `simulate`.
    """
    problem = compose(model, integrator, block=block, **options)
    count = positive_count("threads", os.cpu_count() or 1 if threads is None else threads)
    blocks = FirstBlocks(problem, count)
    begin = perf_counter()
    problem.prepare()
    first = problem.steps[:1]
    blocks.timed(first)
    preparation = perf_counter() - begin
    preparation -= min(blocks.timed(first), preparation)
    found = pilot(problem.steps, blocks.timed)
    peak = peak_memory()
    return extrapolated(problem, count, found, preparation, None if peak is None else peak + growth(blocks))


def extrapolated(problem: Problem, threads: int, found: Pilot, preparation: float, memory: int | None) -> Estimate:
    """Return the cost of a run of which a pilot has told the time of as many blocks as there are threads."""
    turns = -(-problem.block_count // threads)
    shortest, longest = min(found.rounds) / MARGIN, max(found.rounds) * MARGIN
    return Estimate(
        problem, threads, turns * found.seconds, turns * shortest, turns * longest, preparation, memory, found.measured
    )


def described(problem: Problem, threads: int) -> dict[str, str]:
    """Return what is run, by property."""
    sde, last, times = problem.sde, problem.steps[-1], problem.output_times
    each = operations(problem.programs[0])
    coarse = f", and {last // 2:,} of twice the step" if problem.step_error else ""
    cut = f", {len(problem.stretches)} stretches of equal ones" if len(problem.stretches) > 1 else ""
    begin = f" from number {problem.first_trajectory:,} on" if problem.first_trajectory else ""
    real = sum(bool(noise.is_real) for noise in sde.noises.values())
    return {
        "model": problem.origin.description,
        "parameters": ", ".join(f"{name} = {value:g}" for name, value in problem.values.items()) or "none",
        "system": f"{len(sde.state)} variables, {len(sde.noises)} noises ({real} real)",
        "gauge": problem.origin.gauge,
        "integrator": str(problem.integrator),
        "sampling": str(problem.sampling),
        "steps": f"{last:,} of {each:,} operations, to t = {times[-1]:g}{coarse}{cut}",
        "outputs": f"{len(times):,} from t = {times[0]:g}",
        "observers": ", ".join(shown(observer) for observer in problem.observers) or "none",
        "trajectories": f"{problem.trajectories:,}{begin}, seed {problem.seed}",
        "blocks": f"{problem.block_count:,} of {problem.block:,}, {problem.lanes} lanes, {threads} threads",
    }


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    units: Iterator[tuple[float, str]] = iter(((DAY, "days"), (HOUR, "h"), (MINUTE, "min")))
    for unit, name in units:
        if seconds >= 2 * unit:
            return f"{_rounded(seconds / unit)} {name}"
    return f"{_rounded(seconds)} s"


def _rounded(number: float) -> str:
    """Return a number with two digits that tell, and no power of ten."""
    return f"{float(f'{number:.2g}'):g}"
