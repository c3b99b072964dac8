"""By how much balanced sampling lowers the variance of means."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.observers import Moments, TrustHorizon, WeightedTrustHorizon
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.sampling import Balanced, Independent, Sampling
from sdeframe.studies.tables import Row

SEED: Final = 160_001
TRAJECTORIES: Final = 98_304
ENOUGH: Final = 24
"""Replicates that tell a gain to 30 %, which one that is asked for takes."""
FEWEST: Final = 8
SMALLEST: Final = 1024
"""Trajectories of a replicate where the block is not given: the fewest that a run of the small table takes."""

Parts = tuple[str, ...]
REAL: Final[Parts] = ("",)
BOTH: Final[Parts] = ("", "_imag")


@attrs.frozen(eq=False)
class Case:
    """A system of which the gain is shown.

    Parameters
    ----------
    name
        What the case is called in the table.
    model, scheme, times, gauge
        As for `simulate`.
    observed
        Expressions by name.
    block
        Trajectories of a replicate; the fewest whose increments share no codes if not given.
    trajectories
        How many the table takes.
    parts
        The parts of the mean whose variances are added.
    asked
        Least gains of the first expression, by time.
    exact
        Exact means of some of the expressions; none are compared if not given.
    rounding
        What exact means may be wrong by.
    heavy
        Whether tails are so heavy that no error is honest.
    """

    name: str
    model: Model
    scheme: Integrator
    times: tuple[float, ...]
    observed: Mapping[str, sp.Expr]
    block: int | None = None
    trajectories: int = TRAJECTORIES
    parts: Parts = REAL
    gauge: Gauge = attrs.field(factory=Identity)
    asked: Mapping[float, float] = attrs.field(factory=dict)
    exact: Callable[[Any], Mapping[str, NDArray[Any]]] | None = None
    rounding: float = 1e-12
    heavy: bool = False

    @property
    def weighted(self) -> bool:
        """Whether means have a weight."""
        return self.gauge.transform(self.model.system()).log_weight is not None

    @property
    def observer(self) -> Observer:
        """What records the means, with a horizon where the model declares poles."""
        if self.weighted:
            return WeightedTrustHorizon(**self.observed)
        return Moments(**self.observed) if self.model.poles is None else TrustHorizon(**self.observed)

    def written(self, name: str) -> str:
        """Return the name of a mean in the dataset."""
        return f"{name}_ratio" if self.weighted else name

    def run(self, sampling: Sampling, count: int, threads: int, seed: int = SEED, step_error: bool = False) -> Result:
        """Return an ensemble; that increments share codes is part of what is shown."""
        with warnings.catch_warnings(action="ignore"):
            return simulate(
                self.model, self.scheme, gauge=self.gauge, observers=[self.observer], times=self.times,
                trajectories=count, seed=seed, threads=threads, progress=False, sampling=sampling,
                step_error=step_error,
            )  # fmt: skip

    def sizes(self, asked: int | None) -> tuple[int, Balanced]:
        """Return the trajectories nearest to a number asked for, if any, that make up eight replicates at least."""
        if asked is None:
            return self.trajectories, Balanced(self.block)
        least = FEWEST * (self.block or SMALLEST)
        return max(1 << asked.bit_length() - 1, least), Balanced(self.block, replicates=FEWEST)


def replicate_variance(result: Result, name: str, part: str) -> NDArray[np.float64]:
    """Return the variance of a mean as replicates tell it, without the floor; not below the rounding of the two."""
    error, floor = (result.dataset[f"{name}{part}_{kind}"].values for kind in ("se", "floor"))
    return np.maximum((error - floor) * (error + floor), np.finfo(float).eps * error**2)


def gains(case: Case, asked: int | None, threads: int) -> tuple[dict[str, NDArray[np.float64]], Result]:
    """Return the gain in every mean by time, and the balanced ensemble.

    It is the variance of the mean of independent trajectories over that of as many balanced ones, told by replicates.
    """
    count, sampling = case.sizes(asked)
    plain = case.run(Independent(), count, threads)
    tied = case.run(sampling, count, threads, step_error=case.exact is not None)
    found = {}
    for name in case.observed:
        mean = case.written(name)
        before = sum(plain.dataset[f"{mean}{part}_se"].values ** 2 for part in case.parts)
        after = sum(replicate_variance(tied, mean, part) for part in case.parts)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[name] = np.asarray(before / after)
    return found, tied


def gain_rows(case: Case, asked: int | None, threads: int) -> Iterator[Row]:
    """Yield the gain in every mean at every time, and how far means are from exact ones."""
    found, tied = gains(case, asked, threads)
    replicates = tied.dataset.attrs["replicates"]
    for number, (name, values) in enumerate(found.items()):
        for time, gain in zip(case.times, values, strict=True):
            least = case.asked.get(time) if number == 0 else None
            passed = bool(gain > least) if least is not None and replicates >= ENOUGH else None
            spread = float(gain * relative_error(replicates))
            note = how_tied(case, tied, name)
            yield Row(case.name, f"gain in {name}", float(gain), time, spread, least, passed, note)
    if case.exact is not None:
        yield from deviation_rows(case, tied)


def relative_error(replicates: int) -> float:
    """Return the relative standard error of a variance told by replicates."""
    return math.sqrt(2 / (replicates - 1))


def how_tied(case: Case, tied: Result, name: str) -> str:
    """Return how trajectories are tied, when codes are shared and how long the mean can be trusted."""
    attributes = tied.dataset.attrs
    parts = [f"{attributes['replicates']} x {attributes['replicate_size']}"]
    if "codes_until" in attributes:
        parts.append(f"codes until {attributes['codes_until']:.3g}")
    if not isinstance(case.observer, Moments) and tied.horizon(name) < case.times[-1]:
        parts.append(f"trusted until {tied.horizon(name):g}")
    return ", ".join(parts)


def deviation_rows(case: Case, tied: Result) -> Iterator[Row]:
    """Yield the largest deviation from exact, up to the horizon, in units of the total error."""
    assert case.exact is not None
    times = np.array(case.times)
    known = case.exact(times)
    for name in case.observed:
        if name in known:
            until = times[-1] if isinstance(case.observer, Moments) else tied.horizon(name)
            off = tied.dataset[name].values - known[name]
            total = tied.total_error(name).values
            share = np.maximum(*(np.abs(part(off)) / (part(total) + case.rounding) for part in (np.real, np.imag)))
            share = np.where(times <= until, share, 0.0)
            at = int(np.argmax(share))
            passed = None if case.heavy else bool(share[at] <= 1)
            quantity = f"{name}: |mean - exact| / total error"
            yield Row(case.name, quantity, float(share[at]), float(times[at]), None, 1.0, passed)
