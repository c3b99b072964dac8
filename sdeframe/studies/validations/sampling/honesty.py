"""Whether what balanced ensembles state about their errors is true."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.models import TavisCummings
from sdeframe.observers import TrustHorizon
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.sampling import Balanced, student_limit
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.sampling.gains import FEWEST, SMALLEST, replicate_variance

TIMES: Final = np.arange(1, 26) * 0.2
FIRST_SEED: Final = 161_000

CLOSED: Final = {
    5: ((3.0, "ground"),),
    7: ((20.0, "ground"),),
    12: ((0.0, "excited"), (30.0, "excited")),
    18: ((9.0, "ground"),),
    25: ((25.0, "excited"),),
    30: ((100.0, "ground"),),
    45: ((5.0, "ground"), (0.0, "excited")),
    60: ((20.0, "excited"),),
    80: ((240.0, "ground"),),
    120: ((0.0, "excited"), (60.0, "ground")),
    150: ((15.0, "ground"), (150.0, "excited")),
}
"""Atoms, and photons with the start of the atoms."""
OPEN: Final = (
    TavisCummings(6, 3.0, decay=0.3),
    TavisCummings(9, 18.0, decay=0.8, start="excited"),
    TavisCummings(14, 7.0, decay=1.5),
    TavisCummings(22, 22.0, decay=0.4, start="excited"),
    TavisCummings(35, 0.0, decay=1.0, start="excited"),
    TavisCummings(40, 10.0, decay=0.6),
)
"""None of these cases was used to choose anything."""

SIZES: Final = ((32_768, 8, 12), (98_304, 24, 3), (163_840, 24, 1))
"""Trajectories, the replicates that there are at least, and how many ensembles there are of each case."""

COVER: Final = 0.95
COVERED: Final = (0.93, 0.97)
"""What share of the intervals must hold the exact mean."""
RESOLVED: Final = 1 / 3
"""Of the standard error, below which the step's error must be for that."""
MANY: Final = 1000
"""Intervals that the share is judged of at least; those of one ensemble hang together."""


@attrs.frozen
class Tally:
    """What came out at the output times up to the horizon."""

    ensembles: int = 0
    points: int = 0
    wrong: int = 0
    """Points at which a part of the mean lies further from exact than the total error."""
    wrong_alone: int = 0
    """The same with the errors of replicates alone."""
    largest: float = 0.0
    """Deviation in units of the total error."""
    intervals: int = 0
    """Of the real and of the imaginary part, where the step's error is small."""
    covered: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return what came out of both."""
        sums = {k: v + getattr(other, k) for k, v in attrs.asdict(self).items()}
        return Tally(**{**sums, "largest": max(self.largest, other.largest)})


def closed_cases() -> Iterator[TavisCummings]:
    """Yield the closed systems."""
    for number, starts in CLOSED.items():
        for photons, start in starts:
            yield TavisCummings(number, photons, start=start)


def honesty_rows(asked: int | None, threads: int) -> Iterator[Row]:
    """Yield how often what ensembles state was wrong, by their size, and how often intervals hold the exact mean."""
    sizes = SIZES if asked is None else ((max(1 << asked.bit_length() - 1, FEWEST * SMALLEST), FEWEST, 1),)
    tallies = {size: Tally() for size, _, _ in sizes}
    for number, model in enumerate((*closed_cases(), *OPEN)):
        exact = model.exact(TIMES)["excited"]
        for size, replicates, repeats in sizes:
            for k in range(repeats):
                result = ensemble(model, size, replicates, FIRST_SEED + 100 * number + k, threads)
                tallies[size] += tally(result, exact)
    for size, found in tallies.items():
        yield from tally_rows(f"{size:,} trajectories", found)
    yield from tally_rows("all", total(tallies.values()))


def ensemble(model: TavisCummings, size: int, replicates: int, seed: int, threads: int) -> Result:
    """Return balanced trajectories at the default step; that increments share codes is part of what is tried."""
    with warnings.catch_warnings(action="ignore"):
        return simulate(
            model, default_scheme(model, TIMES), observers=[TrustHorizon(excited=model.excited)], times=TIMES,
            trajectories=size, seed=seed, threads=threads, progress=False, sampling=Balanced(replicates=replicates),
            step_error=True,
        )  # fmt: skip


def total(tallies: Iterable[Tally]) -> Tally:
    """Return what came out of all."""
    return sum(tallies, Tally())


def tally(result: Result, exact: NDArray[np.float64]) -> Tally:
    """Count an ensemble whose exact mean, which is real, is known."""
    ds, name = result.dataset, "excited"
    trusted = ds["time"].values <= result.horizon(name)
    replicates = ds.attrs["replicates"]
    stated, off, step = result.total_error(name).values, ds[name].values - exact, ds[f"{name}_step_error"].values
    share, alone = np.zeros(exact.shape), np.zeros(exact.shape)
    intervals = covered = 0
    for part, suffix in ((np.real, ""), (np.imag, "_imag")):
        away, error = np.abs(part(off)), np.sqrt(replicate_variance(result, name, suffix))
        share = np.maximum(share, away / part(stated))
        alone = np.maximum(alone, away / (student_limit(replicates) * error))
        small = trusted & (np.abs(part(step)) < RESOLVED * error)
        intervals += int(small.sum())
        covered += int((small & (away <= stdtrit(replicates - 1, (1 + COVER) / 2) * error)).sum())
    return Tally(
        1, int(trusted.sum()), int((trusted & ~(share <= 1)).sum()), int((trusted & ~(alone <= 1)).sum()),
        float(np.max(share[trusted], initial=0.0)), intervals, covered,
    )  # fmt: skip


def tally_rows(name: str, found: Tally) -> Iterator[Row]:
    """Yield rows of a tally."""
    about = f"{found.points} output times of {found.ensembles} ensembles"
    yield Row(name, "wrong by what is stated", found.wrong, None, None, 0.0, found.wrong == 0, about)
    yield Row(name, "largest |mean - exact| / total error", found.largest, None, None, 1.0)
    yield Row(name, "wrong by replicates alone", found.wrong_alone)
    if found.intervals:
        share = found.covered / found.intervals
        passed = COVERED[0] <= share <= COVERED[1] if found.intervals >= MANY else None
        spread = float(np.sqrt(COVER * (1 - COVER) / found.intervals))
        note = f"{found.intervals} intervals, {COVERED[0]} to {COVERED[1]}"
        yield Row(name, "95 % t-intervals that hold the exact mean", share, None, spread, COVER, passed, note)
