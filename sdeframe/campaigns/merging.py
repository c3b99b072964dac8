"""One result of several runs of the same problem with other trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.campaigns.merged_ranges import FIRST, RANGES, Ranges
from sdeframe.interfaces.observer import COUNT, TRAJECTORIES
from sdeframe.observers.distributions.histogram import OUTSIDE_OF
from sdeframe.observers.distributions.intervals import count_interval
from sdeframe.running.by_step import STEP_TIME
from sdeframe.running.result import ENDED, WARNINGS, Result, warned
from sdeframe.validators import shown

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]

REPLICATES: Final = "replicates"
EXPERIMENT: Final = "experiment"
"""What the command line was told, which is of one run only."""
MAY_DIFFER: Final = (
    "seed", "trajectories", FIRST, RANGES, REPLICATES, ENDED, EXPERIMENT, WARNINGS, "python", "processor",
    "processor_features",
)  # fmt: skip
"""Attributes that results of the same problem may differ in."""
COUNTS: Final = ("alive", "losses", "weight_alive", "weight_losses")
"""Numbers of trajectories that the run itself writes."""
ERRORS: Final = ("_se", "_imag_se")


def merge(results: Sequence[Result]) -> Result:
    """Return the result of all trajectories of some results of the same problem, of different seeds or ranges.

    Counts are added, those of `Histogram` too, whose intervals are those of all trajectories where these are
    independent. Means of `Moments` are those of all trajectories, weighted by how many counted in each, and their
    standard errors those of all values together: squared deviations within each result, told by its standard error,
    and those of the means from each other. That is what one run of all of them would tell, but for rounding. Nothing
    else can be told from what a dataset holds, such as a horizon, another interval or a median: leave it out, as below.

    >>> kept = attrs.evolve(result, dataset=result.dataset.drop_vars(["remaining_10"]))

    Of one seed they have different trajectories, such as ``range(0, 50_000)`` and ``range(50_000, 100_000)``. Balanced
    ones always begin with the first, so that they need different seeds.

    Parameters
    ----------
    results
        Two at least, of `simulate`, `load`, or of `merge` itself.

    Returns
    -------
    Result
        Of no single problem: it holds no trajectory that could be replayed. Its attribute "seed" holds all of them,
        "trajectory_ranges" which trajectories of which seed are in it.

    Raises
    ------
    TypeError, ValueError
        If these are no results, problems differ, a trajectory is there twice, or a variable cannot be merged.
    """
    ranges = _checked(results)
    sets = [result.whole for result in results]
    first = sets[0]
    merged = first.copy()
    done: set[str] = {STEP_TIME}
    for name in map(str, first.data_vars):
        counts = first[name].attrs.get(COUNT)
        if _is_count(first, name):
            merged[name] = first[name].copy(data=np.sum([ds[name].values for ds in sets], axis=0))
            done.add(name)
        elif counts is not None:
            merged = merged.assign(_mean(name, str(counts), sets))
            done |= {name, *(f"{name}{error}" for error in ERRORS)}
    limits = {} if REPLICATES in first.attrs else _limits(merged)
    merged, done = merged.assign(limits), done | {*limits}
    left = [str(name) for name in first.data_vars if name not in done]
    if left:
        raise ValueError(
            f"merge: {', '.join(left)} cannot be told from what results hold: leave them out, by "
            f"attrs.evolve(result, dataset=result.dataset.drop_vars([...])), or run more trajectories in one run"
        )
    attributes = {k: v for k, v in first.attrs.items() if all(_same(ds.attrs.get(k), v) for ds in sets)}
    attributes = {k: v for k, v in attributes.items() if k not in (ENDED, EXPERIMENT, FIRST)}
    if REPLICATES in first.attrs:
        attributes[REPLICATES] = sum(int(ds.attrs[REPLICATES]) for ds in sets)
    attributes["seed"], attributes[RANGES] = ranges.seeds, ranges.text
    attributes["trajectories"] = sum(int(ds.attrs["trajectories"]) for ds in sets)
    lines = dict.fromkeys(line for ds in sets for line in warned(ds))
    merged.attrs = attributes | ({WARNINGS: "\n".join(lines)} if lines else {})
    return Result.of(merged, None, sum(result.seconds for result in results))


def _checked(results: Any) -> Ranges:
    """Return which trajectories there are, or raise an error where results cannot be merged."""
    if not isinstance(results, (list, tuple)) or not all(isinstance(r, Result) for r in results):
        raise TypeError(f"results={shown(results)} in merge: must be a list of results, such as [one, other]")
    if len(results) < 2:
        raise ValueError(f"results in merge: must be two at least, not {len(results)}")
    sets = [result.whole for result in results]
    for number, dataset in enumerate(sets[1:], 2):
        if told := _difference(sets[0], dataset):
            raise ValueError(f"merge: result {number} is of another problem than the first, which differs in {told}")
    ranges = Ranges.joined([Ranges.of(dataset.attrs) for dataset in sets])
    if twice := ranges.first_overlap:
        raise ValueError(
            f"merge: {twice} are there twice: run with another seed, or with other trajectories of it, such as "
            f"trajectories=range(50_000, 100_000)"
        )
    return ranges


def _difference(one: xr.Dataset, other: xr.Dataset) -> str:
    """Return in what two datasets differ that those of one problem share; nothing if they do not."""
    names = {*one.attrs, *other.attrs} - {*MAY_DIFFER}
    attributes = sorted(name for name in names if not _same(one.attrs.get(name), other.attrs.get(name)))
    if attributes:
        return "; ".join(f"{k} ({shown(one.attrs.get(k))}, {shown(other.attrs.get(k))})" for k in attributes)
    names = {*map(str, one.variables)} ^ {*map(str, other.variables)}
    if names:
        return f"what is there: {', '.join(sorted(names))}"
    alike = {
        str(name): one[name].sizes == other[name].sizes
        and all(_same(one[name].attrs.get(k), other[name].attrs.get(k)) for k in {*one[name].attrs, *other[name].attrs})
        and ((name in one.data_vars and name != STEP_TIME) or one[name].equals(other[name]))
        for name in one.variables
    }
    return ", ".join(name for name, same in alike.items() if not same)


def _same(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(np.array_equal(a, b))


def _is_count(dataset: xr.Dataset, name: str) -> bool:
    """Return whether a variable is a number of trajectories."""
    said = TRAJECTORIES.items() <= dataset[name].attrs.items()
    return said or name in COUNTS or any(v.attrs.get(COUNT) == name for v in dataset.data_vars.values())


def _limits(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the intervals of the counts of independent trajectories."""
    found: dict[str, Any] = {}
    for name, counts in dataset.data_vars.items():
        outside, names = counts.attrs.get(OUTSIDE_OF), (f"{name}_low", f"{name}_high")
        if outside in dataset and all(limit in dataset for limit in names):
            beside = dataset[outside].values[:, None]
            every = np.concatenate([counts.values.reshape(len(beside), -1), beside], axis=1)
            limits = count_interval(every, None)
            found |= {n: (counts.dims, at[:, :-1].reshape(counts.shape)) for n, at in zip(names, limits, strict=True)}
    return found


