"""``sdeframe validate damping``: the minimal damping of the paper's cases, and what it depends on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways
from sdeframe.storage.store import Store, cached_run
from sdeframe.studies.criteria import LARGEST_DEVIATION
from sdeframe.studies.ensembles import SEARCHED, SEED, figure_cases, searched_damping
from sdeframe.studies.tables import Row

if TYPE_CHECKING:
    from sdeframe.running.result import Result

KNOWN: Final = (
    (0.09, 0.14), (0.70, 0.75), (1.27, 1.31), (0.56, 0.61), (0.66, 0.70), (0.98, 1.03), (1.17, 1.22),
    (0.00, 0.00), (0.19, 0.23), (0.00, 0.05), (0.09, 0.14), (0.19, 0.23), (0.09, 0.14), (0.00, 0.05),
)  # fmt: skip
"""Where an independent program bisected to, for `figure_cases`."""
KNOWN_TRAJECTORIES: Final = 6_000
PAPER: Final = 2.6
"""What the paper calls the minimal damping of 10 atoms in the ground state and 100 photons."""
TRIED: Final = tuple(k / 5 for k in range(4, 21))
"""Dampings of that case that are tried."""
BOUNDS: Final = (10.0, 1e3, 1e6)
ENDS: Final = (5.0, 8.0, 10.0, 20.0)
SHARES: Final = (0.005, 0.001, 0.0)


def damping(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Find the minimal damping of the 14 closed cases, and what it is by other criteria (100,000 trajectories)."""
    store = Store()
    for model, known in zip(figure_cases(), KNOWN, strict=True):
        yield known_row(store, model, known, threads)
    yield from criterion_rows(store, trajectories or 100_000, threads)


def known_row(store: Store, model: TavisCummings, known: tuple[float, float], threads: int) -> Row:
    """Return the minimal damping; five errors of both searches about it must touch the known interval."""
    found = searched_damping(store, model, threads)
    low, high = found.interval
    error = (high - low) / 4
    both = error * math.sqrt(1 + SEARCHED / KNOWN_TRAJECTORIES)
    passed = known[0] - LARGEST_DEVIATION * both <= found.value <= known[1] + LARGEST_DEVIATION * both
    case = f"N={model.atoms} {model.start} nph={model.photons:g}"
    return Row(case, "minimal damping", found.value, None, error, sum(known) / 2, passed, str(found))


def criterion_rows(store: Store, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the smallest damping that meets a criterion, for many criteria, and what is lost at the paper's."""
    runs = {g: run_to_end(store, g, trajectories, threads) for g in TRIED}
    case = "N=10 ground nph=100"
    for bound in BOUNDS:
        for end in ENDS:
            lost = {g: lost_by(run, bound, end) for g, run in runs.items()}
            for share in SHARES:
                enough = [g for g in TRIED if lost[g] <= share * trajectories]
                allowed = f"at most {share:.1%}" if share else f"none of {trajectories}"
                quantity = f"{allowed} beyond {bound:g} by {end:g}"
                yield Row(case, quantity, min(enough, default=math.inf), note="smallest tried, steps of 0.2")
            yield Row(case, f"lost beyond {bound:g} by {end:g} at {PAPER:g}", lost[PAPER], note=f"of {trajectories}")


def run_to_end(store: Store, decay: float, trajectories: int, threads: int) -> Result:
    """Return a run that counts losses at all bounds."""
    model, times = TavisCummings(10, 100.0, decay=decay), np.array([ENDS[-1]])
    return cached_run(
        store, model, default_scheme(model, times), observers=[Runaways(bound) for bound in BOUNDS], times=times,
        trajectories=trajectories, seed=SEED, threads=threads,
    )  # fmt: skip


def lost_by(run: Result, bound: float, end: float) -> int:
    """Return how many had passed a bound by a time."""
    by_step: NDArray[Any] = run.losses["losses"].sel(bound=bound).values
    return int(by_step[: round(end / run.dataset.attrs["dt"]) + 1].sum())
