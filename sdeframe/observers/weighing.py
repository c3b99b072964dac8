"""Weighted sums over the trajectories of a run, which observers of weighted means share."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble, Snapshot
from sdeframe.observers.step_error import richardson
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.heaviest import Heaviest
from sdeframe.sums.log_weights import Weighed, differences, power_of_two
from sdeframe.sums.means import Means
from sdeframe.sums.scaled_means import ScaledMeans
from sdeframe.sums.weighted_means import WeightedMeans
from sdeframe.sums.weights import WeightRows
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
    differences: ScaledMeans
    extrapolated: ScaledMeans

    def __add__(self, other: WeightRecord) -> WeightRecord:
        """Return the record of the trajectories of both."""
        return WeightRecord(
            self.times,
            self.richardson,
            self.heaviest + other.heaviest,
            self.weighted + other.weighted,
            self.unweighted + other.unweighted,
            self.differences + other.differences,
            self.extrapolated + other.extrapolated,
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
        shape = len(self.expressions), len(ensemble.times), ensemble.replicate_size
        return WeightRecord(
            ensemble.times,
            richardson(ensemble),
            Heaviest.of_none(ensemble.trajectories, len(ensemble.times)),
            WeightedMeans.of_none(*shape),
            Means.of_none(*shape),
            ScaledMeans.of_none(*shape),
            ScaledMeans.of_none(*shape),
        )

    def weigh(self, run: Snapshot) -> Weighed:
        """Return the values of the expressions with their weights."""
        values = run.parts((*self.expressions, *WEIGHT))
        real, imaginary = np.split(values, 2)
        m = len(self.expressions)
        log_size, *phase = real[m:]
        survivors = run.survivors(self.bound)
        everybody = np.ones_like(survivors)
        counted = survivors if self.policy == "dropped" else everybody
        carries = everybody if self.policy == "kept" else survivors
        return Weighed.of(log_size, np.stack(phase), np.stack([real[:m], imaginary[:m]]), counted, carries)

    def add(self, record: WeightRecord, snapshot: Snapshot, fine: Weighed) -> None:
        """Add what `weigh` returns of a block at an output time."""
        at, first = snapshot.index, snapshot.first
        record.weighted.add(at, first, fine)
        record.unweighted.add(at, first, np.concatenate(list(fine.values)), fine.carries)
        record.heaviest.add(at, fine.log_modulus[fine.carries])
        if snapshot.coarse is not None and record.richardson is not None:
            coarse = self.weigh(snapshot.coarse)
            exponent, parts = differences(coarse, fine)
            both = coarse.counted & fine.counted
            record.differences.add(at, first, exponent, parts, both)
            own = np.concatenate(list(fine.product() * power_of_two(fine.exponent - exponent)))
            record.extrapolated.add(at, first, exponent, own - parts / record.richardson, both)

    def statistics(self, record: WeightRecord) -> WeightStatistics:
        """Return means with their standard errors, and how evenly the weights are spread."""
        node, rows = record.weighted.node(), WeightRows(len(self.expressions))
        count, products = record.weighted.means()
        carriers, unweighted = record.unweighted.estimates()
        by_weight = record.weighted.ratios()
        divisor = record.richardson
        total, squares = node[rows.linear][0], node[rows.quadratic][0]
        heaviest = record.heaviest.total(count, node[0])
        with np.errstate(invalid="ignore", divide="ignore"):
            return WeightStatistics(
                weight=products[0],
                products=products[1:],
                ratios=attrs.evolve(by_weight, error=np.where(carriers > 1, by_weight.error, complex(np.nan, np.nan))),
                unweighted=unweighted,
                effective_sample_size=total**2 / squares,
                heaviest_share=np.where(total > 0, heaviest / total, np.nan),
                step_errors=record.differences.estimates().each(lambda z: z / divisor) if divisor else None,
                extrapolated=record.extrapolated.estimates() if divisor else None,
            )
