"""``sdeframe validate schemes``: the means of figures 2 to 5 from W2S4 and from StochasticRK2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from sdeframe.drawing.parts import parts
from sdeframe.integrators import StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies.criteria import HIGH, LARGEST_DEVIATION, LOW, SHARE
from sdeframe.studies.ensembles import SEED, drawn_damping, ensemble, figure_cases, searched_damping
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.open_system import divisible_errors

if TYPE_CHECKING:
    from sdeframe.running.result import Result

PART: Final = 5
"""StochasticRK2, which takes some ten times the steps, runs this part of the trajectories, on other random numbers."""


def schemes(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Compare the means of figures 2 to 5 from W2S4 and from StochasticRK2 (100,000 and 20,000 trajectories)."""
    store, count = Store(), trajectories or 100_000
    for closed in figure_cases():
        drawn = drawn_damping(searched_damping(store, closed, threads))
        for decay in (0.0, drawn / 2, drawn):
            model = attrs.evolve(closed, decay=decay)
            fine = StochasticRK2(dt=1e-3 if model.photons > model.atoms else 2.5e-3)
            ours = ensemble(store, model, count, threads)
            other = ensemble(store, model, max(count // PART, 2), threads, scheme=fine, seed=SEED + 1)
            yield from compared_rows(model, ours, other)


def compared_rows(model: TavisCummings, ours: Result, other: Result) -> Iterator[Row]:
    """Yield when both lose 0.5 %, and the largest difference of their means in standard errors, for both bounds.

    Survivors of bound 10 are compared at all times, those of 1e3 as long as neither scheme has lost 0.5 %.
    """
    case = f"N={model.atoms} {model.start} nph={model.photons:g} g={model.decay:.3g}"
    times = ours.dataset["time"].values
    lost = [run.runaway_time(SHARE, HIGH) for run in (ours, other)]
    yield Row(case, f"0.5 % time, bound {HIGH:g}", lost[0], reference=lost[1], note="reference: StochasticRK2")
    for name, bound, until in (("excited_low", LOW, times[-1]), ("excited", HIGH, min(*lost, times[-1]))):
        a, b = ours.dataset, other.dataset
        both = zip(parts(a, name), parts(b, name), strict=True)
        apart = [np.abs(p.mean - q.mean) / divisible_errors(np.hypot(p.error, q.error)) for p, q in both]
        off = np.where(times <= until, np.max(apart, axis=0), 0.0)
        at, limit = int(np.argmax(off)), LARGEST_DEVIATION
        quantity = f"bound {bound:g}: |W2S4 - StochasticRK2| / se"
        yield Row(case, quantity, float(off[at]), float(times[at]), None, limit, bool(off[at] < limit))
