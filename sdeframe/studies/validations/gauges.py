"""``sdeframe validate gauges``: how far each gauge and form takes the paper's 14 closed cases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.gauges import Always, ConditionalSwitch, QuarticDrift, ScaledNoise
from sdeframe.integrators import StochasticRK2
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways, TrustHorizon, WeightedTrustHorizon
from sdeframe.observers.trust import last_before
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.studies.criteria import HIGH, LARGEST_DEVIATION, SHARE
from sdeframe.studies.parts import deviation
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.closed import CASES, GRID, LAST, Case
from sdeframe.studies.weights import carried

WIDE: Final = 0.01
"""A standard error that hides what a figure should show."""
CLOSE: Final = 0.02
"""A deviation from the exact curve that the eye sees, whatever the standard error, which runaways inflate, allows."""


@attrs.frozen
class Entrant:
    """A form of the equations with a gauge."""

    name: str
    form: str
    gauge: Gauge = attrs.field(factory=Identity)
    judged: bool = False
    """Whether its weighted means must be exact as long as its weights carry them."""


ENTRANTS: Final = (
    Entrant("A46", "A46"),
    Entrant("A39", "A39"),
    Entrant("A46, noise x 1/2", "A46", ScaledNoise(sp.Rational(1, 2))),
    Entrant("A46, noise x 2", "A46", ScaledNoise(2)),
    Entrant("A39, noise x 1/2", "A39", ScaledNoise(sp.Rational(1, 2))),
    Entrant("A46, tanh switch", "A46", QuarticDrift(), judged=True),
    Entrant("A39, tanh switch", "A39", QuarticDrift(), judged=True),
    Entrant("A46, while inverted", "A46", QuarticDrift(ConditionalSwitch())),
    Entrant("A46, always", "A46", QuarticDrift(Always())),
)


def gauges(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold gauges and diffusion gauges against the exact solution of the 14 closed cases (20,000 trajectories each)."""
    for case in CASES:
        model = TavisCummings(case.atoms, case.photons, start=case.start)
        times = np.arange(round(LAST / GRID) + 1) * GRID
        exact = model.exact(times)["excited"]
        for entrant in ENTRANTS:
            yield from entrant_rows(case, entrant, exact, times, trajectories or 20_000, threads)


def entrant_rows(
    case: Case, entrant: Entrant, exact: NDArray[Any], times: NDArray[Any], trajectories: int, threads: int
) -> Iterator[Row]:
    """Yield the rows of one form and gauge in one case."""
    model = TavisCummings(case.atoms, case.photons, start=case.start, form=entrant.form)
    weighted = entrant.gauge.transform(model.system()).log_weight is not None
    moments = WeightedTrustHorizon if weighted else TrustHorizon
    result = simulate(
        model, StochasticRK2(dt=case.dt), gauge=entrant.gauge,
        observers=[moments(excited=model.excited), Runaways(HIGH)],
        times=times, trajectories=trajectories, seed=2024, threads=threads,
    )  # fmt: skip
    ds = result.dataset
    mean = "excited_ratio" if weighted else "excited"
    off, error = np.abs(ds[mean].values.real - exact), ds[f"{mean}_se"].values

    def row(quantity: str, value: float, **about: Any) -> Row:
        return Row(case.name, f"{entrant.name}: {quantity}", value, **about)

    yield row("0.5 % of states lost at", result.runaway_time(SHARE))
    yield row("trusted until", result.horizon("excited"))
    if weighted:
        yield row("0.5 % of weights lost at", result.runaway_time(SHARE, of="weight"))
    yield row("standard error above 0.01 from", first(times, ~(error <= WIDE)))
    deviations = deviation(ds, mean, exact)
    yield row("exact within 5 standard errors until", last_before(times, ~(deviations <= LARGEST_DEVIATION)))
    yield row("exact within 0.02 until", last_before(times, ~(off <= CLOSE)))
    if weighted:
        yield from weight_rows(result, entrant, row, deviations)


def weight_rows(result: Result, entrant: Entrant, row: Any, deviations: NDArray[Any]) -> Iterator[Row]:
    """Yield how long the weights carry a mean, and the largest deviation until then."""
    ds, times = result.dataset, result.dataset["time"].values
    end = last_before(times, ~carried(ds))
    yield row("weights carry until", end)
    valid = (times > 0) & (times <= end)
    if valid.any():
        at = int(np.argmax(np.where(valid, deviations, -1.0)))
        passed = bool(deviations[at] < LARGEST_DEVIATION) if entrant.judged else None
        where = {"time": float(times[at]), "reference": LARGEST_DEVIATION, "passed": passed}
        yield row("largest deviation / se until then", float(deviations[at]), **where)


def first(times: NDArray[Any], event: NDArray[np.bool_]) -> float:
    """Return the first time of an event, inf if there is none."""
    return float(times[np.argmax(event)]) if event.any() else math.inf
