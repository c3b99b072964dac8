"""``sdeframe validate closed``: the paper's 14 closed cases against the exact solution."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.integrators import StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, TrustHorizon
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.studies.criteria import HIGH, LARGEST_DEVIATION, LOW, SHARE
from sdeframe.studies.tables import Row

GRID: Final = 0.1
LAST: Final = 10.0


@attrs.frozen
class Case:
    """A closed case with its known 0.5 % times at bounds 10 and 1e3 (inf: none by τ = 10)."""

    atoms: int
    start: str
    photons: float
    low: float
    high: float

    @property
    def name(self) -> str:
        """What the case is called in a table."""
        return f"N={self.atoms} {self.start} nph={self.photons:g}"

    @property
    def dt(self) -> float:
        """A step whose error is below the standard error of 100,000 trajectories."""
        return 1e-3 if self.photons == 10 * self.atoms else 2.5e-3


CASES: Final = (
    Case(10, "ground", 1, 6.91, 8.36),
    Case(10, "ground", 10, 3.01, 3.83),
    Case(10, "ground", 100, 3.56, 4.55),
    Case(10, "excited", 0, 2.73, 3.69),
    Case(10, "excited", 1, 2.82, 3.80),
    Case(10, "excited", 10, 3.00, 3.75),
    Case(10, "excited", 100, 3.45, 4.46),
    Case(100, "ground", 10, math.inf, math.inf),
    Case(100, "ground", 100, 4.45, 5.57),
    Case(100, "ground", 1000, 7.91, 9.79),
    Case(100, "excited", 0, 6.29, 7.30),
    Case(100, "excited", 10, 5.51, 6.32),
    Case(100, "excited", 100, 6.31, 8.25),
    Case(100, "excited", 1000, 7.95, 9.83),
)
"""Loss times measured with 120,000 trajectories of StochasticRK2 (docs/theory)."""


def closed(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Compare the 14 closed Tavis-Cummings cases of the paper with the exact solution (100,000 trajectories each)."""
    for case in CASES:
        yield from case_rows(case, trajectories or 100_000, threads)


def case_rows(case: Case, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the rows of one case."""
    model = TavisCummings(atoms=case.atoms, photons=case.photons, start=case.start)
    end = min(LAST, GRID * math.ceil(1.2 * case.high / GRID)) if math.isfinite(case.high) else LAST
    times = np.arange(round(end / GRID) + 1) * GRID
    result = simulate(
        model,
        StochasticRK2(dt=case.dt),
        observers=[
            Moments(low=model.excited, bound=LOW),
            TrustHorizon(high=model.excited, bound=HIGH, low_bound=LOW),
            Runaways(LOW),
            Runaways(HIGH),
        ],
        times=times, trajectories=trajectories, seed=2023, threads=threads, step_error=True,
    )  # fmt: skip
    for bound, known in ((LOW, case.low), (HIGH, case.high)):
        yield loss_row(case.name, result, bound, known)
    yield Row(case.name, "trusted until", result.horizon("high"))
    exact = model.exact(times)["excited"]
    for bound, known, name in ((LOW, case.low, "low"), (HIGH, case.high, "high")):
        valid = (times > 0) & (times <= (0.8 * known if math.isfinite(known) else LAST) + 1e-9)
        yield from deviation_rows(case.name, result, exact, bound, name, valid)


def loss_row(case: str, result: Result, bound: float, known: float) -> Row:
    """Return the 0.5 % time; two binomial standard errors about it must touch 5 % about the known one."""
    count = result.dataset.attrs["trajectories"]
    spread = 2 * math.sqrt(SHARE * (1 - SHARE) / count)
    early, found, late = (
        result.runaway_time(max(s, 1 / count), bound) for s in (SHARE - spread, SHARE, SHARE + spread)
    )
    error = (late - early) / 4 if math.isfinite(late) else None
    passed = early <= 1.05 * known and late >= 0.95 * known
    return Row(case, f"0.5 % time, bound {bound:g}", found, None, error, known, passed)


def deviation_rows(
    case: str, result: Result, exact: NDArray[Any], bound: float, name: str, valid: NDArray[np.bool_]
) -> Iterator[Row]:
    """Yield the largest deviations from exact and the largest step error; at the low bound, judge them."""
    ds = result.dataset
    names = (name, f"{name}_se", f"{name}_imag_se", f"{name}_step_error", f"{name}_step_error_se")
    mean, se, imag_se, step, step_se = (ds[n].values[valid] for n in names)
    time, off = ds["time"].values[valid], np.abs(mean.real - exact[valid])

    def row(quantity: str, values: NDArray[Any], limit: float | None, error: NDArray[Any] | None = None) -> Row:
        at = int(np.argmax(values))
        passed = bool(values[at] < limit) if limit is not None and bound == LOW else None
        spread = None if error is None else float(error[at])
        return Row(case, f"{quantity}, bound {bound:g}", float(values[at]), float(time[at]), spread, limit, passed)

    yield row("largest |mean - exact|", off, None, se)
    yield row("largest |mean - exact| / se", off / se, LARGEST_DEVIATION)
    yield row("largest |imaginary part| / se", np.abs(mean.imag) / imag_se, LARGEST_DEVIATION)
    yield row("largest |step error| / (se + 2 own se)", np.abs(step.real) / (se + 2 * step_se), 1.0)