def _mean(name: str, counts: str, sets: Sequence[xr.Dataset]) -> dict[str, Any]:
    """Return a mean and its standard errors over the trajectories of all."""
    means = np.array([ds[name].values for ds in sets])
    n = np.array([np.broadcast_to(ds[counts].values, means.shape[1:]) for ds in sets], dtype=float)
    parts = [
        _pooled(n, part, np.array([ds[f"{name}{error}"].values for ds in sets]))
        for error, part in zip(ERRORS, (means.real, means.imag), strict=True)
    ]
    mean = np.empty(means.shape[1:], dtype=complex)
    mean.real, mean.imag = parts[0][0], parts[1][0]
    first = sets[0]
    return {name: first[name].copy(data=mean)} | {
        f"{name}{error}": first[f"{name}{error}"].copy(data=part[1]) for error, part in zip(ERRORS, parts, strict=True)
    }


def _pooled(n: Array, means: Array, errors: Array) -> tuple[Array, Array]:
    """Return mean and standard error of all values, from those of some groups, shape (groups, times)."""
    counted, total = n > 0, n.sum(axis=0)
    start = np.take_along_axis(means, counted.argmax(axis=0)[None], axis=0)[0]
    away = np.where(counted, means - start, 0.0)  # from the first one, as equal means then differ by nothing
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = (n * away).sum(axis=0) / total
        within = np.where(n > 1, errors**2 * n * (n - 1), 0.0)
        squares = (within + n * np.where(counted, away - shift, 0.0) ** 2).sum(axis=0)
        error = np.sqrt(np.where(total > 1, squares / (total - 1) / total, np.nan))
        return np.where(total > 0, start + shift, np.nan), error
