"""Weighted sums over the trajectories of a run, which observers of weighted means share."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble, Held, Snapshot
from sdeframe.observers.step_error import richardson
from sdeframe.scratch import borrowed
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.fold_programs import LEVELS
from sdeframe.sums.heaviest import Heaviest
from sdeframe.sums.log_weights import Weighed
from sdeframe.sums.means import Means
from sdeframe.sums.scaled_means import ScaledMeans
from sdeframe.sums.weighted_means import WeightedMeans
from sdeframe.sums.weights import EXPONENT, SIZES, SQUARED_SIZES
from sdeframe.symbolic.symbols import log_weight

WEIGHT: Final = (sp.re(log_weight), sp.cos(sp.im(log_weight)), sp.sin(sp.im(log_weight)))


@attrs.define
class WeightRecord:
    """Sums over trajectories by output time."""

    times: NDArray[np.float64]
    richardson: float | None
    """2^p − 1 for weak order p, where the step error is wanted."""
    heaviest: Heaviest
    weighted: WeightedMeans
    unweighted: Means
    steps: ScaledMeans
    """Of all names what coarse values exceed fine ones by, then the fine ones without the error that this tells."""

    def __add__(self, other: WeightRecord) -> WeightRecord:
        """Return the record of the trajectories of both."""
        return WeightRecord(
            self.times,
            self.richardson,
            self.heaviest + other.heaviest,
            self.weighted + other.weighted,
            self.unweighted + other.unweighted,
            self.steps + other.steps,
        )


@attrs.frozen(eq=False)
class WeightStatistics:
    """What a record tells; estimates are of shape (names, times), all else of shape (times,)."""

    weight: Estimates
    """`<Ω>`."""
    products: Estimates
    """`<OΩ>`."""
    ratios: Estimates
    """`<OΩ>/<Ω>`."""
    unweighted: Estimates
    effective_sample_size: NDArray[np.float64]
    heaviest_share: NDArray[np.float64]
    step_errors: Estimates | None
    """Of `<OΩ>`."""
    extrapolated: Estimates | None
    """`<OΩ>` without its step error."""


@attrs.frozen
class Weighing:
    """Which expressions are weighed, and who counts."""

    expressions: tuple[sp.Expr, ...]
    policy: str
    """What happens to lost trajectories; see `WeightedMoments`."""
    bound: float | None

    def start(self, ensemble: Ensemble, owner: object) -> WeightRecord:
        """Return an empty record.

        Raises
        ------
        ValueError
            If the run has no weight, or cannot evaluate one of the expressions of the observer that owns them.
        """
        if log_weight not in ensemble.variables:
            raise ValueError(
                f"{type(owner).__name__}: this run has no weight; use Moments, or give the run a drift gauge or the "
                f"system a log_weight=(drift, noise)"
            )
        for expression in self.expressions:
            ensemble.check(expression, owner)
        names, *shape = len(self.expressions), len(ensemble.times), ensemble.replicate_size
        return WeightRecord(
            ensemble.times,
            richardson(ensemble),
            Heaviest.of_none(ensemble.trajectories, len(ensemble.times)),
            WeightedMeans.of_none(names, *shape),
            Means.of_none(names, *shape),
            ScaledMeans.of_none(2 * names, *shape),
        )

    def weigh(self, held: Held, record: WeightRecord) -> Weighed:
        """Return the values of the expressions with their weights, for a record."""
        place = len(held.buffers), held.lanes
        weights, values = (borrowed((2 * len(each), *place)) for each in (WEIGHT, self.expressions))
        held.evaluate(WEIGHT, weights)
        held.evaluate(self.expressions, values)
        rows = held.buffers.reshape(place[0], -1, place[1])
        survivors = rows[:, held.alive] > 0
        if self.bound is not None:
            survivors &= rows[:, held.peak] <= float(self.bound) ** 2
        lanes = held.lanes if held.folded and record.weighted.weights.top >= LEVELS else None
        if lanes is None:
            weights, values, survivors = (held.in_order(array) for array in (weights, values, survivors))
        real = weights.reshape(2, len(WEIGHT), -1)[0]
        survivors = survivors.ravel()
        everybody = np.ones_like(survivors)
        counted = survivors if self.policy == "dropped" else everybody
        carries = everybody if self.policy == "kept" else survivors
        parts = values.reshape(2, len(self.expressions), -1)
        return Weighed.of(real[0], real[1:], parts, counted, carries, lanes)

    def add(self, record: WeightRecord, snapshot: Snapshot) -> Weighed:
        """Add a block at an output time, and return it weighed."""
        at, first, fine = snapshot.index, snapshot.first, self.weigh(snapshot.held, record)
        record.weighted.add(at, first, fine)
        parts = fine.outcomes.reshape(-1, fine.carries.size)
        if fine.lanes is None:
            record.unweighted.add(at, first, parts, fine.carries)
        else:
            record.unweighted.add_folded(at, first, parts, fine.carries, fine.lanes)
        record.heaviest.add(at, fine.log_modulus[fine.carries])
        if snapshot.coarse is not None and record.richardson is not None:
            record.steps.add(at, first, self.weigh(snapshot.coarse.held, record), fine, record.richardson)
        return fine

    def statistics(self, record: WeightRecord) -> WeightStatistics:
        """Return means with their standard errors, and how evenly the weights are spread."""
        node, names = record.weighted.node(), len(self.expressions)
        count, products = record.weighted.means()
        carriers, unweighted = record.unweighted.estimates()
        by_weight = record.weighted.ratios()
        divisor = record.richardson
        total, squares = node[SIZES], node[SQUARED_SIZES]
        heaviest = record.heaviest.total(count, node[EXPONENT])
        steps = record.steps.estimates() if divisor else None
        with np.errstate(invalid="ignore", divide="ignore"):
            return WeightStatistics(
                weight=products[0],
                products=products[1:],
                ratios=attrs.evolve(by_weight, error=np.where(carriers > 1, by_weight.error, complex(np.nan, np.nan))),
                unweighted=unweighted,
                effective_sample_size=total**2 / squares,
                heaviest_share=np.where(total > 0, heaviest / total, np.nan),
                step_errors=steps[:names].each(lambda z: z / (divisor or 1.0)) if steps else None,
                extrapolated=steps[names:] if steps else None,
            )
