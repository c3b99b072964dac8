"""What a change of parameters does to means, told by trajectories that have the same random numbers."""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.campaigns.sweeps import with_parameters
from sdeframe.engines.choice import check_engine, engine_for
from sdeframe.engines.flight import Flight
from sdeframe.engines.left import Left
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.recording import Recording
from sdeframe.observers.moments import Moments
from sdeframe.observers.tally import DIFFERENCES, Sum, Tally
from sdeframe.observers.writing import suffixes, written
from sdeframe.progress import progress_bar
from sdeframe.running.block import Lanes
from sdeframe.running.caveats import foreseen, frozen
from sdeframe.running.compose import compose
from sdeframe.running.problem import Problem
from sdeframe.running.provenance import provenance
from sdeframe.running.result import WARNINGS
from sdeframe.sampling.plan import Independent, Sampling
from sdeframe.sums.fold import foldable
from sdeframe.validators import boolean, shown

if TYPE_CHECKING:
    import xarray as xr

PAIRS = "pairs"
"""What a dataset calls the number of pairs alive."""


@usual_arithmetic
def difference(
    model: Model,
    between: Mapping[str, tuple[Any, Any]],
    integrator: Integrator | Callable[[Model], Integrator],
    of: Moments,
    *,
    gauge: Gauge = Identity(),  # noqa: B008 (frozen)
    times: ArrayLike,
    trajectories: int | range,
    seed: int,
    sampling: Sampling = Independent(),  # noqa: B008 (frozen)
    threads: int | None = None,
    executor: Any = None,
    progress: bool = True,
) -> xr.Dataset:
    """Return how much means differ between two points of a sweep, with the error of paired trajectories.

    Trajectory i of both points has the same random numbers. The difference of its values at both is averaged over all
    pairs that live at both, so that its standard error, √(sample variance of the differences / pairs), is right however
    much the two have in common: the closer the points are, the smaller it is. Where the points need other noises, it
    is no smaller than that of two runs, and as right.

    Parameters
    ----------
    model
        Its parameters that are not named in `between` stay as they are.
    between
        Two values by name, such as ``{"rate": (1.0, 1.1)}``; names as for `sdeframe.sweep`.
    integrator
        How a step is made, or a function of the model that returns it. The step's error is in the difference, and is
        told by a run of half of it.
    of
        The means, such as ``Moments(x=x)``; with a bound only pairs are counted that are within it at both points.
    gauge, times, trajectories, seed, sampling, threads, executor, progress
        As for `sdeframe.simulate`.

    Returns
    -------
    xarray.Dataset
        For each name over "time": the mean at the second point less that at the first as ``<name>``, with
        ``<name>_se`` and ``<name>_imag_se``, and the number of pairs alive as ``pairs``.

    Raises
    ------
    TypeError, ValueError
        If something given is not valid.
    """
    if not isinstance(of, Moments):
        raise TypeError(
            f"of={shown(of)} in difference: must be means, such as Moments(x=x); weighted ones have no paired error"
        )
    _check_names(of)
    check_engine(threads, executor)
    options = {"gauge": gauge, "times": times, "trajectories": trajectories, "seed": seed, "sampling": sampling}
    first, second = (_problem(model, values, integrator, of, options) for values in _points(between))
    pair = Pair.of(first, second)
    early = tuple(dict.fromkeys((*foreseen(first), *foreseen(second))))
    _warn(early)
    found = _dataset(pair, _total(pair, threads, executor, boolean("progress", progress)), between)
    late = tuple(frozen(first, int(found[PAIRS][-1])))
    _warn(late)
    return found.assign_attrs({WARNINGS: "\n".join((*late, *early))} if late or early else {})


def _warn(lines: tuple[str, ...]) -> None:
    for line in lines:
        warnings.warn(line, stacklevel=4)


def _problem(
    model: Model, values: Mapping[str, Any], integrator: Any, of: Moments, options: Mapping[str, Any]
) -> Problem:
    """Return the run at one of the points."""
    try:
        made = with_parameters(model, values)
        scheme = integrator if isinstance(integrator, Integrator) else integrator(made)
        return compose(made, scheme, observers=[of], **options)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{', '.join(f'{name}={shown(value)}' for name, value in values.items())}: {error}") from None


def _total(pair: Pair, threads: int | None, executor: Any, progress: bool) -> Tally:
    """Return the sum over all pairs."""
    total, numbers = pair.none(), pair.first.numbers
    left = Left(deque([(numbers.start, numbers.stop)]), pair.first.block)
    with progress_bar(len(numbers), progress) as advanced:
        with advanced.busy("compiling"):
            pair.prepare()
        with engine_for(pair, threads, executor) as engine, closing(iter(Flight(engine, pair, left))) as tasks:
            for done in tasks:
                total = total + done.value
                advanced(done.last - done.first)
    return total


