"""Histograms of what trajectories hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import TRAJECTORIES, Ensemble
from sdeframe.interfaces.recording import ALIVE, Recording, Summing
from sdeframe.observers.distributions.counting import count, places
from sdeframe.observers.distributions.edges import OUTSIDE, Edges, valid_edges
from sdeframe.observers.distributions.intervals import count_interval
from sdeframe.observers.distributions.reality import check_real, is_known_real
from sdeframe.observers.distributions.replicate_counts import ReplicateCounts
from sdeframe.symbolic.symbols import log_weight

if TYPE_CHECKING:
    import xarray as xr

SUFFIXES: Final = ("_low", "_high", "_outside", *(f"_{side}" for side in OUTSIDE), "_bin", "_left", "_right")
"""What is written for a name beside its counts."""

OUTSIDE_OF: Final = "outside"
"""Attribute of counts: what tells how many trajectories are in none of them."""

MOST: Final = 10_000_000
"""Counts of all output times: 40 MB, of which some are under way at a time."""

LARGEST: Final = int(np.iinfo(np.uint32).max)
"""Trajectories of which half the memory of a usual integer can hold the count."""


@attrs.define
class HistogramRecord:
    """Counts by time."""

    times: NDArray[np.float64]
    counts: NDArray[np.uint32]
    """Shape (times, bins), those outside among them, the bins of a second expression running fastest."""
    replicates: ReplicateCounts | None
    """Where trajectories are tied."""

    def __add__(self, other: HistogramRecord) -> HistogramRecord:
        """Return the record of the trajectories of both."""
        both = HistogramRecord(self.times, self.counts.copy(), self.replicates)
        both += other
        return both

    def __iadd__(self, other: HistogramRecord) -> HistogramRecord:
        """Take in another record where nobody else holds this one."""
        self.counts += other.counts
        self.replicates = self.replicates and other.replicates and self.replicates + other.replicates
        return self


@attrs.frozen(init=False)
class Histogram(Summing):
    """Counts of the trajectories alive at each time by the value of one real expression, or of two.

    Of one expression ``x`` it writes, over ("time", "x_bin"): the counts as ``x``, whole numbers, with the limits
    ``x_low`` and ``x_high`` of the 95 % binomial interval (Clopper and Pearson 1934) of each, that of the share times
    how many are alive; of tied trajectories (`sdeframe.sampling.Balanced`) it holds the interval that replicates tell,
    where it is wider. Over "time" it writes ``x_outside``, those alive in no bin, of which ``x_below``, ``x_above`` and
    ``x_nan`` tell where they are; who is lost is in none of them. The coordinate "x_bin" holds the centres of the bins,
    "x_left" and "x_right" their edges; a bin holds its lower edge, the last one its upper edge too. The density is
    ``x / (x.sum("x_bin") + x_outside) / (x_right - x_left)``.

    Of two expressions ``x`` and ``y`` it writes the same over ("time", "x_bin", "y_bin"), named ``x_y``, and
    ``x_below`` ... ``y_nan`` of both. A record takes 4 bytes a bin and output time.

    In positive-P it is a picture of trajectories, of nothing that is measured (docs/distributions).

    Parameters
    ----------
    edges
        Of the bins, increasing, shape (bins + 1,), or of two expressions a pair of these.
    **named
        One or two sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by
        name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression or more than two, one is no expression or complex, edges are not increasing, or, when
        it is run, there are too many bins or trajectories, a value is complex, or trajectories have a weight.
    """

    knows_replicates: ClassVar[bool] = True

    named: Named
    edges: tuple[Edges, ...]

    def __init__(self, /, edges: Any, **named: Any) -> None:
        both = ["_".join(named)] if len(named) == 2 else []
        distinct_names("Histogram", [*named, *both], SUFFIXES)
        if len(named) > 2:
            raise ValueError(f"Histogram({', '.join(named)}): takes one expression or two; give each its own Histogram")
        self.__attrs_init__(expressions(named), valid_edges(edges, len(named)))

    @property
    def name(self) -> str:
        """The name of the counts."""
        return "_".join(name for name, _ in self.named)

    @property
    def _shape(self) -> tuple[int, ...]:
        """Number of bins of each expression, those outside counted."""
        return tuple(map(places, self.edges))

    def start(self, ensemble: Ensemble) -> HistogramRecord:
        """Return an empty record."""
        if log_weight in ensemble.variables:
            raise ValueError(
                f"Histogram({self.name}=...): this run has a weight exp(C0), such as that of a drift gauge, with "
                f"which only means have a meaning: run without it, or take WeightedMoments of a Piecewise of 1 and 0"
            )
        for name, expression in self.named:
            ensemble.check(expression, self)
            is_known_real(name, expression)
        shape = len(ensemble.times), int(np.prod(self._shape))
        if np.prod(shape, dtype=float) > MOST:
            raise ValueError(
                f"Histogram({self.name}=...): {shape[1]:,} bins at {shape[0]:,} output times are more than {MOST:,} "
                f"counts; take fewer of either, or another run with fewer output times"
            )
        if ensemble.trajectories > LARGEST:
            raise ValueError(f"trajectories={ensemble.trajectories}: Histogram counts {LARGEST:,} at most")
        size = ensemble.replicate_size
        tied = None if size == 1 else ReplicateCounts.of_none(size, shape)
        return HistogramRecord(ensemble.times, np.zeros(shape, dtype=np.uint32), tied)

    def summed(self, record: HistogramRecord) -> tuple[sp.Expr, ...]:
        """Return the expressions."""
        return tuple(expression for _, expression in self.named)

    def add(self, record: HistogramRecord, recording: Recording) -> None:
        """Count a block's values at some output times."""
        held, chosen = recording.held, recording.places(self.summed(record))
        real, imaginary = chosen.reshape(2, -1)
        rows = recording.rows[0].reshape(len(recording.times), recording.rows.shape[2], -1)
        for k, (name, expression) in enumerate(self.named):
            if not is_known_real(name, expression):
                size = self.edges[k][-1] - self.edges[k][0]
                check_real(name, expression, rows[:, ALIVE], rows[:, real[k]], rows[:, imaginary[k]], size)
        times = slice(recording.first, recording.first + len(rows))
        if record.replicates is None:
            count(rows, ALIVE, real, self.edges, record.counts[times])
            return
        rows = held.in_order(recording.rows[0])
        size, end = record.replicates.size, held.first + held.count
        for number in range(held.first // size, -(-end // size)):
            first, last = max(held.first, number * size), min(end, (number + 1) * size)
            own = np.ascontiguousarray(rows[..., first - held.first : last - held.first])
            found = np.zeros((len(own), record.counts.shape[1]), dtype=np.uint32)
            count(own, ALIVE, real, self.edges, found)
            record.counts[times] += found
            record.replicates.part(number, last - first)[times] += found

    def finish(self, record: HistogramRecord) -> xr.Dataset:
        """Return counts, their intervals and what is outside."""
        import xarray as xr

        shape = len(record.times), *self._shape
        every = record.counts.astype(np.int64)
        counts, inside = every.reshape(shape), (slice(None), *(slice(1, n - 2) for n in self._shape))
        low, high = (limit.reshape(shape)[inside] for limit in count_interval(every, record.replicates))
        over = ("time", *(f"{name}_bin" for name, _ in self.named))
        told = {"long_name": f"trajectories by {', '.join(str(expression) for _, expression in self.named)}"}
        alive = every.sum(axis=1)
        written: dict[str, Any] = {
            self.name: (over, counts[inside], {**told, **TRAJECTORIES, OUTSIDE_OF: f"{self.name}_outside"}),
            f"{self.name}_low": (over, low),
            f"{self.name}_high": (over, high),
            f"{self.name}_outside": ("time", alive - counts[inside].reshape(len(alive), -1).sum(axis=1), TRAJECTORIES),
        }
        for k, (name, _) in enumerate(self.named):
            others = tuple(axis for axis in range(1, counts.ndim) if axis != 1 + k)
            margin = counts.sum(axis=others)
            for side, at in zip(OUTSIDE, (0, -2, -1), strict=True):
                written[f"{name}_{side}"] = "time", margin[:, at].copy(), TRAJECTORIES
        coords: dict[str, Any] = {"time": record.times}
        for (name, _), edges in zip(self.named, self.edges, strict=True):
            coords |= _coordinates(name, edges)
        return xr.Dataset(written, coords=coords)


def _coordinates(name: str, edges: Edges) -> dict[str, Any]:
    """Return centres and edges of bins."""
    known = np.array(edges)
    left, right = known[:-1], known[1:]
    bins = f"{name}_bin"
    return {bins: (bins, left + (right - left) / 2), f"{name}_left": (bins, left), f"{name}_right": (bins, right)}
