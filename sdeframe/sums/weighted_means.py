"""Weighted means over trajectories at every output time, with errors that are right for tied trajectories too."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.sampling.errors import replicate_error
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.extremes import Extremes, both
from sdeframe.sums.log_weights import Weighed, complex_product, power_of_two, times_power_of_two
from sdeframe.sums.means import level_of
from sdeframe.sums.moments import estimates
from sdeframe.sums.over_time import OverTime
from sdeframe.sums.scaled_means import tied_scaled, unscaled
from sdeframe.sums.tree import HIGHEST
from sdeframe.sums.weights import (
    COUNT,
    EXPONENT,
    SIZES,
    mean_parts,
    plain_moments,
    ratios,
    reduce_weights,
    weights_over_time,
)

Array = NDArray[np.float64]


@attrs.define
class WeightedMeans:
    """Sums of complex values O of some names with weights Ω.

    Where trajectories are tied, standard errors are those of replicates with a floor: what one trajectory adds to a
    mean at most.
    """

    weights: OverTime
    products: Extremes | None
    """Of the parts of Ω and OΩ, where trajectories are tied."""
    values: Extremes | None
    """Of the parts of O."""
    sizes: Extremes | None
    """Of log2 |Ω| and log2 |OΩ|, which no float may hold."""

    @classmethod
    def of_none(cls, names: int, count: int, replicate_size: int) -> WeightedMeans:
        """Return empty sums for some names at some output times."""
        level = level_of(replicate_size)
        weights = weights_over_time(names, count, level)
        if level == HIGHEST:
            return cls(weights, None, None, None)
        return cls(weights, *(Extremes.of_none(rows, count) for rows in (2 + 2 * names, 2 * names, 1 + names)))

    def __add__(self, other: WeightedMeans) -> WeightedMeans:
        """Return the sums over the trajectories of both."""
        pairs = ((self.products, other.products), (self.values, other.values), (self.sizes, other.sizes))
        return WeightedMeans(self.weights + other.weights, *(both(a, b) for a, b in pairs))

    def add(self, index: int, first: int, run: Weighed) -> None:
        """Put a block's weighed values at an output time in their place."""
        self.weights.add(index, reduce_weights(first, run, self.weights.top))
        if self.products is not None and self.values is not None and self.sizes is not None:
            products = np.concatenate([run.weight, run.product()], axis=1)
            self.products.add(index, unscaled(np.concatenate(list(products)), run.exponent), run.counted)
            self.values.add(index, np.concatenate(list(run.values)), run.carries)
            with np.errstate(divide="ignore", over="ignore"):
                self.sizes.add(index, run.exponent + np.log2(np.hypot(*products)), run.carries)

    def node(self) -> Array:
        """Return the node of all trajectories, see `sdeframe.sums.weights.weight_rules`."""
        return self.weights.total()

    def means(self) -> tuple[Array, Estimates]:
        """Return how many count, and `<Ω>`, then `<OΩ>` of every name, infinite or 0 where no float holds them."""
        node = self.node()
        count, scaled = estimates(plain_moments(node))
        found = scaled.each(lambda z: times_power_of_two(z, node[0]))
        if self.products is None:
            return count, found
        groups = self.weights.groups()
        parts = mean_parts(groups.swapaxes(0, 1))
        kept = np.concatenate([groups[:, [EXPONENT, COUNT]], np.concatenate(list(parts)).swapaxes(0, 1)], axis=1)
        return count, tied_scaled(found, node[[EXPONENT, COUNT]], kept, self.products)

    def ratios(self) -> Estimates:
        """Return `<OΩ>/<Ω>` of every name."""
        node = self.node()
        found = ratios(node)
        if self.values is None or self.sizes is None:
            return found
        error = tied_ratio_errors(found.mean, node, self.weights.groups())
        same = (self.values.low == self.values.high).reshape(2, *found.mean.shape).all(axis=0)
        error = np.where(same & (error >= 0), 0.0, error)  # not what rounding leaves of no spread
        floor = ratio_floors(found.mean, node, self.sizes, self.values)
        return found.tied(error, (floor, floor))


def tied_ratio_errors(ratio: NDArray[np.complex128], node: Array, groups: Array) -> Array:
    """Return standard errors of both parts of ratios, shape (2, names, times), from how they differ between groups.

    With residuals e_ρ = (S_ρ − r W_ρ)/W of the sums S of OΩ and W of Ω: √(R/(R − 1) Σ e_ρ²); nan where fewer than two
    groups carry a weight.
    """
    size = len(groups)
    share = groups[:, COUNT] / np.maximum(node[COUNT], 1) * power_of_two(groups[:, EXPONENT] - node[EXPONENT])
    sums = mean_parts(groups.swapaxes(0, 1)).swapaxes(1, 2) * share[:, None]
    w, total = sums[:, :, :1], mean_parts(node)[:, :1]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        inverse = np.stack([total[0], -total[1]]) / (total[0] ** 2 + total[1] ** 2)
        r = np.stack([ratio.real, ratio.imag])[:, None]
        residuals = complex_product(inverse[:, None], sums[:, :, 1:] - complex_product(r, w))
        # equal counts, as the residuals are shares of the whole already, and their sum is 0
        error = replicate_error(np.ones((size, 1, 1, 1)), size * np.moveaxis(residuals, 1, 0))
    carrying = np.count_nonzero(groups[:, SIZES], axis=0)
    return np.where(carrying > 1, error, np.nan)


def ratio_floors(ratio: NDArray[np.complex128], node: Array, sizes: Extremes, values: Extremes) -> Array:
    """Return a bound on what one trajectory adds to a ratio, |Ω(O − r)|/|W|, shape (names, times).

    From the largest moduli: of Ω times that of O − r, or of OΩ and r Ω, whichever is less.
    """
    moduli = np.exp2(sizes.high - node[EXPONENT])
    away = np.hypot(*values.farthest(np.concatenate([ratio.real, ratio.imag])).reshape(2, *ratio.shape))
    weight = np.hypot(*mean_parts(node)[:, 0])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        bound = np.minimum(moduli[:1] * away, moduli[1:] + np.abs(ratio) * moduli[:1])
        return np.asarray(bound / (node[COUNT] * weight))