def _check_names(of: Moments) -> None:
    names = [name for name, _ in of.named]
    if PAIRS in names:
        raise ValueError(f"Moments({PAIRS}=...): {PAIRS!r} is written for all names; choose another name")
    for name in names:
        if clash := next((other for other in names if other in {f"{name}{end}" for end in suffixes()}), None):
            raise ValueError(f"Moments({name}=..., {clash}=...): {clash!r} is written for {name!r}")


def _points(between: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of parameters at both points."""
    example = "such as {'rate': (1.0, 1.1)}"
    if not isinstance(between, Mapping) or not between:
        raise TypeError(f"between={shown(between)}: must be a mapping of parameters to two values, {example}")
    for name, values in between.items():
        if isinstance(values, str) or np.shape(values) != (2,):
            raise ValueError(f"between={{{name!r}: {shown(values)}}}: must be two values a parameter, {example}")
    first, second = ({name: values[k] for name, values in between.items()} for k in (0, 1))
    return first, second


@attrs.frozen(eq=False)
class Pair:
    """Two runs with the same random numbers as work for any engine: sums of the differences of their values."""

    first: Problem
    second: Problem

    @classmethod
    def of(cls, first: Problem, second: Problem) -> Pair:
        """Return a pair of runs of as many trajectories, or raise ValueError where their values have no difference."""
        if first.replicate_size != second.replicate_size:
            raise ValueError(
                f"sampling={first.sampling}: ties {first.replicate_size} trajectories at the first point and "
                f"{second.replicate_size} at the second: say Balanced(block={first.replicate_size})"
            )
        vars(second)["lanes"] = first.lanes  # which decides no bit, but the shape in which both stand side by side
        return cls(first, second)

    @property
    def of_what(self) -> Moments:
        """The means."""
        return cast(Moments, self.first.observers[0])

    def none(self) -> Tally:
        """Return the sum over no pairs."""
        sums = (Sum(self.of_what.bound, DIFFERENCES),)
        names, times = len(self.of_what.named), len(self.first.output_times)
        return Tally.of_none(names, times, self.first.replicate_size, sums)

    def prepare(self) -> None:
        """Compile what is compiled once a process."""
        for problem in (self.first, self.second):
            _ = problem.kernel

    @usual_arithmetic
    def span(self, first: int, last: int, stop: threading.Event | None = None) -> Tally:
        """Return the sum over the pairs from a first one to the one before a last; nonsense once told to stop."""
        total, size = self.none(), self.first.block
        while first < last and not (stop and stop.is_set()):
            end = min(last, (first // size + 1) * size)
            total = total + self._block(first, end - first, stop)
            first = end
        return total

    def _block(self, first: int, count: int, stop: threading.Event | None) -> Tally:
        """Run neighbouring pairs; the second of a pair stands where the coarse run of a step error would."""
        ids, fold = np.arange(first, first + count, dtype=np.uint64), foldable(first, count, self.first.lanes)
        one, other = (Lanes(problem, ids, fold=fold) for problem in (self.first, self.second))
        expressions: tuple[sp.Expr, ...] = tuple(expression for _, expression in self.of_what.named)
        sums = self.none()
        for index, steps in enumerate(zip(self.first.steps, self.second.steps, strict=True)):
            for lanes, step in zip((one, other), steps, strict=True):
                lanes.advance(step, stop)
            if stop and stop.is_set():
                break
            sums.add(Recording.of(one.snapshot(index, other), expressions), expressions)
        return sums


def _dataset(pair: Pair, total: Tally, between: Mapping[str, tuple[Any, Any]]) -> xr.Dataset:
    """Return the differences with their errors, and what both runs have in common as attributes."""
    import xarray as xr

    count, means = total.estimates(0)
    points = {name: f"{shown(second)} less {shown(first)}" for name, (first, second) in between.items()}
    told = ", ".join(f"{name} = {values}" for name, values in points.items())
    variables: dict[str, Any] = {PAIRS: ("time", count.astype(np.int64), {"long_name": "pairs alive at both points"})}
    for k, (name, expression) in enumerate(pair.of_what.named):
        variables |= written(name, means[k], f"difference of the mean of {expression}, {told}")
    both = provenance(pair.first).items() & provenance(pair.second).items()
    return xr.Dataset(variables, coords={"time": pair.first.times}, attrs={**dict(sorted(both)), "difference": told})
