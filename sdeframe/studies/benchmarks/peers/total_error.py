"""The time to a total error of a mean, from measured biases, spreads and costs of a step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

import attrs
import numpy as np

from sdeframe.studies.benchmarks.accuracy import ladder, largest_step
from sdeframe.studies.benchmarks.peers.catalogue import TWINS
from sdeframe.studies.benchmarks.sampling import CASES, MOST, cheapest, tried
from sdeframe.studies.benchmarks.sampling_levels import Case, Level, levels
from sdeframe.studies.tables import Row

TARGETS: Final = (1e-2, 1e-3, 1e-4)
SHARES: Final = np.linspace(0.05, 0.95, 19)
"""Which parts of the total error the bias may be."""
COUNT: Final = 10_000
"""Trajectories that tell the biases of the smallest steps."""
PROBE: Final = 2**16
"""Trajectories that tell bias and spread of sdeframe's own choice."""

EXPECTED: Final = "from measured bias and spread"


@attrs.frozen
class Run:
    """The cheapest run of a scheme that has a total error."""

    seconds: float
    dt: float
    trajectories: float


def biases(case: Case) -> dict[str, dict[float, float]]:
    """Return the bias of every scheme by step, from coupled runs of its twin here."""
    return {name: ladder(case.model, np.array([case.time]), twin, COUNT, 1) for name, twin in TWINS.items()}


def bias_at(found: Mapping[float, float], step: float) -> float:
    """Return the bias of a step, proportional to it between measured ones."""
    below = max((h for h in found if h <= step), default=min(found))
    return found[below] * step / below


def best_run(found: Mapping[float, float], scheme: str, spread: float, end: float, target: float, cost: float) -> Run:
    """Return the step and number with which bias and sampling error together are the target, for the least time."""
    runs = []
    for share in SHARES:
        step = min(largest_step(dict(found), share * target, TWINS[scheme].weak_order), end)
        steps = math.ceil(end / step)
        count = max(2.0, spread**2 / (target**2 * (1 - share**2)))
        runs.append(Run(1e-9 * count * steps * cost, end / steps, count))
    return min(runs, key=lambda run: run.seconds)


def error_rows(costs: Mapping[str, Mapping[str, float]]) -> Iterator[Row]:
    """Yield the time to every total error, here with both samplings, and of every peer with its best scheme.

    `costs` are nanoseconds per trajectory and step, by peer and scheme.
    """
    case = CASES[0]
    found, ladders = levels(case, PROBE), biases(case)
    spread = found[0].independent
    for target in TARGETS:
        own = own_rows(case, target, found)
        yield from own
        yield from peer_rows(case, target, costs, spread, ladders, min(row.value for row in own[::2]))


def own_rows(case: Case, target: float, found: list[Level]) -> list[Row]:
    """Return what both samplings take, as a peer's is told, each followed by what a whole run took."""
    rows = []
    for name, choice in cheapest(found, target).items():
        came = tried(case, choice, MOST)
        size = f"dt {case.time / choice.level.steps:.3g}, {choice.trajectories:.3g} trajectories"
        quantity = f"sdeframe, W2S4, {name}: s"
        rows.append(Row(_named(case, target), quantity, choice.seconds, note=f"{EXPECTED}, {size}"))
        note = "too many to run" if came is None else f"measured whole, off by {came.error:.1e} rms, {came.seeds} seeds"
        rows.append(Row(_named(case, target), quantity, math.nan if came is None else came.run, note=note))
    return rows


def peer_rows(
    case: Case, target: float, costs: Mapping[str, Mapping[str, float]], spread: float,
    ladders: Mapping[str, Mapping[float, float]], ours: float,
) -> Iterator[Row]:  # fmt: skip
    """Yield what every peer takes with its best scheme, as a ratio to the faster sampling here."""
    for peer, schemes in costs.items():
        runs = {
            scheme: best_run(ladders[scheme], scheme, spread, case.time, target, cost)
            for scheme, cost in schemes.items()
        }
        best = min(runs, key=lambda scheme: runs[scheme].seconds)
        run = runs[best]
        note = f"{EXPECTED}, ratio {run.seconds / ours:.3g}, dt {run.dt:.3g}, {run.trajectories:.3g} trajectories"
        yield Row(_named(case, target), f"{peer}, {best}: s", run.seconds, note=note)


def _named(case: Case, target: float) -> str:
    return f"{case.name}, {target:g}"
